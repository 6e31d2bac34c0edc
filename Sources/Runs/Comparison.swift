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
    lines = results.flatMap { result in
      let accepted = baseline.metrics(tier: tier, label: result.label)
      return rules.filter(\.isGated).map { rule in
        Self.judge(rule, label: result.label, value: result.value(of: rule.name), baseline: accepted?[rule.name])
      }
    }
  }

  /// 2 when a metric moved (to whichever side), else 3 when something could not be compared, else 0.
  public var exitCode: Int32 {
    if lines.contains(where: { $0.verdict == .moved || $0.verdict == .better }) { return 2 }
    return lines.isEmpty || lines.contains { $0.verdict == .missing } ? 3 : 0
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
