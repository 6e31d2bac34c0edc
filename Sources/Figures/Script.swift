import LinearAlgebra

/// A figure as a gnuplot script and the tables of numbers that it draws.
struct Script {
  /// The script without its terminal and output lines.
  private(set) var text: String
  /// One file a panel: name and comma-separated content.
  private(set) var tables: [(name: String, content: String)] = []

  init(_ figure: Figure) {
    text = HouseStyle.preamble
    text += "set multiplot layout 1,\(figure.panels.count) title \(HouseStyle.quoted(figure.title)) font ',15' offset 0,-0.3\n"
    for (index, panel) in figure.panels.enumerated() {
      let table = figure.panels.count == 1 ? "\(figure.name).csv" : "\(figure.name)-\(index + 1).csv"
      text += Self.reset
      switch panel {
      case .scatter(let panel): draw(panel, table: table)
      case .lines(let panel): draw(panel, table: table)
      case .heatMap(let panel): draw(panel, table: table)
      }
    }
    text += "\nunset multiplot\n"
  }

  /// Undoes what the panel before has set, so that panels do not depend on their order.
  private static let reset = """

    unset logscale
    unset arrow
    unset offsets
    set autoscale
    set size noratio
    set format '%g'
    set xtics autofreq scale 1
    set ytics autofreq scale 1
    set tics nomirror out
    set grid lc rgb '#dddddd' lw 1
    set key default
    set key samplen 1.5
    set bmargin -1

    """

  private mutating func labels(_ title: String, _ x: String, _ y: String) {
    text += "set title \(HouseStyle.quoted(title))\nset xlabel \(HouseStyle.quoted(x))\nset ylabel \(HouseStyle.quoted(y))\n"
  }

  private mutating func draw(_ panel: ScatterPanel, table: String) {
    labels(panel.title, panel.xLabel, panel.yLabel)
    text +=
      "set offsets graph 0.03, graph 0.03, graph 0.03, graph 0.03\nset size ratio -1\nset bmargin \(4.5 + 1.2 * Double((panel.groups.count + 2) / 3))\nset key at graph 0.5, screen 0.005 center bottom horizontal maxcols 4\n"
    let curves = panel.groups.enumerated().map { index, group in
      """
      '\(table)' skip 1 using ($3 == \(index + 1) ? $1 : NaN):2 with points pt \(group.marker.pointType) ps 0.8 lw 1.2 \
      lc rgb '\(HouseStyle.colour(group.colour))' title \(HouseStyle.quoted(group.name))
      """
    }
    text += "plot " + curves.joined(separator: ", \\\n  ") + "\n"
    var content = "x,y,group,name\n"
    for (index, group) in panel.groups.enumerated() {
      for i in 0..<group.points.rows {
        content += "\(group.points[i, 0]),\(group.points[i, 1]),\(index + 1),\(csvField(group.name))\n"
      }
    }
    tables.append((table, content))
  }

  private mutating func draw(_ panel: LinePanel, table: String) {
    labels(panel.title, panel.xLabel, panel.yLabel)
    if panel.isLogarithmic { text += "set logscale y\nset format y '10^{%T}'\n" }
    let curves = panel.curves.enumerated().map { index, curve in
      """
      '\(table)' skip 1 using ($3 == \(index + 1) ? $1 : NaN):2 with linespoints pt 7 ps 0.5 lw 2 \
      lc rgb '\(HouseStyle.colour(index))' title \(HouseStyle.quoted(curve.name))
      """
    }
    // One curve is named by the panel's title and axis.
    text += panel.curves.count == 1 ? "unset key\n" : "set key top right\n"
    text += "plot " + curves.joined(separator: ", \\\n  ") + "\n"
    var content = "x,y,curve,name\n"
    for (index, curve) in panel.curves.enumerated() {
      for (x, y) in zip(curve.x, curve.y) where !panel.isLogarithmic || y > 0 {
        content += "\(x),\(y),\(index + 1),\(csvField(curve.name))\n"
      }
    }
    tables.append((table, content))
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
      set cblabel \(HouseStyle.quoted(panel.scaleLabel))

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
    text += "plot '\(table)' matrix using 1:2:3 with image notitle\n"
    var content = ""
    for i in 0..<rows { content += panel.matrix[row: i].map { "\($0)" }.joined(separator: ",") + "\n" }
    tables.append((table, content))
  }

  private func ticks(_ axis: String, _ blocks: [HeatMapPanel.Block]) -> String {
    guard !blocks.isEmpty else { return "" }
    let marks = blocks.map { "\(HouseStyle.quoted($0.name)) \(($0.range.lowerBound + $0.range.upperBound) / 2 - 0.5)" }
    return "set \(axis)tics (\(marks.joined(separator: ", "))) scale 0\n"
  }

  private func csvField(_ text: String) -> String {
    text.contains { ",\"\n".contains($0) } ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
  }
}
