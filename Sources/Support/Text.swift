extension String {
  /// The text with spaces behind it up to a width; a longer one stays as it is.
  public func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

  /// The text in the quotes of comma-separated values, its own doubled. By scalars: a quote that carries marks is another character to Swift.
  public var quotedForCSV: String {
    "\"" + unicodeScalars.reduce(into: "") { $0 += $1 == "\"" ? "\"\"" : String($1) } + "\""
  }

  /// A text that a spreadsheet would take for a formula begins with an apostrophe, which has it shown as it is; numbers are none.
  public var guardedFromFormulas: String {
    let looksLikeFormula = unicodeScalars.first.map("=+-@\t\r".unicodeScalars.contains) == true && Double(self) == nil
    return looksLikeFormula ? "'" + self : self
  }
}
