import Documents
import Files

/// The keys that every manifest may have, as JSON Schema properties; which kinds there are, what one reads of data, params and solver, and which
/// metrics it gives is not in it.
public enum ManifestShape {
  public static var properties: [String: Value] {
    var properties = common
    properties["schema"] = ["const": 1, "description": "the version of this format"]
    properties["name"] = text("equals the folder")
    properties["tiers"] = closed(
      Dictionary(Tier.allCases.map { ($0.rawValue, orEmpty(closed(common))) }, uniquingKeysWith: { $1 }),
      "what differs between the smoke and the paper tier")
    return properties
  }

  /// The keys that a tier may have.
  static let tierKeys = common.keys.sorted()

  /// What a tier may change as well.
  private static var common: [String: Value] {
    [
      "title": text("one line, for lists"),
      "paper": closed(["cite": text("the source"), "reproduces": list(text("a table or figure of it"))], "what is reproduced"),
      "data": body, "params": body, "solver": body, "seed": seed, "repeat": repetitions,
      "sweep": sweep, "cases": ["type": "object", "minProperties": 1, "additionalProperties": row, "description": "rows by label"],
      "limits": closed(
        [
          "time": text("of one run, as 30m or 90s", pattern: Limits.timePattern),
          "memory": text("of one run, as 4GiB", pattern: Limits.memoryPattern), "threads": whole(Limits.threadRange, "of one run"),
        ],
        "what one run may use"),
      "metrics": ["type": "object", "additionalProperties": metric, "description": "what is expected of metrics"],
      "published": ["type": "object", "additionalProperties": numbers, "description": "the paper's numbers, by label and metric"],
      "tables": list(table), "figures": list(figure),
    ]
  }

  private static var row: Value {
    orEmpty(
      closed([
        "data": body, "params": body, "solver": body, "seed": seed, "repeat": repetitions, "sweep": sweep,
        "row": ["type": "object", "description": "cells of tables, by title"], "published": numbers,
      ]))
  }

  private static var sweep: Value {
    let values: Value = [
      "anyOf": [["type": "array", "minItems": 1], ["type": "string", "pattern": "^(log|range)\\(.*\\)$"]],
      "description": .string(SweepValues.about),
    ]
    let axes: Value = [
      "type": "object", "patternProperties": .object([ParameterPath.pattern: values]), "additionalProperties": false,
    ]
    return closed(["product": axes, "zip": axes], "every combination is a row; zip steps through its lists together")
  }

  private static var metric: Value {
    let tolerance = Value.object(MetricRule.toleranceRange.schema)
    return closed(
      [
        "better": ["enum": .array(MetricRule.Better.allCases.map { .string($0.rawValue) })],
        "tolerance": closed(["relative": tolerance, "absolute": tolerance], "how far it may move; the larger allowance counts"),
        "gate": flag("whether compare judges it"), "require": flag("whether a run without it fails"),
      ], "what is expected of a metric")
  }

  private static var table: Value {
    let shared: [String: Value] = [
      "title": text("the column's head"), "digits": whole(TableSpec.digitRange, "after the point"),
      "published": flag("shows the paper's value and the difference"),
    ]
    let columns = [("row", "a key of the rows, or a parameter's path"), ("metric", "a metric")].map { key, about in
      closed(shared.merging([key: text(about)]) { $1 }, required: [key])
    }
    return closed(
      [
        "name": name, "title": text("above the table"), "columns": list(["anyOf": .array(columns)]), "where": filter,
      ], "a table of the paper", required: ["name", "title", "columns"])
  }

  /// One of the forms that `FigureSpec.Content` has.
  private static var figure: Value {
    let shared: [String: Value] = [
      "name": name, "title": text("above the picture"), "x": text("a key of the rows, with numbers for curves"),
      "exponents": flag("whether curves' names tell the power of x fitted to them"), "where": filter,
      "xLabel": text("below the axis"), "yLabel": text("beside the axis"), "logarithmic": list(["enum": ["x", "y"]]),
    ]
    func form(_ own: [String: Value], required: [String]) -> Value {
      closed(shared.merging(own) { $1 }, required: ["name", "title", "x"] + required)
    }
    let curvesLabel = text("above the curves' names; what a mosaic's colours mean")
    let curves = text("a key of the rows, a curve or a colour for each value")
    return [
      "description": "a metric or an array over what is swept",
      "anyOf": [
        form(["y": text("a metric"), "curves": curves, "curvesLabel": curvesLabel], required: ["y"]),
        form(
          [
            "array": text("a matrix of arrays.h5, shown for all rows in place of a metric"), "rows": text("a key of the rows"),
            "curvesLabel": curvesLabel,
          ], required: ["array", "rows"]),
        form(
          ["trace": text("an array of arrays.h5 as a curve over the array x"), "curves": curves, "curvesLabel": curvesLabel],
          required: ["trace", "curves"]),
        form(
          ["points": text("a metric of every run over another, x"), "curves": curves, "curvesLabel": curvesLabel],
          required: ["points", "curves"]),
        form(["pictures": text("a matrix of arrays.h5 as a picture for each row")], required: ["pictures"]),
      ],
    ]
  }

  private static let filter: Value = ["type": "object", "description": "only rows with these cells are shown"]
  private static let body: Value = ["type": "object"]
  private static let numbers: Value = ["type": "object", "additionalProperties": ["type": "number"]]
  private static let seed = whole(Case.seedRange, "of what is drawn; repetitions derive theirs from it")
  private static let name = text("the file's name", pattern: String.plainFileNamePattern)
  private static let repetitions = whole(Case.repetitionRange, "how often, with derived seeds")

  private static func text(_ about: String) -> Value { ["type": "string", "description": .string(about)] }
  private static func text(_ about: String, pattern: String) -> Value {
    ["type": "string", "pattern": .string(pattern), "description": .string(about)]
  }
  private static func flag(_ about: String) -> Value { ["type": "boolean", "description": .string(about)] }
  private static func list(_ items: Value) -> Value { ["type": "array", "items": items] }
  private static func whole(_ range: ClosedRange<Int>, _ about: String) -> Value {
    .object(range.schema.merging(["description": .string(about)]) { $1 })
  }

  private static func closed(_ properties: [String: Value], _ about: String = "", required: [String] = []) -> Value {
    var schema: [String: Value] = ["type": "object", "additionalProperties": false, "properties": .object(properties)]
    if !about.isEmpty { schema["description"] = .string(about) }
    if !required.isEmpty { schema["required"] = .array(required.map(Value.string)) }
    return .object(schema)
  }

  /// A mapping that may be left empty.
  private static func orEmpty(_ schema: Value) -> Value {
    .object((schema.object ?? [:]).merging(["type": ["object", "null"]]) { $1 })
  }
}
