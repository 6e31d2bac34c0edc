import Documents
import Foundation
import Manifests

/// The accepted metrics of an experiment, `baseline.json`: tier → case → {accepted, metrics}, where `accepted` says who accepted them, on
/// which commit and why, so that the file's history shows who changed what.
public struct Baseline: Sendable {
  /// Who accepts metrics, and on what ground.
  public struct Acceptance: Sendable {
    public let person: String
    public let commit: String?
    public let reason: String

    public init(person: String, commit: String?, reason: String) {
      self.person = person
      self.commit = commit
      self.reason = reason
    }
  }

  /// A metric that `accept` has changed.
  public struct Change: Sendable {
    public let label: String
    public let metric: String
    public let before: Value?
    public let after: Value?
  }

  public let path: String
  private var content: [String: Value]

  /// Reads the file; an absent one is an empty baseline.
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
  }

  /// Whether anything was accepted of a tier.
  public func has(_ tier: Tier) -> Bool { content[tier.rawValue] != nil }

  public func metrics(tier: Tier, label: String) -> [String: Value]? { content[tier.rawValue]?[label]?["metrics"]?.object }

  /// Takes over the gated metrics of the given runs where they have moved beyond their tolerance or are new; what has not moved stays to the
  /// digit, so that many small steps are not accepted unseen. Rows that the manifest no longer has are dropped.
  ///
  /// - Returns: what has changed.
  public mutating func accept(_ results: [CaseResult], rules: [MetricRule], tier: Tier, by acceptance: Acceptance) -> [Change] {
    let old = content[tier.rawValue]?.object ?? [:]
    let comparison = Comparison(results: results, baseline: self, rules: rules, tier: tier)
    let moved = Set(comparison.lines.filter { $0.verdict != .same }.map { "\($0.label)/\($0.metric)" })
    var changes: [Change] = []
    var cases: [String: Value] = [:]
    for result in results {
      let before = old[result.label]?["metrics"]?.object ?? [:]
      var metrics: [String: Value] = [:]
      for rule in rules where rule.isGated {
        metrics[rule.name] = moved.contains("\(result.label)/\(rule.name)") ? result.value(of: rule.name) : before[rule.name]
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
          "by": .string(acceptance.person), "commit": acceptance.commit.map(Value.string) ?? .null, "reason": .string(acceptance.reason),
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

  public func write() throws(StoreError) {
    do {
      try (Value.object(content).json(indented: true) + "\n").write(toFile: path, atomically: true, encoding: .utf8)
    } catch {
      throw .unwritable(path: path, reason: "no permission, or the disk is full")
    }
  }
}
