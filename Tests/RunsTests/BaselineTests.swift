import Documents
import Files
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
      return CaseResult(label: label, runs: [try #require(try store.store.run(of: each))], expected: 1)
    }
  }

  private func accept(_ scores: [String: Double], in folder: TemporaryFolder, by person: String) throws -> [Baseline
    .Change]
  {
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

  /// What the baseline guards and the manifest no longer has is a difference.
  @Test("row-gone-from-manifest") func aRowThatIsGoneIsNamed() throws {
    let folder = TemporaryFolder()
    _ = try accept(["a": 1, "b": 2], in: folder, by: "first")
    let baseline = try Baseline(path: folder.path + "/baseline.json")
    func comparison(_ scores: [String: Double], _ metrics: String) throws -> Comparison {
      Comparison(results: try results(scores), baseline: baseline, rules: try rules(metrics), tier: .smoke)
    }
    let judged = "{score: {better: lower, tolerance: {absolute: 0.01}}, seconds: {gate: false}}"
    #expect(try comparison(["a": 1, "b": 2], judged).exitCode == 0)
    #expect(try comparison(["a": 1, "b": 2], judged).goneSentence == nil)
    let row = try comparison(["a": 1], judged)
    #expect(row.exitCode == 3 && row.word == "incomplete")
    #expect(row.goneSentence == "the baseline has the row b, but the manifest no longer does")
    #expect(row.lines.last?.label == "b" && row.lines.last?.verdict == .unguarded)
    for metrics in ["{seconds: {gate: false}}", "{score: {gate: false}}"] {
      let metric = try comparison(["a": 1, "b": 2], metrics)
      #expect(metric.exitCode == 3)
      #expect(metric.goneSentence == "the baseline has the metric score, but the manifest no longer does")
    }
    #expect(
      Comparison(results: try results(["a": 1]), baseline: baseline, rules: try rules(judged), tier: .paper).gone == [])
  }

  /// By what is infinite, or no value at all, nothing can be judged.
  @Test(arguments: [
    (
      #"{"smoke": {"a": {"metrics": {"score": "inf"}}}}"#,
      "the row 'a' of the tier 'smoke' has inf as 'score', but a finite number"
    ),
    (#"{"smoke": {"a": {"metrics": {"score": "-inf"}}}}"#, "has -inf as 'score'"),
    (#"{"smoke": {"a": {"metrics": {"score": [1]}}}}"#, "has [1] as 'score'"),
    (#"{"smoke": {"a": {"metrics": {"score": {}}}}}"#, "has {} as 'score'"),
    (#"{"smoke": {"a": {"metrics": {"score": 1e999}}}}"#, "too large"),
    (#"{"smoke": {"a": {"metrics": {"score": 01}}}}"#, "not valid JSON"),
    (#"{"smoke": {"a": {"score": 1}}}"#, "has no object 'metrics'"),
    (#"{"smoke": {"a": 1}}"#, "has no object 'metrics'"),
    (#"{"smoke": [1]}"#, "the tier 'smoke' is not a JSON object of rows"),
    (#"{"smokey": {}}"#, "'smokey' is not a tier; one of smoke, paper was expected"),
    (#"{"smoke": {"a": {"metrics": {}, "metric": 1}}}"#, "unknown key 'metric'"),
    ("[]", "is not a JSON object of tiers"), ("", "not valid JSON"),
  ])
  func oddBaselinesAreRefused(text: String, sentence: String) {
    let folder = TemporaryFolder()
    let error = #expect(throws: DocumentError.self) { try Baseline(path: folder.write(text, to: "baseline.json")) }
    #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
  }

  @Test func anInfiniteMetricIsNotAccepted() throws {
    let store = SampleStore()
    let each = request(label: "a")
    store.finish(each, metrics: "{\"score\": \"inf\"}")
    let result = CaseResult(label: "a", runs: [try #require(try store.store.run(of: each))], expected: 1)
    let baseline = try Baseline(path: TemporaryFolder().path + "/baseline.json")
    let error = #expect(throws: DocumentError.self) { try baseline.check([result], rules: try rules("{score: {}}")) }
    #expect(error?.description.contains("'score' of the row 'a' is inf, with which nothing can be compared") == true)
    #expect(throws: Never.self) { try baseline.check([result], rules: try rules("{score: {gate: false}}")) }
  }

  /// A method without a margin has none: accepted as such it is the same, and one that appears or is lost is not.
  @Test func aValueThatIsNotThereIsCompared() throws {
    let store = SampleStore()
    let rules = try rules("{score: {better: lower, tolerance: {absolute: 0.01}}, seconds: {gate: false}}")
    func result(_ score: String) throws -> CaseResult {
      let each = request(label: "a \(score)")
      store.finish(each, metrics: "{\"score\": \(score), \"seconds\": 1}")
      return CaseResult(label: "a", runs: [try #require(try store.store.run(of: each))], expected: 1)
    }
    var baseline = try Baseline(path: TemporaryFolder().path + "/baseline.json")
    _ = baseline.accept(
      [try result("null")], rules: rules, tier: .smoke, by: .init(person: "p", commit: nil, reason: "r"))
    #expect(Comparison(results: [try result("null")], baseline: baseline, rules: rules, tier: .smoke).exitCode == 0)
    #expect(Comparison(results: [try result("0.5")], baseline: baseline, rules: rules, tier: .smoke).exitCode == 3)
  }
}
