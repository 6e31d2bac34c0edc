import Documents
import Support

/// The formats in which a table can be written.
public enum TableFormat: String, Sendable, CaseIterable {
  /// Aligned columns for a terminal.
  case text
  /// A Markdown table.
  case markdown
  /// A LaTeX table with booktabs rules.
  case latex
  /// Values in full precision, with means and standard deviations in separate columns and a column `converged`.
  case csv
  /// The columns of the CSV format as JSON, together with titles and notes.
  case json

  /// The file extension of the format.
  public var fileEnding: String {
    switch self {
    case .text: "txt"
    case .markdown: "md"
    case .latex: "tex"
    case .csv: "csv"
    case .json: "json"
    }
  }

  /// Renders a table, or throws `TableError` if LaTeX cannot print one of its texts.
  public func render(_ table: Table) throws(TableError) -> String {
    switch self {
    case .text: Self.text(table)
    case .markdown: Self.markdown(table)
    case .latex: try Self.latex(table)
    case .csv: Self.csv(table)
    case .json: Self.json(table)
    }
  }

  /// Renders several tables separated by empty lines; in JSON they form a list.
  public func render(_ tables: [Table]) throws(TableError) -> String {
    if self != .json || tables.count == 1 {
      var texts: [String] = []
      for table in tables { texts.append(try render(table)) }
      return texts.joined(separator: "\n")
    }
    return Value.array(tables.map(Self.value(of:))).json(indented: true) + "\n"
  }

  private static func text(_ table: Table) -> String {
    let rows = table.rows.map { $0.map { oneLine($0.text) } }
    let titles = table.columns.map { oneLine($0.title) }
    let widths = table.columns.indices.map { column in
      ([titles[column]] + rows.map { $0[column] }).map(width).max() ?? 0
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
    return table.title + "\n" + rule + line(titles) + rule + rows.map(line).joined() + rule
      + table.notes.map { $0 + "\n" }.joined()
  }

  /// Returns the number of characters; counting bytes is much faster where it gives the same.
  private static func width(_ text: String) -> Int { text.utf8.allSatisfy { $0 < 0x80 } ? text.utf8.count : text.count }

  private static func markdown(_ table: Table) -> String {
    func line(_ cells: [String]) -> String {
      "| " + cells.map { replacing("|", in: markdownText($0), by: "\\|") }.joined(separator: " | ") + " |\n"
    }
    let rule = "|" + table.columns.map { $0.isNumeric ? " ---: |" : " --- |" }.joined() + "\n"
    return "**\(markdownText(table.title))**\n\n" + line(table.columns.map(\.title)) + rule
      + table.rows.map { line($0.map(\.text)) }.joined()
      + table.notes.map { "\n\(markdownText($0))\n" }.joined()
  }

  /// Returns a text on one line with all Markdown markup escaped.
  private static func markdownText(_ text: String) -> String {
    let plain = oneLine(text)
    // Most texts have no such characters.
    guard plain.utf8.contains(where: { "\\<]*`_~&".utf8.contains($0) }) else { return plain }
    let marks = #/[\\*`~]|\]\(|<(?=[A-Za-z\/!?])|&(?=#?[0-9A-Za-z]+;)/#
    let marked = plain.replacing(marks.matchingSemantics(.unicodeScalar)) {
      $0.output == "](" ? "]\\(" : "\\" + $0.output
    }
    return underscoresMarked(marked)
  }

  /// Escapes underscores, except those inside words.
  private static func underscoresMarked(_ text: String) -> String {
    let scalars = Array(text.unicodeScalars)
    func isWord(_ place: Int) -> Bool {
      guard scalars.indices.contains(place) else { return false }
      return scalars[place].properties.isAlphabetic || scalars[place].properties.numericType != nil
    }
    var result = String.UnicodeScalarView()
    for (place, scalar) in scalars.enumerated() {
      if scalar == "_", !isWord(place - 1) || !isWord(place + 1) { result.append("\\") }
      result.append(scalar)
    }
    return String(result)
  }

  private static func latex(_ table: Table) throws(TableError) -> String {
    func text(_ text: String) throws(TableError) -> String {
      do { return try LaTeXText.of(text) } catch { throw .noLaTeX(error.character, in: text, of: table) }
    }
    func line(_ cells: [String]) throws(TableError) -> String {
      var forms: [String] = []
      for cell in cells { forms.append(try text(cell)) }
      // After the end of a row or a rule these characters would be taken as an option or a star.
      let start = forms.first?.unicodeScalars.first { $0 != " " }.map("[*".unicodeScalars.contains) == true ? "{}" : ""
      return start + forms.joined(separator: " & ") + " \\\\\n"
    }
    let alignment = table.columns.map { $0.isNumeric ? "r" : "l" }.joined()
    var (rows, notes) = ("", "")
    for row in table.rows { rows += try line(row.map(\.text)) }
    for note in table.notes { notes += "\\\\[2pt]\n\\footnotesize \(try text(note))\n" }
    return "% \(oneLine(table.title)); needs \\usepackage{booktabs}\n\\begin{tabular}{\(alignment)}\n\\toprule\n"
      + (try line(table.columns.map(\.title))) + "\\midrule\n" + rows + "\\bottomrule\n\\end{tabular}\n" + notes
  }

  /// Replaces a character even if combining marks follow it, which Swift would take as a different character.
  private static func replacing(_ character: Unicode.Scalar, in text: String, by other: String) -> String {
    guard text.unicodeScalars.contains(character) else { return text }
    return text.unicodeScalars.reduce(into: "") { $0 += $1 == character ? other : String($1) }
  }

  /// Returns a text with all kinds of line ends replaced by spaces.
  private static func oneLine(_ text: String) -> String {
    // Most texts are plain.
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
    return text.contains(where: \.isNewline) ? text.split(whereSeparator: \.isNewline).joined(separator: " ") : text
  }

  /// Returns the columns for programs: a standard deviation follows its mean, and `converged` comes last.
  private static func columns(_ table: Table) -> (titles: [String], rows: [[Value]]) {
    let spread = table.columns.indices.filter { column in table.rows.contains { $0[column].deviation != nil } }
    var titles = table.columns.enumerated().flatMap {
      spread.contains($0) ? [$1.fullTitle, "\($1.fullTitle) sd"] : [$1.fullTitle]
    }
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
    let lines = [titles.map { quoted($0.guardedFromFormulas) }] + rows.map { $0.map(csvField) }
    return lines.map { $0.joined(separator: ",") + "\n" }.joined()
  }

  private static func csvField(_ value: Value) -> String {
    switch value {
    case .null: ""
    case .string(let text): quoted(text.guardedFromFormulas)
    default: quoted(value.text)
    }
  }

  /// Quotes a text byte by byte, since Swift takes a two-character line end as one character.
  private static func quoted(_ text: String) -> String {
    text.utf8.contains { ",\"\n\r".utf8.contains($0) } ? text.quotedForCSV : text
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
