/// One key that a reader asks a document for: what schemas and templates are made of.
public struct Question: Sendable {
  public enum Kind: Sendable, Equatable {
    case text
    case flag
    case integer(ClosedRange<Int>)
    case number(NumberRange)
    case choice([String])
    /// One or several of the names.
    case choices([String])
    /// One or several whole numbers.
    case integers(ClosedRange<Int>)
    /// One or several numbers.
    case numbers(NumberRange)
    case texts
    case mapping
    case anything
    /// One of several, as another key decides.
    indirect case either([Kind])
  }

  public let path: [String]
  public let kind: Kind
  /// What holds when the key is absent; nil when there is no such value.
  public let fallback: Value?
  /// Whether the reader can do without the key.
  public let isOptional: Bool
  /// What the key means, in a few words.
  public let about: String

  package init(path: [String], kind: Kind, fallback: Value?, isOptional: Bool, about: String) {
    self.path = path
    self.kind = kind
    self.fallback = fallback
    self.isOptional = isOptional
    self.about = about
  }

  /// What is expected, for a sentence.
  public var expected: String { Self.expected(kind) }

  private static func expected(_ kind: Kind) -> String {
    switch kind {
    case .text: "a text"
    case .flag: "true or false"
    case .integer(let range): wholeNumber(range)
    case .integers(let range): "\(wholeNumber(range)), or a list of such"
    case .number(let range): range.expected
    case .choice(let names): "one of \(names.joined(separator: ", "))"
    case .choices(let names): "one of \(names.joined(separator: ", ")), or a list of them"
    case .numbers(let range): "\(range.expected), or a list of such"
    case .texts: "a list of texts"
    case .mapping: "a mapping"
    case .anything: "a value"
    case .either(let kinds): kinds.map(expected).joined(separator: ", or ")
    }
  }

  private static func wholeNumber(_ range: ClosedRange<Int>) -> String {
    range.upperBound == Int.max
      ? "a whole number from \(range.lowerBound) up" : "a whole number in \(range.lowerBound)…\(range.upperBound)"
  }
}
