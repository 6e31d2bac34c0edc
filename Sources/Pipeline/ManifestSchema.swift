import Documents
import Manifests

/// The JSON Schema (draft 7) of manifests, for editors: the common keys, and the sections that each kind reads.
public struct ManifestSchema {
  private let registry: Registry

  /// Creates the schema for the given kinds.
  public init(_ registry: Registry) { self.registry = registry }

  /// The schema as a document.
  public var value: Value {
    var properties = ManifestShape.properties
    properties["kind"] = [
      "enum": .array(registry.kinds.map { .string($0.kind) }),
      "description": "the kind of experiment; 'otlab schema --kinds' lists them",
    ]
    return [
      "$schema": "http://json-schema.org/draft-07/schema#", "title": "otlab manifest", "type": "object",
      "required": ["schema", "name", "kind"], "additionalProperties": false, "properties": .object(properties),
      "definitions": .object(registry.kinds.reduce(into: [:]) { $0.merge(Self.definitions(of: $1)) { $1 } }),
      "allOf": .array(registry.kinds.map(Self.rules)),
    ]
  }

  /// The conditions for manifests of one kind, for the top level and inside tiers.
  private static func rules(of kind: any Experiment.Type) -> Value {
    let metric: Value = ["enum": .array(kind.allMetrics.sorted().map(Value.string))]
    let body = body(of: kind)
    let row = body.merging(["published": ["propertyNames": metric]]) { $1 }
    let part = body.merging(naming(metric)) { $1 }.merging([
      "cases": ["additionalProperties": ["properties": .object(row)]]
    ]) { $1 }
    let tiers = Dictionary(Tier.allCases.map { ($0.rawValue, Value.object(["properties": .object(part)])) }) { $1 }
    return [
      "if": ["properties": ["kind": ["const": .string(kind.kind)]]],
      "then": ["properties": .object(part.merging(["tiers": ["properties": .object(tiers)]]) { $1 })],
    ]
  }

  /// The places where a manifest names metrics.
  private static func naming(_ metric: Value) -> [String: Value] {
    [
      "metrics": ["propertyNames": metric], "published": ["additionalProperties": ["propertyNames": metric]],
      "tables": ["items": ["properties": ["columns": ["items": ["properties": ["metric": metric]]]]]],
      "figures": [
        "items": [
          "properties": ["y": metric, "points": metric], "if": ["required": ["points"]],
          "then": ["properties": ["x": metric]],
        ]
      ],
    ]
  }

  /// References to the sections of a kind, which occur in several places of a manifest.
  private static func body(of kind: any Experiment.Type) -> [String: Value] {
    Dictionary(Case.bodyKeys.map { ($0, ["$ref": .string("#/definitions/\(definition($0, of: kind))")]) }) { $1 }
  }

  private static func definition(_ key: String, of kind: any Experiment.Type) -> String { "\(kind.kind).\(key)" }

  /// The schemas of the sections that a kind reads.
  private static func definitions(of kind: any Experiment.Type) -> [String: Value] {
    let questions = kind.questions
    return Dictionary(Case.bodyKeys.map { (definition($0, of: kind), mapping([$0], questions, about: "")) }) { $1 }
  }

  private static func mapping(_ path: [String], _ entries: [Question], about: String) -> Value {
    var properties: [String: Value] = [:]
    for question in entries where Array(question.path.dropLast()) == path {
      properties[question.path[path.count]] =
        question.kind == .mapping ? mapping(question.path, entries, about: question.about) : question.schema
    }
    // Required keys are left to otlab, since tiers and cases may add what the top level lacks.
    var schema: [String: Value] = ["type": "object", "additionalProperties": false, "properties": .object(properties)]
    if !about.isEmpty { schema["description"] = .string(about) }
    return .object(schema)
  }
}
