import Documents

/// The forms in which a table can be written.
public enum TableFormat: String, Sendable, CaseIterable {
  /// Aligned columns for a terminal.
  case text
  case markdown
  /// With the booktabs rules.
  case latex
  case csv
  case json

  public func render(_ table: Table) -> String {
    switch self {
    case .text: Self.text(table)
    case .markdown: Self.markdown(table)
    case .latex: Self.latex(table)
    case .csv:
      ([table.columns.map(\.title)] + table.rows).map { $0.map(Self.csvField).joined(separator: ",") + "\n" }.joined()
    case .json: Self.json(table)
    }
  }

  private static func text(_ table: Table) -> String {
    let widths = table.columns.indices.map { column in
      ([table.columns[column].title] + table.rows.map { $0[column] }).map(\.count).max() ?? 0
    }
    func line(_ cells: [String]) -> String {
      let padded = cells.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - cells[column].count)
        return table.columns[column].isNumeric ? space + cells[column] : cells[column] + space
      }
      return padded.joined(separator: "  ").replacing(#/ +$/#, with: "") + "\n"
    }
    let rule = String(repeating: "─", count: widths.reduce(0, +) + 2 * max(0, widths.count - 1)) + "\n"
    return table.title + "\n" + rule + line(table.columns.map(\.title)) + rule + table.rows.map(line).joined() + rule
  }

  private static func markdown(_ table: Table) -> String {
    func line(_ cells: [String]) -> String { "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n" }
    let rule = "|" + table.columns.map { $0.isNumeric ? " ---: |" : " --- |" }.joined() + "\n"
    return "**\(table.title)**\n\n" + line(table.columns.map(\.title)) + rule + table.rows.map(line).joined()
  }

  private static func latex(_ table: Table) -> String {
    func line(_ cells: [String]) -> String { cells.map(latexText).joined(separator: " & ") + " \\\\\n" }
    let alignment = table.columns.map { $0.isNumeric ? "r" : "l" }.joined()
    return "% \(table.title)\n\\begin{tabular}{\(alignment)}\n\\toprule\n" + line(table.columns.map(\.title)) + "\\midrule\n"
      + table.rows.map(line).joined() + "\\bottomrule\n\\end{tabular}\n"
  }

  private static func latexText(_ text: String) -> String {
    let special: [Character: String] = [
      "\\": "\\textbackslash{}", "&": "\\&", "%": "\\%", "$": "\\$", "#": "\\#", "_": "\\_", "{": "\\{", "}": "\\}",
      "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "−": "$-$", "–": "--", "λ": "$\\lambda$", "ε": "$\\varepsilon$",
      "→": "$\\rightarrow$", "½": "$\\frac12$",
    ]
    return text.map { special[$0] ?? String($0) }.joined()
  }

  private static func csvField(_ text: String) -> String {
    text.contains { ",\"\n\r".contains($0) } ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
  }

  private static func json(_ table: Table) -> String {
    let titles = table.columns.map(\.title)
    let rows = table.rows.map { Value.array($0.map(Value.string)) }
    let value: Value = [
      "name": .string(table.name), "title": .string(table.title), "columns": .array(titles.map(Value.string)), "rows": .array(rows),
    ]
    return value.json(indented: true) + "\n"
  }
}
