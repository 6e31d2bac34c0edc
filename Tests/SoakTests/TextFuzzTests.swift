import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import Figures

/// Texts in pictures are texts: gnuplot draws them as they are, carries out nothing, and reads the same script whatever
/// they say.
@Suite struct TextFuzzTests {
  @Test func textsInPicturesAreInert() throws {
    let started = Date()
    let count = Soak.count(3000, sample: 24)
    for number in 0..<count {
      let folder = TemporaryFolder()
      let canary = folder.path + "/canary"
      var source = OddText(seed: number)
      let texts = (0..<9).map { _ in source.next(canary: canary) }
      let drawing = Figure(name: "f", title: texts[0], panels: panels(texts))
      let path = try FigureRenderer(folder: folder.path).render(drawing, format: .svg)
      #expect(!folder.exists("canary"), "\(texts)")
      let others = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
        !$0.hasPrefix("f.") && !$0.hasPrefix("f-")
      }
      #expect(others.isEmpty, "\(others), \(texts)")
      // The same script as of plain texts of the same lengths, but for what stands between quotes.
      #expect(
        skeleton(Script(drawing).text)
          == skeleton(Script(Figure(name: "f", title: plain(texts[0]), panels: panels(texts.map(plain)))).text)
      )
      let drawn = try String(contentsOfFile: path, encoding: .utf8)
      let shown = letters(
        drawn.matches(of: #/<text[^>]*>(.*?)<\/text>/#.dotMatchesNewlines().matchingSemantics(.unicodeScalar)).map {
          String($0.1)
        }.joined()
      )
      let title = Label.wrapped(texts[0], pixels: 3 * 640 - 40, size: .title)
      for line in title.split(separator: "\n").map({ letters(escaped(String($0))) }) where !line.isEmpty {
        #expect(Data(shown.utf8).range(of: Data(line.utf8)) != nil, "\(texts[0].debugDescription)")
      }
    }
    Soak.report(
      "text", "texts in pictures, by gnuplot", cases: 9 * count,
      outcome: "nothing was carried out, each script the same", since: started)
  }

  private func panels(_ texts: [String]) -> [Panel] {
    let points = Matrix(rows: 2, columns: 2) { Double($0 + 2 * $1) }
    return [
      .scatter(
        ScatterPanel(
          title: texts[1], xLabel: texts[2], yLabel: texts[3],
          groups: [
            .init(name: texts[4], points: points, colour: 0, marker: .disc),
            .init(name: texts[5], points: points, colour: 1, marker: .cross),
          ])),
      .lines(
        LinePanel(
          title: texts[2], xLabel: texts[3], yLabel: texts[4],
          curves: [5, 6].map { .init(name: texts[$0], x: [1, 2], y: [1, 2], deviations: [0.1, 0.2]) },
          keyTitle: texts[7])),
      .heatMap(
        HeatMapPanel(
          title: texts[3], xLabel: texts[4], yLabel: texts[5], scaleLabel: texts[6], matrix: points,
          rowBlocks: [.init(name: texts[7], range: 0..<2)], columnBlocks: [.init(name: texts[8], range: 0..<2)])),
    ]
  }

  /// As many characters that mean nothing, at the same places.
  private func plain(_ text: String) -> String { String(Label.plain(text).map { $0 == " " || $0 == "\n" ? $0 : "x" }) }

  /// By scalars, as gnuplot reads it: a mark may join with a quote to one character.
  private func skeleton(_ script: String) -> String {
    script.replacing(#/"(?:[^"\\\n]|\\[^\n])*"/#.matchingSemantics(.unicodeScalar), with: "\"\"")
  }

  private func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
  }

  /// Without the tags of a picture, and without spaces, at which lines are broken.
  private func letters(_ text: String) -> String {
    String(
      text.replacing(#/<[^>]*>/#.matchingSemantics(.unicodeScalar), with: "").unicodeScalars.filter {
        !$0.properties.isWhitespace
      }.map(
        Character.init))
  }
}
