import Foundation
import LinearAlgebra

/// A figure as a gnuplot script with the tables of numbers that it draws.
struct Script {
  /// The script without the lines that set its terminal and output.
  private(set) var text: String
  /// The tables, one for each panel, with file name and comma-separated content.
  private(set) var tables: [(name: String, content: String)] = []
  /// The size of a panel in pixels.
  private let (width, height): (Double, Double)

  init(_ figure: Figure) {
    (width, height) = (Double(figure.panelSize.width), Double(figure.panelSize.height))
    text = HouseStyle.preamble
    let title = Label.wrapped(figure.title, pixels: width * Double(figure.columns) - 40, size: .title)
    text +=
      "set multiplot layout \(figure.rows),\(figure.columns) title \(Label.quoted(title)) font ',15' offset 0,-0.3\n"
    for (index, panel) in figure.panels.enumerated() {
      let table = figure.panels.count == 1 ? "\(figure.name).csv" : "\(figure.name)-\(index + 1).csv"
      text += Self.reset
      switch panel {
      case .scatter(let panel): draw(panel, table: table)
      case .lines(let panel): draw(panel, table: table)
      case .heatMap(let panel): draw(panel, table: table)
      case .image(let panel): draw(panel, table: table)
      case .cloud(let panel): draw(panel, table: table)
      }
    }
    text += "\nunset multiplot\n"
  }

  /// The commands that undo the settings of the previous panel.
  private static let reset = """

    unset logscale
    unset arrow
    unset offsets
    set autoscale
    set size noratio
    set format '%g'
    set xtics autofreq scale 1 norotate
    set ytics autofreq scale 1
    set tics nomirror out
    set grid lc rgb '#dddddd' lw 1
    set key default
    set key samplen 1.5
    set border 31
    set bmargin -1
    set rmargin -1
    set colorbox

    """

  /// Writes the title and axis labels; `room` is the part of the panel's width that they may take.
  private mutating func labels(_ title: String, _ x: String, _ y: String, room: Double = 0.75) {
    text += "set title \(Label.quoted(Label.wrapped(title, pixels: room * width)))\n"
    text += "set xlabel \(Label.quoted(Label.wrapped(x, pixels: room * width)))\n"
    text += "set ylabel \(Label.quoted(Label.cut(y, pixels: 0.65 * height)))\n"
  }

  private mutating func draw(_ panel: ScatterPanel, table: String) {
    labels(panel.title, panel.xLabel, panel.yLabel)
    // As many columns of names below the plot as fit.
    let longest = panel.groups.map(\.name.count).max() ?? 0
    let columns = max(1, min(4, Int((width - 20) / (Double(longest) * Label.Size.plain.rawValue + 45))))
    let rows = (panel.groups.count + columns - 1) / columns
    text += "set offsets graph 0.03, graph 0.03, graph 0.03, graph 0.03\nset autoscale fix\n"
    text += "set bmargin \(4.5 + 1.2 * Double(rows))\n"
    text += "set key at graph 0.5, screen 0.005 center bottom horizontal maxcols \(columns)\n"
    if panel.hasOneScale { text += Self.oneScale(panel) }
    let file = Label.quotedName(table)
    let curves = panel.groups.enumerated().map { index, group in
      """
      \(file) skip 1 using ($3 == \(index + 1) ? $1 : NaN):2 with points pt \(group.marker.pointType) ps 0.8 lw 1.2 \
      lc rgb '\(HouseStyle.color(group.colour))' title \(Label.quoted(Label.cut(group.name, pixels: width - 160)))
      """
    }
    text += "plot " + curves.joined(separator: ", \\\n  ") + "\n"
    var content = "x,y,group,name\n"
    for (index, group) in panel.groups.enumerated() {
      let name = Label.field(group.name)
      for i in 0..<group.points.rows {
        content += "\(group.points[i, 0]),\(group.points[i, 1]),\(index + 1),\(name)\n"
      }
    }
    tables.append((table, content))
  }

  /// Returns the commands for the same scale on both axes.
  ///
  /// A long thin set of points still gets a plot of a third of its length. gnuplot's own ticks would overlap on the
  /// shorter axis.
  private static func oneScale(_ panel: ScatterPanel) -> String {
    let ranges = (0..<2).compactMap { axis -> (low: Double, high: Double)? in
      let values = panel.groups.flatMap { group in (0..<group.points.rows).map { group.points[$0, axis] } }.filter(
        \.isFinite)
      return values.min().flatMap { low in values.max().map { (low, $0) } }
    }
    let spans = ranges.map { $0.high - $0.low }
    guard let least = spans.min(), let most = spans.max(), most > 0 else { return "" }
    let step = tickStep(max(least, most / 2.4))
    var text = "set size ratio -1\nset xtics \(step)\nset ytics \(step)\n"
    for (axis, range) in zip(["x", "y"], ranges) where range.high - range.low < most / 3 {
      let middle = (range.low + range.high) / 2
      text += "set \(axis)range [\(middle - most / 6):\(middle + most / 6)]\n"
    }
    return text
  }

  /// Returns 1, 2, or 5 times a power of ten such that a span has three to six ticks.
  private static func tickStep(_ span: Double) -> Double {
    let rough = span / 5
    let power = pow(10, log10(rough).rounded(.down))
    return (([1, 2, 5].first { $0 * power >= rough }) ?? 10) * power
  }

  private mutating func draw(_ panel: LinePanel, table: String) {
    // A single curve is named by the title and the axis; several curves have a legend.
    let isNamed = panel.curves.count > 1 || panel.keyTitle != nil
    labels(panel.title, panel.xLabel, panel.yLabel, room: isNamed ? 0.55 : 0.75)
    // Error bars that reach down to zero would stretch a logarithmic axis without end; they are cut.
    let floor = (panel.curves.flatMap(\.y).filter { $0 > 0 }.min() ?? 0) / 3
    let x = panel.curves.flatMap(\.x)
    let y = panel.curves.flatMap { curve in
      zip(curve.y, curve.deviations ?? curve.y.map { _ in 0 }).flatMap { [max($0 - $1, floor), $0, $0 + $1] }
    }
    // If no value is negative, the axis does not go below zero, however long the error bars are.
    let reachesBelow = panel.curves.contains { zip($0.y, $0.deviations ?? []).contains { $0 < $1 } }
    if !panel.isYLogarithmic, reachesBelow, panel.curves.allSatisfy({ $0.y.allSatisfy { $0 >= 0 } }) {
      text += "set yrange [0:*]\n"
    }
    if panel.isXLogarithmic { text += Self.logarithmic("x", x) }
    if panel.isYLogarithmic { text += Self.logarithmic("y", y) }
    // Overlapping error bars are shifted sideways a little; the numbers stay as they are.
    let hasBars = panel.curves.count > 1 && panel.curves.contains { $0.deviations != nil }
    let step = hasBars ? 0.01 * ((x.max() ?? 0) - (x.min() ?? 0)) : 0
    let file = Label.quotedName(table)
    let curves = panel.curves.enumerated().flatMap { index, curve in
      let style = "lc rgb '\(HouseStyle.color(index))'"
      let shift = Double(index) - Double(panel.curves.count - 1) / 2
      let place = !hasBars ? "$1" : panel.isXLogarithmic ? "$1 * \(pow(1.02, shift))" : "$1 + \(shift * step)"
      let points = "\(file) skip 1 using ($3 == \(index + 1) ? \(place) : NaN):2"
      let line =
        """
        \(points) with linespoints pt \(HouseStyle.pointType(index)) ps 0.7 lw 2 \(style) title \
        \(Label.quoted(Label.cut(curve.name, pixels: 0.3 * width)))
        """
      return curve.deviations == nil ? [line] : ["\(points):4 with yerrorbars pt 0 lw 1 \(style) notitle", line]
    }
    let title = panel.keyTitle.map { " title \(Label.quoted(Label.cut($0, pixels: 0.3 * width)))" } ?? ""
    text += isNamed ? "set key outside right top\(title)\n" : "unset key\n"
    text += "plot " + curves.joined(separator: ", \\\n  ") + "\n"
    var content = "x,y,curve,deviation,name\n"
    for (index, curve) in panel.curves.enumerated() {
      let name = Label.field(curve.name)
      for (position, (x, y)) in zip(curve.x, curve.y).enumerated() {
        guard !panel.isYLogarithmic || y > 0, !panel.isXLogarithmic || x > 0 else { continue }
        content += "\(x),\(y),\(index + 1),\(curve.deviations?[position] ?? 0),\(name)\n"
      }
    }
    tables.append((table, content))
  }

  /// Returns a logarithmic axis with ticks at powers of ten, or at finer steps if there would be fewer than three.
  private static func logarithmic(_ axis: String, _ values: [Double]) -> String {
    var commands = "set logscale \(axis)\n"
    let positive = values.filter { $0 > 0 && $0.isFinite }
    guard let low = positive.min(), let high = positive.max(), high < 100 * low else {
      let range = positive.min().flatMap { low in positive.max().map { "[\(low / 1.3):\($0 * 1.3)]" } } ?? "[*:*]"
      return commands + "set \(axis)range \(range)\nset format \(axis) '10^{%T}'\n"
    }
    // Leave a margin, so that no point lies on the frame.
    let (first, last) = (low / 1.15, high * 1.15)
    let decades = Int(log10(first).rounded(.down))...Int(log10(last).rounded(.up))
    let steps: [[Double]] = [[1, 2, 5], (1...9).map(Double.init), (10...99).map { Double($0) / 10 }]
    let ticks = steps.map { step in
      decades.flatMap { decade in step.map { $0 * pow(10, Double(decade)) } }.filter { $0 >= first && $0 <= last }
    }
    commands += "set \(axis)range [\(first):\(last)]\n"
    let marks = (ticks.first { $0.count >= 3 } ?? ticks[2]).map { "'\(String(format: "%g", $0))' \($0)" }
    return commands + "set \(axis)tics (\(marks.joined(separator: ", ")))\n"
  }

  private mutating func draw(_ panel: HeatMapPanel, table: String) {
    let (rows, columns) = (panel.matrix.rows, panel.matrix.columns)
    labels(panel.title, panel.xLabel, panel.yLabel)
    text += """
      unset key
      unset grid
      set size ratio \(Double(rows) / Double(columns))
      set xrange [-0.5:\(Double(columns) - 0.5)]
      set yrange [\(Double(rows) - 0.5):-0.5]
      set cblabel \(Label.quoted(Label.cut(panel.scaleLabel, pixels: 0.65 * height)))
      set rmargin 9
      set format cb "%.3g"

      """
    text += ticks("x", panel.columnBlocks) + ticks("y", panel.rowBlocks)
    for block in panel.columnBlocks.dropFirst() {
      let x = block.range.lowerBound - 0.5
      text += "set arrow from \(x),-0.5 to \(x),\(Double(rows) - 0.5) nohead front lc rgb '#ffffff' lw 1\n"
    }
    for block in panel.rowBlocks.dropFirst() {
      let y = block.range.lowerBound - 0.5
      text += "set arrow from -0.5,\(y) to \(Double(columns) - 0.5),\(y) nohead front lc rgb '#ffffff' lw 1\n"
    }
    text += "plot \(Label.quotedName(table)) matrix using 1:2:3 with image notitle\n"
    var content = ""
    for i in 0..<rows { content += panel.matrix[row: i].map { "\($0)" }.joined(separator: ",") + "\n" }
    tables.append((table, content))
  }

  private mutating func draw(_ panel: ImagePanel, table: String) {
    let (red, green, blue) = panel.channels
    labels(panel.title, "", "")
    text += """
      unset key
      unset grid
      unset xtics
      unset ytics
      set size ratio \(Double(red.rows) / Double(red.columns))
      set xrange [-0.5:\(Double(red.columns) - 0.5)]
      set yrange [\(Double(red.rows) - 0.5):-0.5]
      plot \(Label.quotedName(table)) skip 1 using 1:2:3:4:5 with rgbimage notitle

      """
    var content = "column,row,red,green,blue\n"
    for i in 0..<red.rows {
      for j in 0..<red.columns {
        let bytes = [red, green, blue].map { "\(Int((min(max($0[i, j], 0), 1) * 255).rounded()))" }
        content += "\(j),\(i),\(bytes.joined(separator: ","))\n"
      }
    }
    tables.append((table, content))
  }

  private mutating func draw(_ panel: CloudPanel, table: String) {
    labels(panel.title, "", "")
    text += "unset key\nunset colorbox\nunset border\nunset grid\nunset tics\n"
    let file = Label.quotedName(table)
    let isSolid = panel.points.columns == 3
    // Large numbers of points are drawn smaller, so that they do not cover each other.
    let size = String(format: "%.2f", min(1, max(0.3, 18 / Double(max(panel.points.rows, 1)).squareRoot())))
    let style = "with points pt 7 ps \(size) palette"
    text +=
      isSolid
      ? "set view equal xyz\nset view 68,28,1.25\nset xyplane relative 0\nset zlabel ''\n"
        + "splot \(file) skip 1 using 1:2:3:4 \(style)\n"
      : "set size ratio -1\nset offsets graph 0.05, graph 0.05, graph 0.05, graph 0.05\n"
        + "plot \(file) skip 1 using 1:2:3 \(style)\n"
    var content = isSolid ? "x,y,z,value\n" : "x,y,value\n"
    for row in 0..<panel.points.rows {
      content += (panel.points[row: row] + [panel.values[row]]).map { "\($0)" }.joined(separator: ",") + "\n"
    }
    tables.append((table, content))
  }

  private func ticks(_ axis: String, _ blocks: [HeatMapPanel.Block]) -> String {
    guard !blocks.isEmpty else { return "" }
    let names = blocks.map { Label.cut($0.name, pixels: 0.25 * width) }
    let marks = zip(names, blocks).map {
      "\(Label.quotedFormat($0)) \(($1.range.lowerBound + $1.range.upperBound) / 2 - 0.5)"
    }
    // Names that would run into each other are rotated.
    let isCrowded =
      axis == "x" && names.map { Double($0.count) * Label.Size.plain.rawValue + 10 }.reduce(0, +) > 0.5 * width
    return "set \(axis)tics (\(marks.joined(separator: ", "))) scale 0\(isCrowded ? " rotate by 30 right" : "")\n"
  }
}
