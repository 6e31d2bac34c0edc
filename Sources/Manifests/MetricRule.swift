import Documents

/// What is expected of one metric.
public struct MetricRule: Sendable {
  public enum Better: String, Sendable, CaseIterable { case lower, higher, neither }

  public let name: String
  public let better: Better
  /// How far it may move from the baseline: the larger of both allowances.
  public let relativeTolerance: Double
  public let absoluteTolerance: Double
  /// Whether `compare` judges it; timings are shown only.
  public let isGated: Bool
  /// Whether a run whose value is not true fails.
  public let isRequired: Bool

  /// The largest |value − baseline| that counts as unmoved.
  public func allowance(around baseline: Double) -> Double { max(absoluteTolerance, relativeTolerance * abs(baseline)) }

  static func read(_ node: Node?) throws(DocumentError) -> [MetricRule] {
    guard let node else { return [] }
    guard let members = node.members else { throw DocumentError(place: node.place, problem: "'metrics' is not a mapping") }
    var rules: [MetricRule] = []
    for member in members { rules.append(try MetricRule(member)) }
    return rules
  }

  private init(_ member: Node.Member) throws(DocumentError) {
    let fields = try Fields(member.value, path: "metrics.\(member.key)")
    name = member.key
    better = try fields.choice("better", default: .neither)
    let tolerance = try fields.fieldsOrEmpty("tolerance")
    let isValid = { (number: Double) in number >= 0 && number.isFinite }
    relativeTolerance = try tolerance.number("relative", default: 0, expected: "a number that is not negative", where: isValid)
    absoluteTolerance = try tolerance.number("absolute", default: 0, expected: "a number that is not negative", where: isValid)
    isGated = try fields.bool("gate", default: true)
    isRequired = try fields.bool("require", default: false)
    try fields.finish()
  }
}

/// A table of the paper: which columns, in which order.
public struct TableSpec: Sendable {
  public struct Column: Sendable {
    public let title: String
    /// Where the cell comes from: a key of the case's `row`, or a metric.
    public let source: Source
    /// Digits after the point; nil shows whole numbers as they are and others with three.
    public let digits: Int?
    /// Whether the published value follows in a column of its own.
    public let showsPublished: Bool
  }

  public enum Source: Sendable, Equatable {
    case row(String)
    case metric(String)
  }

  public let name: String
  public let title: String
  public let columns: [Column]

  static func read(_ node: Node?) throws(DocumentError) -> [TableSpec] {
    guard let node else { return [] }
    guard case .sequence(let nodes) = node.content else { throw DocumentError(place: node.place, problem: "'tables' is not a list") }
    var specs: [TableSpec] = []
    for node in nodes { specs.append(try TableSpec(node)) }
    return specs
  }

  private init(_ node: Node) throws(DocumentError) {
    let fields = try Fields(node, path: "tables")
    name = try fields.string("name")
    title = try fields.string("title")
    guard case .sequence(let nodes)? = fields.node("columns")?.content else {
      throw DocumentError(place: node.place, problem: "the table '\(name)' has no list of columns")
    }
    var columns: [Column] = []
    for node in nodes {
      let column = try Fields(node, path: "tables.columns")
      let source: Source
      if let row = try column.optionalString("row") { source = .row(row) } else { source = .metric(try column.string("metric")) }
      let fallback =
        switch source {
        case .row(let key): key;
        case .metric(let metric): metric
        }
      columns.append(
        Column(
          title: try column.string("title", default: fallback), source: source,
          digits: try column.optionalInteger("digits", in: 0...15),
          showsPublished: try column.bool("published", default: false)))
      try column.finish()
    }
    self.columns = columns
    try fields.finish()
  }
}
