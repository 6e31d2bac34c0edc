/// A tree of plain data, as YAML and JSON can hold it.
public enum Value: Equatable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([Value])
  case object([String: Value])

  /// The member of an object; nil for anything else, or when there is no such member.
  public subscript(_ key: String) -> Value? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  public var object: [String: Value]? {
    if case .object(let members) = self { members } else { nil }
  }

  public var array: [Value]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  public var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  public var bool: Bool? {
    if case .bool(let flag) = self { flag } else { nil }
  }

  /// A number, whole or not; an infinite one also as JSON spells it.
  public var number: Double? {
    switch self {
    case .number(let number): number
    case .integer(let integer): Double(integer)
    case .string("inf"): .infinity
    case .string("-inf"): -.infinity
    default: nil
    }
  }

  public var integer: Int? {
    if case .integer(let integer) = self { integer } else { nil }
  }

  /// A whole number, however it is written: 40.0 and 4e1 are 40, as they are to JSON Schema.
  public var wholeNumber: Int? {
    if case .number(let number) = self { Int(exactly: number) } else { integer }
  }

  /// How the value reads in a sentence or in a table.
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

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(stringLiteral text: String) { self = .string(text) }
  public init(integerLiteral integer: Int) { self = .integer(integer) }
  public init(floatLiteral number: Double) { self = .number(number) }
  public init(booleanLiteral flag: Bool) { self = .bool(flag) }
  public init(arrayLiteral elements: Value...) { self = .array(elements) }
  public init(dictionaryLiteral members: (String, Value)...) { self = .object(Dictionary(members) { $1 }) }
}
