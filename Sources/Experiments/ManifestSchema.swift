import Documents
import Manifests

/// The JSON Schema (draft 7) of manifests, for editors: what every manifest has, and what each kind reads of data, params and solver.
public enum ManifestSchema {
  public static var value: Value {
    let kinds = Registry.kinds.map { kind -> Value in
      let body = body(of: kind)
      return [
        "if": ["properties": ["kind": ["const": .string(kind.kind)]]],
        "then": ["allOf": [.object(["properties": .object(body)]), inTiers(body)]],
      ]
    }
    return [
      "$schema": "http://json-schema.org/draft-07/schema#", "title": "otlab manifest", "type": "object",
      "required": ["schema", "name", "kind"], "additionalProperties": false, "properties": .object(ManifestShape.properties),
      "allOf": .array(kinds),
    ]
  }

  /// The same inside of cases and tiers.
  private static func inTiers(_ body: [String: Value]) -> Value {
    let cases: Value = ["additionalProperties": ["properties": .object(body)]]
    let tier: Value = ["properties": .object(body.merging(["cases": cases]) { $1 })]
    return ["properties": ["cases": cases, "tiers": ["properties": .object(Dictionary(Tier.allCases.map { ($0.rawValue, tier) }) { $1 })]]]
  }

  /// data, params and solver as a kind reads them.
  private static func body(of kind: any Experiment.Type) -> [String: Value] {
    let questions = Registry.schema(of: kind)
    return Dictionary(Case.bodyKeys.map { ($0, mapping([$0], questions, about: "")) }) { $1 }
  }

  private static func mapping(_ path: [String], _ entries: [Question], about: String) -> Value {
    var properties: [String: Value] = [:]
    for question in entries where Array(question.path.dropLast()) == path {
      properties[question.path[path.count]] =
        question.kind == .mapping ? mapping(question.path, entries, about: question.about) : scalar(question)
    }
    // Which keys must be there is left to otlab, since tiers and cases may add what the top leaves out.
    var schema: [String: Value] = ["type": "object", "additionalProperties": false, "properties": .object(properties)]
    if !about.isEmpty { schema["description"] = .string(about) }
    return .object(schema)
  }

  private static func scalar(_ question: Question) -> Value {
    var schema: [String: Value]
    switch question.kind {
    case .text: schema = ["type": "string"]
    case .flag: schema = ["type": "boolean"]
    case .integer(let range): schema = wholeNumber(range)
    case .integers(let range): schema = oneOrSeveral(wholeNumber(range))
    // YAML's .inf is no number in JSON's sense, but editors read it as one.
    case .number(let condition): schema = ["type": "number", "$comment": .string(condition)]
    case .choice(let names): schema = ["enum": .array(names.map(Value.string))]
    case .numbers(let condition): schema = oneOrSeveral(["type": "number", "$comment": .string(condition)])
    case .choices(let names): schema = oneOrSeveral(["enum": .array(names.map(Value.string))])
    case .texts: schema = ["type": "array", "items": ["type": "string"]]
    case .mapping, .anything: schema = [:]
    }
    if !question.about.isEmpty { schema["description"] = .string(question.about) }
    if let fallback = question.fallback { schema["default"] = fallback }
    return .object(schema)
  }

  private static func wholeNumber(_ range: ClosedRange<Int>) -> [String: Value] {
    var schema: [String: Value] = ["type": "integer", "minimum": .integer(range.lowerBound)]
    if range.upperBound < Int.max { schema["maximum"] = .integer(range.upperBound) }
    return schema
  }

  private static func oneOrSeveral(_ schema: [String: Value]) -> [String: Value] {
    ["anyOf": [.object(schema), ["type": "array", "items": .object(schema), "minItems": 1]]]
  }
}
