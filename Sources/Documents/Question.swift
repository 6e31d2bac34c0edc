/// One key that a reader asks a document for; schemas and templates are made of such questions.
public struct Question: Sendable {
  /// The type and range of the expected value.
  public enum Kind: Sendable, Equatable {
    /// Any text.
    case text
    /// `true` or `false`.
    case flag
    /// A whole number in a closed range.
    case integer(ClosedRange<Int>)
    /// A number in a range.
    case number(NumberRange)
    /// One of the given names.
    case choice([String])
    /// One of the given names, or a nonempty list of them.
    case choices([String])
    /// One whole number, or a nonempty list of them.
    case integers(ClosedRange<Int>)
    /// One number, or a nonempty list of them.
    case numbers(NumberRange)
    /// A list of texts.
    case texts
    /// A mapping, whose members are questions of their own.
    case mapping
    /// Any value.
    case anything
    /// One of several kinds, depending on another key.
    indirect case either([Kind])
  }

  /// The names from the top of the document down to the key.
  public let path: [String]
  /// The type and range of the value.
  public let kind: Kind
  /// The default value; nil if an absent key has none.
  public let fallback: Value?
  /// Whether the key may be absent.
  public let isOptional: Bool
  /// The meaning of the key in a few words.
  public let about: String

  package init(path: [String], kind: Kind, fallback: Value?, isOptional: Bool, about: String) {
    self.path = path
    self.kind = kind
    self.fallback = fallback
    self.isOptional = isOptional
    self.about = about
  }

  /// What is expected, as errors say it.
  public var expected: String { Self.expected(kind) }

  private static func expected(_ kind: Kind) -> String {
    switch kind {
    case .text: "a text"
    case .flag: "true or false"
    case .integer(let range): wholeNumber(range)
    case .integers(let range): "\(wholeNumber(range)), or a list of them"
    case .number(let range): range.expected
    case .choice(let names): "one of \(names.joined(separator: ", "))"
    case .choices(let names): "one of \(names.joined(separator: ", ")), or a list of them"
    case .numbers(let range): "\(range.expected), or a list of them"
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
