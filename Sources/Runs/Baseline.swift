import Documents
import Files
import Foundation
import Manifests

/// The accepted metrics of an experiment, `baseline.json`.
///
/// It maps tier and row to the metrics and to who accepted them, on which commit, and why, so that the file's history
/// explains every change.
public struct Baseline: Sendable {
  /// The person who accepts metrics, and the reason.
  public struct Acceptance: Sendable {
    /// The name of the person.
    public let person: String
    /// The git commit; nil if there is none.
    public let commit: String?
    /// The reason why the metrics are accepted.
    public let reason: String

    /// Creates an acceptance from who accepts metrics, on which commit, and why.
    public init(person: String, commit: String?, reason: String) {
      self.person = person
      self.commit = commit
      self.reason = reason
    }
  }

  /// A metric that `accept` has changed.
  public struct Change: Sendable {
    /// The label of the row.
    public let label: String
    /// The name of the metric.
    public let metric: String
    /// The value in the old baseline; nil if there was none.
    public let before: Value?
    /// The value in the new baseline; nil if it was dropped.
    public let after: Value?
  }

  /// The path of the file.
  public let path: String
  private var content: [String: Value]

  /// Reads a baseline; a missing file gives an empty baseline.
  public init(path: String) throws(DocumentError) {
    self.path = path
    guard FileManager.default.fileExists(atPath: path) else {
      content = [:]
      return
    }
    guard let object = try Value(jsonFile: path).object else {
      throw DocumentError(place: .file(path), problem: "is not a JSON object of tiers")
    }
    content = object
    if let problem = Self.problem(in: object) { throw DocumentError(place: .file(path), problem: problem) }
  }

  /// Describes a mistake in a baseline that would make it useless for comparison; nil if there is none.
  private static func problem(in tiers: [String: Value]) -> String? {
    for (name, tier) in tiers.sorted(by: { $0.key < $1.key }) {
      guard Tier(rawValue: name) != nil else {
        return "'\(name)' is not a tier; one of \(Tier.allCases.map(\.rawValue).joined(separator: ", ")) was expected"
      }
      guard let rows = tier.object else { return "the tier '\(name)' is not a JSON object of rows" }
      for (label, row) in rows.sorted(by: { $0.key < $1.key }) {
        let place = "the row '\(label)' of the tier '\(name)'"
        guard let members = row.object, let metrics = members["metrics"]?.object else {
          return "\(place) has no object 'metrics'"
        }
        if let other = members.keys.sorted().first(where: { !["accepted", "metrics"].contains($0) }) {
          return "\(place) has the unknown key '\(other)'; accepted and metrics were expected"
        }
        for (metric, value) in metrics.sorted(by: { $0.key < $1.key }) where !isJudgeable(value) {
          return
            "\(place) has \(value.text) as '\(metric)', but a finite number, true, false, a text or null was expected"
        }
      }
    }
    return nil
  }

  /// Returns whether a value can be compared with others; anything is within tolerance of an infinite value.
  private static func isJudgeable(_ value: Value) -> Bool {
    value.array == nil && value.object == nil && (value.number.map(\.isFinite) ?? true)
  }

  /// Returns whether the baseline has values for a tier.
  public func has(_ tier: Tier) -> Bool { content[tier.rawValue] != nil }

  /// Returns the labels of a tier's rows in alphabetical order.
  public func labels(tier: Tier) -> [String] { content[tier.rawValue]?.object?.keys.sorted() ?? [] }

  /// Returns the accepted metrics of a row; nil if the baseline does not have the row.
  public func metrics(tier: Tier, label: String) -> [String: Value]? {
    content[tier.rawValue]?[label]?["metrics"]?.object
  }

  /// Throws `DocumentError` if a checked metric is infinite, since nothing could be compared with it.
  public func check(_ results: [CaseResult], rules: [MetricRule]) throws(DocumentError) {
    for result in results {
      for rule in rules where rule.isGated {
        guard let value = result.value(of: rule.name), !Self.isJudgeable(value) else { continue }
        throw DocumentError(
          place: .file(path),
          problem: "'\(rule.name)' of the row '\(result.label)' is \(value.text), with which nothing can be compared")
      }
    }
  }

  /// Accepts the checked metrics of some rows where they are new or out of tolerance.
  ///
  /// Metrics within tolerance stay exactly as they are, so that many small changes do not add up unnoticed. Rows that
  /// the manifest no longer has are removed.
  ///
  /// - Parameters:
  ///   - results: the results of all rows.
  ///   - rules: the expectations for the metrics.
  ///   - tier: the tier.
  ///   - acceptance: who accepts the metrics, and why.
  /// - Returns: The changes.
  public mutating func accept(_ results: [CaseResult], rules: [MetricRule], tier: Tier, by acceptance: Acceptance)
    -> [Change]
  {
    let old = content[tier.rawValue]?.object ?? [:]
    let comparison = Comparison(results: results, baseline: self, rules: rules, tier: tier)
    let moved = Set(comparison.lines.filter { $0.verdict != .same }.map { "\($0.label)/\($0.metric)" })
    var changes: [Change] = []
    var cases: [String: Value] = [:]
    for result in results {
      let before = old[result.label]?["metrics"]?.object ?? [:]
      var metrics: [String: Value] = [:]
      for rule in rules where rule.isGated {
        metrics[rule.name] =
          moved.contains("\(result.label)/\(rule.name)") ? result.value(of: rule.name) : before[rule.name]
      }
      if metrics == before, let entry = old[result.label] {
        cases[result.label] = entry
        continue
      }
      for name in Set(before.keys).union(metrics.keys).sorted() where before[name] != metrics[name] {
        changes.append(Change(label: result.label, metric: name, before: before[name], after: metrics[name]))
      }
      cases[result.label] = [
        "accepted": [
          "by": .string(acceptance.person), "commit": acceptance.commit.map(Value.string) ?? .null,
          "reason": .string(acceptance.reason),
        ],
        "metrics": .object(metrics),
      ]
    }
    for label in old.keys.sorted() where cases[label] == nil {
      changes.append(Change(label: label, metric: "all", before: "accepted", after: nil))
    }
    content[tier.rawValue] = .object(cases)
    return changes
  }

  /// Writes the file, or throws `StoreError` if that is not possible.
  public func write() throws(StoreError) {
    do {
      try (Value.object(content).json(indented: true) + "\n").write(toFile: path, atomically: true, encoding: .utf8)
    } catch {
      throw .unwritable(path: path, reason: "no permission, or the disk is full")
    }
  }
}
