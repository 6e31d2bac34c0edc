import Documents

/// The expectations for one metric.
public struct MetricRule: Sendable {
  /// The direction in which the metric improves.
  public enum Better: String, Sendable, CaseIterable { case lower, higher, neither }

  /// The name of the metric.
  public let name: String
  /// The direction in which the metric improves; `neither` by default.
  public let better: Better
  /// The allowed difference from the baseline as a fraction of it; the larger of the two tolerances applies.
  public let relativeTolerance: Double
  /// The allowed difference from the baseline; the larger of the two tolerances applies.
  public let absoluteTolerance: Double
  /// Whether `otlab compare` checks the metric; timings are only shown.
  public let isGated: Bool
  /// Whether a run fails unless this metric is true.
  public let isRequired: Bool
  /// The place of the rule in the manifest.
  public let place: Place

  /// Returns the largest |value − baseline| that is within the tolerance.
  public func allowance(around baseline: Double) -> Double { max(absoluteTolerance, relativeTolerance * abs(baseline)) }

  static let toleranceRange = NumberRange.notNegative

  static func read(_ node: Node?) throws(DocumentError) -> [MetricRule] {
    guard let node else { return [] }
    guard let members = node.members else {
      throw DocumentError(place: node.place, problem: "'metrics' is not a mapping")
    }
    var rules: [MetricRule] = []
    for member in members { rules.append(try MetricRule(member)) }
    return rules
  }

  /// The rule as the record of a run stores it.
  public var value: Value {
    [
      "better": .string(better.rawValue),
      "tolerance": ["relative": .number(relativeTolerance), "absolute": .number(absoluteTolerance)],
      "gate": .bool(isGated), "require": .bool(isRequired),
    ]
  }

  /// Reads a rule from the record of a run.
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
