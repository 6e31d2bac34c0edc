/// A tree of plain data that YAML and JSON can represent.
public enum Value: Equatable, Sendable {
  /// No value.
  case null
  /// A Boolean.
  case bool(Bool)
  /// A number that was written as a whole number.
  case integer(Int)
  /// Any other number, including ±∞ and NaN.
  case number(Double)
  /// A text.
  case string(String)
  /// A list of values.
  case array([Value])
  /// Values by name.
  case object([String: Value])

  /// The member of an object; nil if the value is not an object or has no such member.
  public subscript(_ key: String) -> Value? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  /// The members, if the value is an object.
  public var object: [String: Value]? {
    if case .object(let members) = self { members } else { nil }
  }

  /// The elements, if the value is an array.
  public var array: [Value]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  /// The text, if the value is a string.
  public var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The flag, if the value is a Boolean.
  public var bool: Bool? {
    if case .bool(let flag) = self { flag } else { nil }
  }

  /// The number, if the value is one, whole or not; the texts that JSON has for ±∞ count as well.
  public var number: Double? {
    switch self {
    case .number(let number): number
    case .integer(let integer): Double(integer)
    case .string("inf"): .infinity
    case .string("-inf"): -.infinity
    default: nil
    }
  }

  /// The whole number, if the value was written as one: `40`, but not `40.0`.
  public var integer: Int? {
    if case .integer(let integer) = self { integer } else { nil }
  }

  /// The whole number, however it is written: 40.0 and 4e1 are 40, as in JSON Schema.
  public var wholeNumber: Int? {
    if case .number(let number) = self { Int(exactly: number) } else { integer }
  }

  /// The value as sentences and tables show it.
  public var text: String {
    switch self {
    case .null: "null"
    case .bool(let flag): flag ? "true" : "false"
    case .integer(let integer): "\(integer)"
    case .number(let number): "\(number)"
    case .string(let text): text
    case .array, .object: json()
    }
  }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// Creates a text value from a string literal.
  public init(stringLiteral text: String) { self = .string(text) }
  /// Creates a whole-number value from an integer literal.
  public init(integerLiteral integer: Int) { self = .integer(integer) }
  /// Creates a number value from a floating-point literal.
  public init(floatLiteral number: Double) { self = .number(number) }
  /// Creates a Boolean value from a Boolean literal.
  public init(booleanLiteral flag: Bool) { self = .bool(flag) }
  /// Creates an array value from an array literal.
  public init(arrayLiteral elements: Value...) { self = .array(elements) }
  /// Creates an object; a repeated key keeps its last value.
  public init(dictionaryLiteral members: (String, Value)...) { self = .object(Dictionary(members) { $1 }) }
}
