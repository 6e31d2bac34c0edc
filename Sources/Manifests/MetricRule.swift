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
  public let place: Place

  /// The largest |value − baseline| that counts as unmoved.
  public func allowance(around baseline: Double) -> Double { max(absoluteTolerance, relativeTolerance * abs(baseline)) }

  static let toleranceRange = NumberRange.notNegative

  static func read(_ node: Node?) throws(DocumentError) -> [MetricRule] {
    guard let node else { return [] }
    guard let members = node.members else { throw DocumentError(place: node.place, problem: "'metrics' is not a mapping") }
    var rules: [MetricRule] = []
    for member in members { rules.append(try MetricRule(member)) }
    return rules
  }

  /// The rule as a run's record keeps it.
  public var value: Value {
    [
      "better": .string(better.rawValue), "tolerance": ["relative": .number(relativeTolerance), "absolute": .number(absoluteTolerance)],
      "gate": .bool(isGated), "require": .bool(isRequired),
    ]
  }

  /// A rule that a record has kept.
  public init(name: String, value: Value, at place: Place) throws(DocumentError) {
    try self.init(Node.Member(key: name, place: place, value: Node(value, at: place)))
  }

  private init(_ member: Node.Member) throws(DocumentError) {
    let fields = try Fields(member.value, path: "metrics.\(member.key)")
    name = member.key
    better = try fields.choice("better", default: .neither)
    let tolerance = try fields.fieldsOrEmpty("tolerance")
    relativeTolerance = try tolerance.number("relative", default: 0, in: Self.toleranceRange)
    absoluteTolerance = try tolerance.number("absolute", default: 0, in: Self.toleranceRange)
    isGated = try fields.bool("gate", default: true)
    isRequired = try fields.bool("require", default: false)
    place = member.place
    try fields.finish()
  }
}
