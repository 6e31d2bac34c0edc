import Datasets
import Figures
import Foundation
import LinearAlgebra
import TestSupport
import Testing

@Suite struct FigureTests {
  private let figure = Figure(
    name: "sample", title: "A title with _ and 'quotes'",
    panels: [
      .scatter(
        ScatterPanel(
          title: "points", xLabel: "x", yLabel: "y",
          groups: [
            .init(name: "first, of two", points: normalPoints(50, dimensions: 2, seed: 1), colour: 0, marker: .disc),
            .init(name: "second", points: normalPoints(50, dimensions: 2, seed: 2), colour: 1, marker: .triangle),
          ])),
      .lines(
        LinePanel(
          title: "curve", xLabel: "iteration", yLabel: "residual",
          curves: [.init(name: "r", x: [1, 2, 3], y: [1, 0, 1e-3])], isYLogarithmic: true)),
      .heatMap(
        HeatMapPanel(
          title: "field", xLabel: "b", yLabel: "a", scaleLabel: "mass",
          matrix: Matrix(rows: 4, columns: 6) { Double($0 + $1) },
          rowBlocks: [.init(name: "r1", range: 0..<2), .init(name: "r2", range: 2..<4)],
          columnBlocks: [.init(name: "c1", range: 0..<3), .init(name: "c2", range: 3..<6)])),
    ])

  @Test func drawsWithItsNumbersBesideItAndTheSameBytesTwice() throws {
    let (first, second) = (TemporaryFolder(), TemporaryFolder())
    let path = try FigureRenderer(folder: first.path).render(figure)
    try FigureRenderer(folder: second.path).render(figure)
    #expect(
      FileManager.default.contents(atPath: path) == FileManager.default.contents(atPath: second.path + "/sample.png"))
    for name in ["sample.gp", "sample-1.csv", "sample-2.csv", "sample-3.csv"] { #expect(first.exists(name)) }
    let image = try PixelImage(pngFile: path)
    #expect(image.width == 1920 && image.height == 600)
    // Something was drawn in each panel: more than background and axes.
    for panel in 0..<3 {
      var colours: Set<[UInt16]> = []
      for y in stride(from: 60, to: 500, by: 2) {
        for x in stride(from: panel * 640 + 100, to: panel * 640 + 560, by: 2) {
          let start = (y * image.width + x) * image.channels
          colours.insert(Array(image.samples[start..<start + 3]))
        }
      }
      #expect(colours.count > 3, "panel \(panel)")
    }
  }

  /// A picture's pixels keep their colours and their places, and a panel after it has its axes back.
  @Test func picturesKeepTheirColours() throws {
    let folder = TemporaryFolder()
    let shares = [
      Matrix(rows: 2, columns: 2, elements: [1, 0, 0, 0]), Matrix(rows: 2, columns: 2, elements: [0, 1, 0, 0.5]),
    ]
    let panels: [Panel] = [
      .image(ImagePanel(title: "categories", categories: shares)),
      .image(ImagePanel(title: "ink", ink: Matrix(rows: 2, columns: 2, elements: [0, 1, 2, 0.5]))), figure.panels[1],
    ]
    let path = try FigureRenderer(folder: folder.path).render(
      Figure(name: "pictures", title: "Pictures", panels: panels, panelSize: (400, 400)))
    let table = try String(contentsOfFile: folder.path + "/pictures-1.csv", encoding: .utf8)
    #expect(
      table.split(separator: "\n").dropFirst() == [
        "0,0,0,114,178", "1,0,230,159,0", "0,1,255,255,255", "1,1,243,207,128",
      ])
    let ink = try String(contentsOfFile: folder.path + "/pictures-2.csv", encoding: .utf8)
    #expect(ink.split(separator: "\n").dropFirst() == ["0,0,255,255,255", "1,0,0,0,0", "0,1,0,0,0", "1,1,128,128,128"])
    let image = try PixelImage(pngFile: path)
    func colour(_ x: Int, _ y: Int) -> [UInt16] {
      Array(image.samples[(y * image.width + x) * image.channels..<(y * image.width + x) * image.channels + 3])
    }
    let scale: UInt16 = image.depth == 16 ? 257 : 1
    #expect(colour(130, 150) == [0, 114, 178].map { $0 * scale })
    #expect(colour(270, 150) == [230, 159, 0].map { $0 * scale })
    #expect(ImagePanel.key(["left", "right"]) == "blue: left, orange: right")
  }

  @Test(arguments: FigureFormat.allCases)
  func drawsEveryFormat(format: FigureFormat) throws {
    let folder = TemporaryFolder()
    let path = try FigureRenderer(folder: folder.path).render(figure, format: format)
    let bytes = try #require(FileManager.default.contents(atPath: path))
    #expect(bytes.count > 1000)
  }

  /// Marks are written by their numbers in octal, which digits behind them must not join.
  @Test(arguments: ["2*0", "'100%", "\"007\"", "a`1`", "[1, 2]3", "#4!5", "x_1^2", "\\101", "*0123456789"])
  func digitsBehindMarksStay(
    text: String
  )
    throws
  {
    let folder = TemporaryFolder()
    let line = LinePanel(title: text, xLabel: text, yLabel: text, curves: [.init(name: text, x: [1, 2], y: [1, 2])])
    let path = try FigureRenderer(folder: folder.path).render(
      Figure(name: "f", title: text, panels: [.lines(line)]), format: .svg)
    let drawn = try String(contentsOfFile: path, encoding: .utf8).replacing(#/<\/?tspan[^>]*>/#, with: "")
    let shown = text.replacing("\"", with: "&quot;").replacing("'", with: "&apos;")
    let count = [text, shown].map { drawn.ranges(of: ">\($0)<").count }.max() ?? 0
    #expect(count == 5, "\(drawn.matches(of: #/<text>.*/#).map { $0.output })")
  }

  /// More curves than colours still look different, each by its colour and mark.
  @Test func twentyCurvesAreTold() throws {
    let folder = TemporaryFolder()
    let curves = (0..<20).map { LinePanel.Curve(name: "\($0)", x: [0, 1], y: [Double($0), 1]) }
    let panel = LinePanel(title: "curves", xLabel: "x", yLabel: "y", curves: curves)
    try FigureRenderer(folder: folder.path).render(Figure(name: "curves", title: "curves", panels: [.lines(panel)]))
    let script = try String(contentsOfFile: folder.path + "/curves.gp", encoding: .utf8)
    let looks = script.matches(of: #/linespoints pt (\d+) .* lc rgb '(#\w+)'/#).map { "\($0.1) \($0.2)" }
    #expect(looks.count == 20)
    #expect(Set(looks).count == 20)
  }

  /// A unit is as long on both axes where distances are looked at, even of what is nearly a line.
  @Test func thinCloudsKeepOneScale() throws {
    let folder = TemporaryFolder()
    let points = Matrix(rows: 20, columns: 2) { i, k in k == 0 ? Double(i) / 20 : 0.7 + 0.035 * Double(i % 7) / 6 }
    let panel = ScatterPanel(
      title: "thin", xLabel: "x", yLabel: "y", groups: [.init(name: "all", points: points, colour: 0, marker: .disc)])
    try FigureRenderer(folder: folder.path).render(
      Figure(name: "thin", title: "thin", panels: [.scatter(panel)], panelSize: (400, 400)))
    let script = try String(contentsOfFile: folder.path + "/thin.gp", encoding: .utf8)
    #expect(script.contains("set size ratio -1"))
    let range = try #require(script.firstMatch(of: #/set yrange \[([0-9.]+):([0-9.]+)\]/#))
    let (low, high) = (try #require(Double(range.1)), try #require(Double(range.2)))
    #expect(abs(high - low - 0.95 / 3) < 1e-9 && low < 0.7 && high > 0.735)
  }

  @Test func anUnwritableFolderIsAnError() {
    let folder = TemporaryFolder()
    folder.write("a file", to: "occupied")
    let error = #expect(throws: FigureError.self) {
      try FigureRenderer(folder: folder.path + "/occupied").render(figure)
    }
    #expect(error?.isUnwritable == true)
  }

  /// Titles, axes, names of groups and blocks far longer than there is room for: nothing may reach the edge of the
  /// picture.
  @Test func longLabelsAreNotClipped() throws {
    let long =
      """
      a label that goes on and on_with ^marks^ & \"quotes\" and \\ until there is no room left for it at all, whatever \
      the size
      """
    let points = normalPoints(30, dimensions: 2, seed: 1)
    let groups = (0..<5).map {
      ScatterPanel.Group(name: "group \($0), \(long)", points: points, colour: $0, marker: .disc)
    }
    let curves = (0..<3).map {
      LinePanel.Curve(name: "\(long) \($0)", x: [1, 2], y: [Double($0), 3], deviations: [0.1, 0.2])
    }
    let blocks = (0..<4).map {
      HeatMapPanel.Block(name: "block \($0), \(long)", range: Double(3 * $0)..<Double(3 * $0 + 3))
    }
    let panels: [Panel] = [
      .scatter(ScatterPanel(title: long, xLabel: long, yLabel: long, groups: groups)),
      .lines(LinePanel(title: long, xLabel: long, yLabel: long, curves: curves, keyTitle: long)),
      .heatMap(
        HeatMapPanel(
          title: long, xLabel: long, yLabel: long, scaleLabel: long,
          matrix: Matrix(rows: 12, columns: 12) { Double($0 * $1) * 1e-7 },
          rowBlocks: blocks, columnBlocks: blocks)),
    ]
    for (index, panel) in panels.enumerated() {
      let folder = TemporaryFolder()
      let figure = Figure(name: "long\(index)", title: "\(long) \(long)", panels: [panel])
      #expect(
        try PixelImage(pngFile: try FigureRenderer(folder: folder.path).render(figure)).borderIsWhite, "panel \(index)")
    }
    let folder = TemporaryFolder()
    let all = Figure(name: "all", title: long, panels: panels)
    let path = try FigureRenderer(folder: folder.path).render(all)
    #expect(try PixelImage(pngFile: path).borderIsWhite)
  }
}
