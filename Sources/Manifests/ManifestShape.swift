import Documents

/// The keys that every manifest may have, as JSON Schema properties; what a kind reads of data, params and solver is not in it.
public enum ManifestShape {
  public static var properties: [String: Value] {
    var properties = common
    properties["schema"] = ["const": 1, "description": "the version of this format"]
    properties["name"] = text("equals the folder")
    properties["kind"] = text("the kind of experiment; 'otlab schema --kinds' lists them")
    properties["tiers"] = closed(
      Dictionary(Tier.allCases.map { ($0.rawValue, closed(common)) }, uniquingKeysWith: { $1 }),
      "what differs between the smoke and the paper tier")
    return properties
  }

  /// What a tier may change as well.
  private static var common: [String: Value] {
    [
      "title": text("one line, for lists"),
      "paper": closed(["cite": text("the source"), "reproduces": list(text("a table or figure of it"))], "what is reproduced"),
      "data": body, "params": body, "solver": body, "seed": seed, "repeat": repetitions,
      "sweep": sweep, "cases": ["type": "object", "additionalProperties": row, "description": "rows by label"],
      "limits": closed(
        ["time": text("of one run, as 30m or 90s"), "memory": text("of one run, as 4GiB"), "threads": count("of one run")],
        "what one run may use"),
      "metrics": ["type": "object", "additionalProperties": metric, "description": "what is expected of metrics"],
      "published": ["type": "object", "additionalProperties": numbers, "description": "the paper's numbers, by label and metric"],
      "tables": list(table), "figures": list(figure),
    ]
  }

  private static var row: Value {
    [
      "type": ["object", "null"], "additionalProperties": false,
      "properties": [
        "data": body, "params": body, "solver": body, "seed": seed, "repeat": repetitions, "sweep": sweep,
        "row": ["type": "object", "description": "cells of tables, by title"], "published": numbers,
      ],
    ]
  }

  private static var sweep: Value {
    let values: Value = [
      "anyOf": [["type": "array", "minItems": 1], ["type": "string", "pattern": "^(log|range)\\(.*\\)$"]],
      "description": "a list, log(first, last, count) or range(first, last[, step])",
    ]
    let axes: Value = [
      "type": "object", "patternProperties": ["^(data|params|solver)\\..+$|^seed$|^repeat$": values], "additionalProperties": false,
    ]
    return closed(["product": axes, "zip": axes], "every combination is a row; zip steps through its lists together")
  }

  private static var metric: Value {
    let tolerance: Value = ["type": "number", "minimum": 0]
    return closed(
      [
        "better": ["enum": .array(MetricRule.Better.allCases.map { .string($0.rawValue) })],
        "tolerance": closed(["relative": tolerance, "absolute": tolerance], "how far it may move; the larger allowance counts"),
        "gate": flag("whether compare judges it"), "require": flag("whether a run without it fails"),
      ], "what is expected of a metric")
  }

  private static var table: Value {
    let column = closed(
      [
        "row": text("a key of the rows, or a parameter's path"), "metric": text("a metric"), "title": text("the column's head"),
        "digits": ["type": "integer", "minimum": 0, "maximum": 15], "published": flag("shows the paper's value and the difference"),
      ])
    return closed(
      ["name": text("the file's name"), "title": text("above the table"), "columns": list(column), "where": filter], "a table of the paper")
  }

  private static var figure: Value {
    closed(
      [
        "name": text("the file's name"), "title": text("above the picture"), "x": text("a key of the rows, with numbers for curves"),
        "y": text("a metric"),
        "curves": text("a key of the rows, a curve for each value"),
        "array": text("a matrix of arrays.h5, shown for all rows in place of a metric"), "rows": text("a key of the rows, with array"),
        "trace": text("an array of arrays.h5 as a curve over the array x"),
        "points": text("a metric of every run over another, x; curves is the key that colours them"),
        "pictures": text("a matrix of arrays.h5 as a picture for each row"),
        "exponents": ["type": "boolean", "description": "whether curves' names tell the power of x fitted to them"],
        "where": filter,
        "curvesLabel": text("above the curves' names; what a mosaic's colours mean"),
        "xLabel": text("below the axis"), "yLabel": text("beside the axis"),
        "logarithmic": list(["enum": ["x", "y"]]),
      ], "a metric or an array over what is swept")
  }

  private static let filter: Value = ["type": "object", "description": "only rows with these cells are shown"]
  private static let body: Value = ["type": "object"]
  private static let numbers: Value = ["type": "object", "additionalProperties": ["type": "number"]]
  private static let seed: Value = ["type": "integer", "minimum": 0, "description": "of what is drawn; repetitions derive theirs from it"]
  private static let repetitions: Value = [
    "type": "integer", "minimum": 1, "maximum": 10_000, "description": "how often, with derived seeds",
  ]

  private static func text(_ about: String) -> Value { ["type": "string", "description": .string(about)] }
  private static func flag(_ about: String) -> Value { ["type": "boolean", "description": .string(about)] }
  private static func count(_ about: String) -> Value { ["type": "integer", "minimum": 1, "maximum": 64, "description": .string(about)] }
  private static func list(_ items: Value) -> Value { ["type": "array", "items": items] }

  private static func closed(_ properties: [String: Value], _ about: String = "") -> Value {
    ["type": "object", "additionalProperties": false, "properties": .object(properties), "description": .string(about)]
  }
}
