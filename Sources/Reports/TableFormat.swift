import Documents

/// The forms in which a table can be written.
public enum TableFormat: String, Sendable, CaseIterable {
  /// Aligned columns for a terminal.
  case text
  case markdown
  /// With the booktabs rules.
  case latex
  /// In full precision: means and standard deviations in columns of their own, and whether each row has converged.
  case csv
  /// As csv, with titles and notes.
  case json

  /// How files in this form end.
  public var fileEnding: String {
    switch self {
    case .text: "txt"
    case .markdown: "md"
    case .latex: "tex"
    case .csv: "csv"
    case .json: "json"
    }
  }

  public func render(_ table: Table) -> String {
    switch self {
    case .text: Self.text(table)
    case .markdown: Self.markdown(table)
    case .latex: Self.latex(table)
    case .csv: Self.csv(table)
    case .json: Self.json(table)
    }
  }

  /// Several tables one below the other, with an empty line between; as JSON they are one list.
  public func render(_ tables: [Table]) -> String {
    if self != .json || tables.count == 1 { return tables.map(render).joined(separator: "\n") }
    return Value.array(tables.map(Self.value(of:))).json(indented: true) + "\n"
  }

  private static func text(_ table: Table) -> String {
    let rows = table.rows.map { $0.map(\.text) }
    let widths = table.columns.indices.map { column in
      ([table.columns[column].title] + rows.map { $0[column] }).map(width).max() ?? 0
    }
    func line(_ cells: [String]) -> String {
      let padded = cells.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - width(cells[column]))
        return table.columns[column].isNumeric ? space + cells[column] : cells[column] + space
      }
      var text = padded.joined(separator: "  ")
      while text.last == " " { text.removeLast() }
      return text + "\n"
    }
    let rule = String(repeating: "─", count: widths.reduce(0, +) + 2 * max(0, widths.count - 1)) + "\n"
    return table.title + "\n" + rule + line(table.columns.map(\.title)) + rule + rows.map(line).joined() + rule
      + table.notes.map { $0 + "\n" }.joined()
  }

  /// Characters; counted as bytes where each is one, which is much faster.
  private static func width(_ text: String) -> Int { text.utf8.allSatisfy { $0 < 0x80 } ? text.utf8.count : text.count }

  private static func markdown(_ table: Table) -> String {
    func line(_ cells: [String]) -> String { "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n" }
    let rule = "|" + table.columns.map { $0.isNumeric ? " ---: |" : " --- |" }.joined() + "\n"
    return "**\(table.title)**\n\n" + line(table.columns.map(\.title)) + rule + table.rows.map { line($0.map(\.text)) }.joined()
      + table.notes.map { "\n\($0)\n" }.joined()
  }

  private static func latex(_ table: Table) -> String {
    func line(_ cells: [String]) -> String { cells.map(latexText).joined(separator: " & ") + " \\\\\n" }
    let alignment = table.columns.map { $0.isNumeric ? "r" : "l" }.joined()
    let notes = table.notes.map { "\\\\[2pt]\n\\footnotesize \(latexText($0))\n" }.joined()
    return "% \(table.title); needs \\usepackage{booktabs}\n\\begin{tabular}{\(alignment)}\n\\toprule\n" + line(table.columns.map(\.title))
      + "\\midrule\n" + table.rows.map { line($0.map(\.text)) }.joined() + "\\bottomrule\n\\end{tabular}\n" + notes
  }

  private static func latexText(_ text: String) -> String {
    let special: [Character: String] = [
      "\\": "\\textbackslash{}", "&": "\\&", "%": "\\%", "$": "\\$", "#": "\\#", "_": "\\_", "{": "\\{", "}": "\\}",
      "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "−": "$-$", "–": "--", "λ": "$\\lambda$", "ε": "$\\varepsilon$",
      "ρ": "$\\rho$", "α": "$\\alpha$", "δ": "$\\delta$", "κ": "$\\kappa$", "σ": "$\\sigma$", "μ": "$\\mu$", "π": "$\\pi$",
      "√": "$\\surd$", "²": "$^2$", "·": "$\\cdot$", "×": "$\\times$", "≤": "$\\le$", "≥": "$\\ge$", "‖": "$\\|$", "|": "$|$", "<": "$<$",
      ">": "$>$",
      "→": "$\\rightarrow$", "½": "$\\frac12$", "±": "$\\pm$", "†": "$^\\dagger$", "∞": "$\\infty$",
    ]
    return text.map { special[$0] ?? String($0) }.joined()
  }

  /// Columns for programs: a standard deviation follows its mean, and `converged` comes last.
  private static func columns(_ table: Table) -> (titles: [String], rows: [[Value]]) {
    let spread = table.columns.indices.filter { column in table.rows.contains { $0[column].deviation != nil } }
    var titles = table.columns.enumerated().flatMap { spread.contains($0) ? [$1.fullTitle, "\($1.fullTitle) sd"] : [$1.fullTitle] }
    var rows = table.rows.map { row in
      row.enumerated().flatMap { column, cell in
        spread.contains(column) ? [cell.value, cell.deviation.map(Value.number) ?? .null] : [cell.value]
      }
    }
    if let converged = table.converged {
      titles.append("converged")
      rows = zip(rows, converged).map { $0 + [.bool($1)] }
    }
    return (titles, rows)
  }

  private static func csv(_ table: Table) -> String {
    let (titles, rows) = columns(table)
    let lines = [titles] + rows.map { $0.map { $0 == .null ? "" : $0.text } }
    return lines.map { $0.map(csvField).joined(separator: ",") + "\n" }.joined()
  }

  private static func csvField(_ text: String) -> String {
    text.contains { ",\"\n\r".contains($0) } ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
  }

  private static func json(_ table: Table) -> String { value(of: table).json(indented: true) + "\n" }

  private static func value(of table: Table) -> Value {
    let (titles, rows) = columns(table)
    return [
      "name": .string(table.name), "title": .string(table.title), "columns": .array(titles.map(Value.string)),
      "rows": .array(rows.map(Value.array)), "notes": .array(table.notes.map(Value.string)),
    ]
  }
}
