extension Question {
  /// The JSON Schema (draft 7) of the key's value; the members of a mapping are not included.
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
  /// The range of whole numbers as members of a JSON Schema.
  public var schema: [String: Value] {
    var schema: [String: Value] = ["type": "integer", "minimum": .integer(lowerBound)]
    // 2^63 is exact for readers that hold all numbers in double precision, unlike Int.max.
    if upperBound == Int.max {
      schema["exclusiveMaximum"] = .number(0x1p63)
    } else {
      schema["maximum"] = .integer(upperBound)
    }
    return schema
  }
}
