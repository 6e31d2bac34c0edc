/// A table that cannot be written in a format; its description is one sentence.
public struct TableError: Error, CustomStringConvertible, Sendable {
  /// The reason in one sentence.
  public let description: String

  static func noLaTeX(_ character: Character, in text: String, of table: Table) -> TableError {
    let codes = character.unicodeScalars.map { "U+" + String($0.value, radix: 16, uppercase: true) }.joined(
      separator: " ")
    return TableError(
      description:
        """
        the table '\(table.name)' cannot be written as LaTeX: '\(character)' (\(codes)) in '\(text)' cannot be \
        written; 
        """
          + "write it in other letters, or choose another --format")
  }
}
