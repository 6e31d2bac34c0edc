/// One key that a reader asks a document for: what schemas and templates are made of.
public struct Question: Sendable {
  public enum Kind: Sendable, Equatable {
    case text
    case flag
    case integer(ClosedRange<Int>)
    /// With the condition as a sentence says it.
    case number(String)
    case choice([String])
    /// One or several of the names.
    case choices([String])
    /// One or several whole numbers.
    case integers(ClosedRange<Int>)
    /// One or several numbers, with the condition on each as a sentence says it.
    case numbers(String)
    case texts
    case mapping
    case anything
  }

  public let path: [String]
  public let kind: Kind
  /// What holds when the key is absent; nil when there is no such value.
  public let fallback: Value?
  /// Whether the reader can do without the key.
  public let isOptional: Bool
  /// What the key means, in a few words.
  public let about: String

  /// What is expected, for a sentence.
  public var expected: String {
    switch kind {
    case .text: "a text"
    case .flag: "true or false"
    case .integer(let range): Self.wholeNumber(range)
    case .integers(let range): "\(Self.wholeNumber(range)), or a list of such"
    case .number(let condition): condition
    case .choice(let names): "one of \(names.joined(separator: ", "))"
    case .choices(let names): "one of \(names.joined(separator: ", ")), or a list of them"
    case .numbers(let condition): "\(condition), or a list of such"
    case .texts: "a list of texts"
    case .mapping: "a mapping"
    case .anything: "a value"
    }
  }

  private static func wholeNumber(_ range: ClosedRange<Int>) -> String {
    range.upperBound == Int.max
      ? "a whole number from \(range.lowerBound) up" : "a whole number in \(range.lowerBound)…\(range.upperBound)"
  }
}
