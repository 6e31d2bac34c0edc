import Documents
import Files

/// The JSON Schema of the keys that every manifest may have.
///
/// The known kinds, the sections that a kind reads, and its metrics are not included; `ManifestSchema` adds them.
public enum ManifestShape {
  /// The properties of a manifest by key.
  public static var properties: [String: Value] {
    var properties = common
    properties["schema"] = ["const": 1, "description": "the version of this format"]
    properties["name"] = text("the name of the folder")
    properties["tiers"] = closed(
      Dictionary(Tier.allCases.map { ($0.rawValue, orEmpty(closed(common))) }, uniquingKeysWith: { $1 }),
      "what differs between the smoke and the paper tier")
    return properties
  }

  /// The keys that a tier may have.
  static let tierKeys = common.keys.sorted()

  /// The keys that both a manifest and a tier may have.
  private static var common: [String: Value] {
    [
      "title": text("one line, for lists"),
      "paper": closed(
        ["cite": text("the source"), "reproduces": list(text("a table or figure in it"))], "what is reproduced"),
      "data": body, "params": body, "solver": body, "seed": seed, "repeat": repetitions,
      "sweep": sweep,
      "cases": ["type": "object", "minProperties": 1, "additionalProperties": row, "description": "rows by label"],
      "limits": closed(
        [
          "time": text("wall-clock time of one run, such as 30m or 90s", pattern: Limits.timePattern),
          "memory": text("memory of one run, such as 4GiB", pattern: Limits.memoryPattern),
          "threads": whole(Limits.threadRange, "threads of one run"),
        ],
        "the limits of one run"),
      "metrics": ["type": "object", "additionalProperties": metric, "description": "expectations for the metrics"],
      "published": [
        "type": "object", "additionalProperties": numbers, "description": "the paper's numbers, by label and metric",
      ],
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
    return closed(
      ["product": axes, "zip": axes], "product: every combination is a row; zip: the lists are stepped through together"
    )
  }

  private static var metric: Value {
    let tolerance = Value.object(MetricRule.toleranceRange.schema)
    return closed(
      [
        "better": ["enum": .array(MetricRule.Better.allCases.map { .string($0.rawValue) })],
        "tolerance": closed(
          ["relative": tolerance, "absolute": tolerance],
          "the allowed difference from the baseline; the larger one counts"),
        "gate": flag("whether 'otlab compare' checks it"), "require": flag("whether a run fails unless it is true"),
      ], "expectations for a metric")
  }

  private static var table: Value {
    let shared: [String: Value] = [
      "title": text("the column's title"), "digits": whole(TableSpec.digitRange, "digits after the point"),
      "published": flag("adds the paper's value and the difference to it"),
    ]
    let columns = [("row", "a column of the rows, or the path of a parameter"), ("metric", "a metric")].map {
      key, about in
      closed(shared.merging([key: text(about)]) { $1 }, required: [key])
    }
    return closed(
      [
        "name": name, "title": text("the title of the table"), "columns": list(["anyOf": .array(columns)]),
        "where": filter,
      ], "a table of the paper", required: ["name", "title", "columns"])
  }

  /// The schema of a figure, one form for each case of `FigureSpec.Content`.
  private static var figure: Value {
    let shared: [String: Value] = [
      "name": name, "title": text("the title of the figure"),
      "x": text("a column of the rows; it must hold numbers if there are curves"),
      "exponents": flag("whether the legend gives the exponent of a power of x fitted to each curve"), "where": filter,
      "xLabel": text("the label of the x axis"), "yLabel": text("the label of the y axis"),
      "logarithmic": list(["enum": ["x", "y"]]),
    ]
    func form(_ own: [String: Value], required: [String]) -> Value {
      closed(shared.merging(own) { $1 }, required: ["name", "title", "x"] + required)
    }
    let curvesLabel = text("the title of the legend, or the label of a mosaic's color scale")
    let curves = text("a column of the rows; each of its values gets a curve or a color")
    return [
      "description": "a metric or an array over the swept values",
      "anyOf": [
        form(["y": text("a metric"), "curves": curves, "curvesLabel": curvesLabel], required: ["y"]),
        form(
          [
            "array": text("a matrix in arrays.h5, shown as a tile for each row"), "rows": text("a column of the rows"),
            "curvesLabel": curvesLabel,
          ], required: ["array", "rows"]),
        form(
          [
            "trace": text("an array in arrays.h5, drawn as a curve over the array x"), "curves": curves,
            "curvesLabel": curvesLabel,
          ],
          required: ["trace", "curves"]),
        form(
          [
            "points": text("a metric of every run, drawn over the metric x"), "curves": curves,
            "curvesLabel": curvesLabel,
          ],
          required: ["points", "curves"]),
        form(["pictures": text("a matrix in arrays.h5, drawn as an image for each row")], required: ["pictures"]),
      ],
    ]
  }

  private static let filter: Value = ["type": "object", "description": "show only rows with these cells"]
  private static let body: Value = ["type": "object"]
  private static let numbers: Value = ["type": "object", "additionalProperties": ["type": "number"]]
  private static let seed = whole(Case.seedRange, "the seed of all random numbers; repetitions derive theirs from it")
  private static let name = text("the file name", pattern: String.plainFileNamePattern)
  private static let repetitions = whole(Case.repetitionRange, "the number of repetitions, with derived seeds")

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

  /// The schema of a mapping that may be left empty.
  private static func orEmpty(_ schema: Value) -> Value {
    .object((schema.object ?? [:]).merging(["type": ["object", "null"]]) { $1 })
  }
}
