import Documents

/// As much of JSON Schema (draft 7) as the manifests' schema uses, written for the tests alone.
struct JSONSchema {
  private let schema: Value
  /// Where `$ref` leads: `#/definitions/NAME`.
  private let definitions: Value

  init(_ schema: Value) { self.init(schema, definitions: schema["definitions"] ?? [:]) }

  private init(_ schema: Value, definitions: Value) {
    let name = schema["$ref"]?.string?.split(separator: "/").last.map(String.init)
    self.schema = name.flatMap { definitions[$0] } ?? schema
    self.definitions = definitions
  }

  private func part(_ schema: Value) -> JSONSchema { JSONSchema(schema, definitions: definitions) }

  /// Where a value does not fit, and why.
  func errors(in value: Value, at path: String = "$") -> [String] {
    var errors: [String] = []
    if let types = schema["type"].map({ $0.array ?? [$0] }),
      !types.contains(where: { Self.fits(value, $0.string ?? "") })
    {
      return ["\(path) is not of the type \(types.map(\.text).joined(separator: " or "))"]
    }
    if let expected = schema["const"], !Self.equal(expected, value) { errors.append("\(path) is not \(expected.text)") }
    if let options = schema["enum"]?.array, !options.contains(value) { errors.append("\(path) is none of the choices") }
    if let number = Self.number(value) {
      if let minimum = schema["minimum"]?.number, number < minimum { errors.append("\(path) is too small") }
      if let maximum = schema["maximum"]?.number, number > maximum { errors.append("\(path) is too large") }
      if let bound = schema["exclusiveMinimum"]?.number, number <= bound { errors.append("\(path) is too small") }
      if let bound = schema["exclusiveMaximum"]?.number, number >= bound { errors.append("\(path) is too large") }
    }
    if let least = schema["minItems"]?.integer, let elements = value.array, elements.count < least {
      errors.append("\(path) is too short")
    }
    if let pattern = schema["pattern"]?.string, let text = value.string, !Self.matches(text, pattern) {
      errors.append("\(path) does not match")
    }
    for (index, element) in (value.array ?? []).enumerated() {
      if let items = schema["items"] { errors += part(items).errors(in: element, at: "\(path)[\(index)]") }
    }
    if let members = value.object { errors += self.errors(inMembers: members, at: path) }
    for each in schema["allOf"]?.array ?? [] { errors += part(each).errors(in: value, at: path) }
    if let any = schema["anyOf"]?.array, !any.contains(where: { part($0).errors(in: value, at: path) == [] }) {
      errors.append("\(path) fits none of the alternatives")
    }
    if let condition = schema["if"], let then = schema["then"], part(condition).errors(in: value, at: path) == [] {
      errors += part(then).errors(in: value, at: path)
    }
    return errors
  }

  private func errors(inMembers members: [String: Value], at path: String) -> [String] {
    var errors: [String] = []
    if let least = schema["minProperties"]?.integer, members.count < least {
      errors.append("\(path) has too few members")
    }
    if let names = schema["propertyNames"] {
      for key in members.keys.sorted() { errors += part(names).errors(in: .string(key), at: "\(path).\(key)") }
    }
    for case .string(let key) in schema["required"]?.array ?? [] where members[key] == nil {
      errors.append("\(path).\(key) is missing")
    }
    for (key, member) in members.sorted(by: { $0.key < $1.key }) {
      let named = schema["properties"]?[key]
      let patterned = schema["patternProperties"]?.object?.filter { Self.matches(key, $0.key) }.map(\.value) ?? []
      for each in [named].compactMap(\.self) + patterned {
        errors += part(each).errors(in: member, at: "\(path).\(key)")
      }
      guard named == nil, patterned.isEmpty, let others = schema["additionalProperties"] else { continue }
      if others == false {
        errors.append("\(path).\(key) is unknown")
      } else {
        errors += part(others).errors(in: member, at: "\(path).\(key)")
      }
    }
    return errors
  }

  private static func fits(_ value: Value, _ type: String) -> Bool {
    switch type {
    case "object": value.object != nil
    case "array": value.array != nil
    case "string": value.string != nil
    case "boolean": value.bool != nil
    case "integer": number(value).map { $0 == $0.rounded() } ?? false
    case "number": number(value) != nil
    case "null": value == .null
    default: false
    }
  }

  /// JSON Schema knows one kind of numbers, of which 1.0 is a whole one.
  private static func number(_ value: Value) -> Double? { value.string == nil ? value.number : nil }

  private static func equal(_ a: Value, _ b: Value) -> Bool {
    if let a = number(a), let b = number(b) { return a == b }
    return a == b
  }

  private static func matches(_ text: String, _ pattern: String) -> Bool {
    (try? Regex(pattern)).map { text.firstMatch(of: $0) != nil } ?? false
  }
}
