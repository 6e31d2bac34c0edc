import Documents
import Foundation
import Manifests
import Runs
import TestSupport
import Testing

@Suite struct BaselineTests {
  private func results(_ scores: [String: Double]) throws -> [CaseResult] {
    let store = SampleStore()
    return try scores.sorted { $0.key < $1.key }.map { label, score in
      let each = request(label: label)
      store.finish(each, metrics: "{\"score\": \(score), \"seconds\": 1}")
      return CaseResult(label: label, records: [try #require(try store.store.record(of: each))], expected: 1)
    }
  }

  private func accept(_ scores: [String: Double], in folder: TemporaryFolder, by person: String) throws -> [Baseline.Change] {
    var baseline = try Baseline(path: folder.path + "/baseline.json")
    let rules = try rules("{score: {better: lower, tolerance: {absolute: 0.01}}, seconds: {gate: false}}")
    let changes = baseline.accept(
      try results(scores), rules: rules, tier: .smoke, by: .init(person: person, commit: "c0ffee", reason: "because"))
    try baseline.write()
    return changes
  }

  @Test func theFileSaysWhoChangedWhat() throws {
    let folder = TemporaryFolder()
    #expect(try accept(["a": 1, "b": 2], in: folder, by: "first").map(\.label) == ["a", "b"])
    // a moves within its tolerance, b beyond.
    let changes = try accept(["a": 1.005, "b": 2.5], in: folder, by: "second")
    #expect(changes.count == 1)
    #expect(changes.first?.label == "b" && changes.first?.before == 2.0 && changes.first?.after == 2.5)
    let content = try Value(jsonFile: folder.path + "/baseline.json")
    #expect(content["smoke"]?["a"]?["metrics"]?["score"] == 1.0)
    #expect(content["smoke"]?["a"]?["accepted"] == ["by": "first", "commit": "c0ffee", "reason": "because"])
    #expect(content["smoke"]?["b"]?["metrics"] == ["score": 2.5])
    #expect(content["smoke"]?["b"]?["accepted"]?["by"] == "second")
  }

  /// Small steps, each within the tolerance, do not carry a baseline away.
  @Test func driftIsNotAccepted() throws {
    let folder = TemporaryFolder()
    _ = try accept(["a": 1], in: folder, by: "first")
    for step in 1...5 { _ = try accept(["a": 1 + 0.0018 * Double(step)], in: folder, by: "step") }
    #expect(try accept(["a": 1.012], in: folder, by: "last").count == 1)
  }

  @Test func rowsThatAreGoneAreDropped() throws {
    let folder = TemporaryFolder()
    _ = try accept(["a": 1, "b": 2], in: folder, by: "first")
    #expect(try accept(["a": 1], in: folder, by: "second").map(\.label) == ["b"])
    #expect(try Baseline(path: folder.path + "/baseline.json").metrics(tier: .smoke, label: "b") == nil)
  }

  /// A method without a margin has none: accepted as such it is the same, and one that appears or is lost is not.
  @Test func aValueThatIsNotThereIsCompared() throws {
    let store = SampleStore()
    let rules = try rules("{score: {better: lower, tolerance: {absolute: 0.01}}, seconds: {gate: false}}")
    func result(_ score: String) throws -> CaseResult {
      let each = request(label: "a \(score)")
      store.finish(each, metrics: "{\"score\": \(score), \"seconds\": 1}")
      return CaseResult(label: "a", records: [try #require(try store.store.record(of: each))], expected: 1)
    }
    var baseline = try Baseline(path: TemporaryFolder().path + "/baseline.json")
    _ = baseline.accept([try result("null")], rules: rules, tier: .smoke, by: .init(person: "p", commit: nil, reason: "r"))
    #expect(Comparison(results: [try result("null")], baseline: baseline, rules: rules, tier: .smoke).exitCode == 0)
    #expect(Comparison(results: [try result("0.5")], baseline: baseline, rules: rules, tier: .smoke).exitCode == 3)
  }
}
