import Documents
import Files
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
    if let problem = Self.problem(in: object) { throw DocumentError(place: .file(path), problem: problem) }
  }

  /// What is odd in a baseline, by which nothing could be judged.
  private static func problem(in tiers: [String: Value]) -> String? {
    for (name, tier) in tiers.sorted(by: { $0.key < $1.key }) {
      guard Tier(rawValue: name) != nil else {
        return "'\(name)' is no tier; \(Tier.allCases.map(\.rawValue).joined(separator: ", ")) were expected"
      }
      guard let rows = tier.object else { return "the tier '\(name)' is no JSON object of rows" }
      for (label, row) in rows.sorted(by: { $0.key < $1.key }) {
        let place = "the row '\(label)' of the tier '\(name)'"
        guard let members = row.object, let metrics = members["metrics"]?.object else { return "\(place) has no object 'metrics'" }
        if let other = members.keys.sorted().first(where: { !["accepted", "metrics"].contains($0) }) {
          return "\(place) has the unknown key '\(other)'; accepted and metrics were expected"
        }
        for (metric, value) in metrics.sorted(by: { $0.key < $1.key }) where !isJudgeable(value) {
          return "\(place) has \(value.text) as '\(metric)', but a finite number, true, false, a text or null was expected"
        }
      }
    }
    return nil
  }

  /// Whether a value can be held against another: within any tolerance of infinity is all.
  private static func isJudgeable(_ value: Value) -> Bool {
    value.array == nil && value.object == nil && (value.number.map(\.isFinite) ?? true)
  }

  /// Whether anything was accepted of a tier.
  public func has(_ tier: Tier) -> Bool { content[tier.rawValue] != nil }

  /// The rows of a tier, in alphabetical order.
  public func labels(tier: Tier) -> [String] { content[tier.rawValue]?.object?.keys.sorted() ?? [] }

  public func metrics(tier: Tier, label: String) -> [String: Value]? { content[tier.rawValue]?[label]?["metrics"]?.object }

  /// Checks that what would be accepted can be judged by later.
  ///
  /// - Throws: `DocumentError` when a gated metric is infinite.
  public func check(_ results: [CaseResult], rules: [MetricRule]) throws(DocumentError) {
    for result in results {
      for rule in rules where rule.isGated {
        guard let value = result.value(of: rule.name), !Self.isJudgeable(value) else { continue }
        throw DocumentError(
          place: .file(path), problem: "'\(rule.name)' of the row '\(result.label)' is \(value.text), by which nothing can be judged")
      }
    }
  }

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
