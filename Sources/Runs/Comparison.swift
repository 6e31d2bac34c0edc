import Documents
import Manifests

/// A run's metrics held against the baseline.
public struct Comparison: Sendable {
  public enum Verdict: String, Sendable {
    case same
    /// Beyond the tolerance, to the better side.
    case better
    /// Beyond the tolerance, to the worse side or to one that is neither.
    case moved
    /// There is no run, no baseline, or no such metric.
    case missing
    /// The baseline guards what the manifest no longer has.
    case unguarded
  }

  public struct Line: Sendable {
    public let label: String
    public let metric: String
    public let value: Value?
    public let baseline: Value?
    public let allowance: Double
    public let verdict: Verdict
  }

  public let lines: [Line]

  /// - Parameter results: the finished runs of each case; means are compared.
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

  /// Rows that the baseline has and the manifest no longer.
  public let gone: [String]
  /// Metrics that the baseline has of rows that are there, and that the manifest no longer judges.
  public let goneMetrics: [String]

  /// What the baseline guards in vain; nil when there is nothing.
  public var goneSentence: String? {
    let parts = [("the row", gone), ("the metric", goneMetrics)].filter { !$1.isEmpty }.map { what, names in
      "\(what)\(names.count > 1 ? "s" : "") \(names.prefix(4).joined(separator: ", "))\(names.count > 4 ? ", … (\(names.count))" : "")"
    }
    return parts.isEmpty ? nil : "the baseline guards \(parts.joined(separator: " and ")), which the manifest no longer has"
  }

  /// 2 when a metric moved (to whichever side), else 3 when something could not be compared or is no longer there, else 0.
  public var exitCode: Int32 {
    if lines.contains(where: { $0.verdict == .moved || $0.verdict == .better }) { return 2 }
    return lines.isEmpty || lines.contains { $0.verdict == .missing || $0.verdict == .unguarded } ? 3 : 0
  }

  /// The verdict in one word.
  public var word: String {
    switch exitCode {
    case 0: "same"
    case 2: "moved"
    default: "incomplete"
    }
  }

  /// Holds the metrics of a repeated run against those of its record.
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
    // A metric that a row does not have, and that was accepted so.
    if value == .null { return line(.same) }
    guard let number = value.number, let accepted = baseline.number else { return line(value == baseline ? .same : .moved) }
    let allowance = rule.allowance(around: accepted)
    if abs(number - accepted) <= allowance { return line(.same, allowance: allowance) }
    let isBetter = rule.better == .lower ? number < accepted : rule.better == .higher && number > accepted
    return line(isBetter ? .better : .moved, allowance: allowance)
  }
}
