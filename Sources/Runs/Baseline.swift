import Documents
import Foundation
import Manifests

/// The accepted metrics of an experiment, `baseline.json`: tier → case → metric → value.
public struct Baseline: Sendable {
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

  public func metrics(tier: Tier, label: String) -> [String: Value]? { content[tier.rawValue]?[label]?.object }

  /// Replaces a tier's part by the gated metrics of the given runs.
  public mutating func accept(_ results: [CaseResult], rules: [MetricRule], tier: Tier) {
    let cases = results.map { result in
      let metrics = rules.filter(\.isGated).compactMap { rule in result.value(of: rule.name).map { (rule.name, $0) } }
      return (result.label, Value.object(Dictionary(metrics) { $1 }))
    }
    content[tier.rawValue] = .object(Dictionary(cases) { $1 })
  }

  public func write() throws(StoreError) {
    do {
      try (Value.object(content).json(indented: true) + "\n").write(toFile: path, atomically: true, encoding: .utf8)
    } catch {
      throw .unwritable(path: path, reason: "no permission, or the disk is full")
    }
  }
}
