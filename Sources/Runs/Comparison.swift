import Documents
import Manifests

/// The comparison of a run's metrics with the baseline.
public struct Comparison: Sendable {
  /// The result for one metric.
  public enum Verdict: String, Sendable {
    /// The metric is within its tolerance.
    case same
    /// The metric is out of tolerance, but better.
    case better
    /// The metric is out of tolerance, and worse or without a direction.
    case moved
    /// There is no run, no baseline, or no such metric.
    case missing
    /// The baseline has a row or metric that the manifest no longer checks.
    case unguarded

    /// The result as tables show it.
    public var text: String {
      switch self {
      case .same: "matches"
      case .better: "better"
      case .moved: "out of tolerance"
      case .missing: "missing"
      case .unguarded: "not in manifest"
      }
    }
  }

  /// The comparison of one metric of one row.
  public struct Line: Sendable {
    /// The label of the row.
    public let label: String
    /// The name of the metric.
    public let metric: String
    /// The value of the runs; nil if there is none.
    public let value: Value?
    /// The value in the baseline; nil if there is none.
    public let baseline: Value?
    /// The largest difference that is within the tolerance.
    public let allowance: Double
    /// The result of the comparison.
    public let verdict: Verdict
  }

  /// The comparisons of all checked metrics.
  public let lines: [Line]

  /// Compares the means of finished runs with a baseline.
  public init(results: [CaseResult], baseline: Baseline, rules: [MetricRule], tier: Tier) {
    let gated = rules.filter(\.isGated)
    let judged = results.flatMap { result in
      let accepted = baseline.metrics(tier: tier, label: result.label)
      return gated.map { rule in
        Self.judge(rule, label: result.label, value: result.value(of: rule.name), baseline: accepted?[rule.name])
      }
    }
    let (labels, names) = (Set(results.map(\.label)), Set(gated.map(\.name)))
    let unguarded = baseline.labels(tier: tier).flatMap { label in
      (baseline.metrics(tier: tier, label: label) ?? [:]).sorted { $0.key < $1.key }
        .filter { !labels.contains(label) || !names.contains($0.key) }
        .map { Line(label: label, metric: $0.key, value: nil, baseline: $0.value, allowance: 0, verdict: .unguarded) }
    }
    lines = judged + unguarded
    gone = baseline.labels(tier: tier).filter { !labels.contains($0) }
    goneMetrics = Set(unguarded.filter { labels.contains($0.label) }.map(\.metric)).sorted()
  }

  /// The labels of rows that only the baseline has.
  public let gone: [String]
  /// The metrics that the baseline has for existing rows but the manifest no longer checks.
  public let goneMetrics: [String]

  /// A sentence about rows and metrics that only the baseline has; nil if there are none.
  public var goneSentence: String? {
    let parts = [("the row", gone), ("the metric", goneMetrics)].filter { !$1.isEmpty }.map { what, names in
      """
      \(what)\(names.count > 1 ? "s" : "") \
      \(names.prefix(4).joined(separator: ", "))\(names.count > 4 ? ", … (\(names.count))" : "")
      """
    }
    return parts.isEmpty ? nil : "the baseline has \(parts.joined(separator: " and ")), but the manifest no longer does"
  }

  /// The exit code: 2 if a metric is out of tolerance in any direction, 3 if something could not be compared or only
  /// the baseline has it, else 0.
  public var exitCode: Int32 {
    if lines.contains(where: { $0.verdict == .moved || $0.verdict == .better }) { return 2 }
    return lines.isEmpty || lines.contains { $0.verdict == .missing || $0.verdict == .unguarded } ? 3 : 0
  }

  /// The result in a few words, for lists.
  public var word: String {
    switch exitCode {
    case 0: "matches"
    case 2: "out of tolerance"
    default: "incomplete"
    }
  }

  /// Compares the metrics of a repeated run with those in its record.
  public init(_ repeated: [String: Value], against recorded: [String: Value], rules: [MetricRule], label: String) {
    lines = rules.filter(\.isGated).map { rule in
      Self.judge(rule, label: label, value: repeated[rule.name], baseline: recorded[rule.name])
    }
    (gone, goneMetrics) = ([], [])
  }

  private static func judge(_ rule: MetricRule, label: String, value: Value?, baseline: Value?) -> Line {
    func line(_ verdict: Verdict, allowance: Double = 0) -> Line {
      Line(label: label, metric: rule.name, value: value, baseline: baseline, allowance: allowance, verdict: verdict)
    }
    guard let value, let baseline, (value == .null) == (baseline == .null) else { return line(.missing) }
    // The row does not have the metric, and the baseline says so.
    if value == .null { return line(.same) }
    guard let number = value.number, let accepted = baseline.number else {
      return line(value == baseline ? .same : .moved)
    }
    let allowance = rule.allowance(around: accepted)
    if abs(number - accepted) <= allowance { return line(.same, allowance: allowance) }
    let isBetter = rule.better == .lower ? number < accepted : rule.better == .higher && number > accepted
    return line(isBetter ? .better : .moved, allowance: allowance)
  }
}
