extension Question {
  /// What the key may hold, as JSON Schema (draft 7) says it; a mapping's members are the business of who knows them.
  public var schema: Value {
    var schema = kind.schema
    if !about.isEmpty { schema["description"] = .string(about) }
    if let fallback { schema["default"] = fallback }
    return .object(schema)
  }
}

extension Question.Kind {
  fileprivate var schema: [String: Value] {
    switch self {
    case .text: ["type": "string"]
    case .flag: ["type": "boolean"]
    case .integer(let range): range.schema
    case .integers(let range): Self.oneOrSeveral(range.schema)
    case .number(let range): range.schema
    case .numbers(let range): Self.oneOrSeveral(range.schema)
    case .choice(let names): ["enum": .array(names.map(Value.string))]
    case .choices(let names): Self.oneOrSeveral(["enum": .array(names.map(Value.string))])
    case .texts: ["type": "array", "items": ["type": "string"]]
    case .either(let kinds): ["anyOf": .array(kinds.map { .object($0.schema) })]
    case .mapping: ["type": "object"]
    case .anything: [:]
    }
  }

  private static func oneOrSeveral(_ schema: [String: Value]) -> [String: Value] {
    ["anyOf": [.object(schema), ["type": "array", "items": .object(schema), "minItems": 1]]]
  }
}

extension ClosedRange<Int> {
  /// The whole numbers in it, as JSON Schema says it.
  public var schema: [String: Value] {
    var schema: [String: Value] = ["type": "integer", "minimum": .integer(lowerBound)]
    // 2^63 is what a machine does not count to, and exact also for who reads all numbers in double precision.
    if upperBound == Int.max { schema["exclusiveMaximum"] = .number(0x1p63) } else { schema["maximum"] = .integer(upperBound) }
    return schema
  }
}
