extension String {
  /// Returns the text padded with trailing spaces to a width; a longer text is returned unchanged.
  public func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

  /// The text in double quotes, with its own quotes doubled, as CSV requires.
  ///
  /// Quotes are replaced by Unicode scalar: a quote followed by combining marks is another `Character` in Swift.
  public var quotedForCSV: String {
    "\"" + unicodeScalars.reduce(into: "") { $0 += $1 == "\"" ? "\"\"" : String($1) } + "\""
  }

  /// The text with a leading apostrophe if a spreadsheet would take it for a formula; numbers stay as they are.
  public var guardedFromFormulas: String {
    let looksLikeFormula = unicodeScalars.first.map("=+-@\t\r".unicodeScalars.contains) == true && Double(self) == nil
    return looksLikeFormula ? "'" + self : self
  }
}
