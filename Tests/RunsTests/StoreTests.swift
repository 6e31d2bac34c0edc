import Documents
import Foundation
import Manifests
import Runs
import TestSupport
import Testing

@Suite struct RunKeyTests {
  @Test func everythingThatMattersChangesTheKey() {
    let variants = [
      request(), request(kind: "k2"), request(revision: 2), request(data: ["n": 2]), request(data: ["m": 1]),
      request(params: ["p": 0.6]),
      request(solver: ["name": "t"]), request(seed: 2),
      request(inputs: [RunInput(role: "data.x", name: "set/x", path: "/a/x", sha256: "ab")]),
      request(inputs: [RunInput(role: "data.y", name: "set/x", path: "/a/x", sha256: "aa")]), request(inputs: []),
    ]
    #expect(Set(variants.map(\.key)).count == variants.count)
  }

  @Test func nothingElseDoes() throws {
    let variants = [
      request(), request(label: "other"), request(limits: Limits(seconds: 1, memory: 2, threads: 7)),
      request(tier: .paper),
      request(repetition: 3), request(styling: ["data": ["names": ["a"]]]),
      request(metrics: try rules("{score: {better: lower}}")),
      request(inputs: [RunInput(role: "data.x", name: "other", path: "/b/y", sha256: "aa")]),
    ]
    #expect(Set(variants.map(\.identity.digest)).count == 1)
    #expect(request().key.count == 12)
  }
}

@Suite struct RunStoreTests {
  @Test func aRunAppearsWholeAndReplacesAnOlderOne() throws {
    let folder = TemporaryFolder()
    let store = RunStore(folder: folder.path + "/results")
    for version in ["1", "2"] {
      let staged = try store.stage(request())
      try recordText(request()).write(toFile: staged + "/run.json", atomically: true, encoding: .utf8)
      try "{\"score\": \(version)}".write(toFile: staged + "/metrics.json", atomically: true, encoding: .utf8)
      try store.commit(staged, as: request())
      #expect(!FileManager.default.fileExists(atPath: staged))
      let run = try #require(try store.run(of: request()))
      #expect(run.metrics["score"]?.text == version)
      #expect(run.isConverged)
    }
    #expect(store.keys(of: "e") == [request().key])
    #expect(try FileManager.default.contentsOfDirectory(atPath: store.folder + "/.staging") == [])
  }

  @Test func stagingRemovesWhatADeadAttemptLeft() throws {
    let folder = TemporaryFolder()
    folder.write("half", to: ".staging/\(request().key)-1/metrics.json")
    let staged = try RunStore(folder: folder.path).stage(request())
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path + "/.staging") == [
        (staged as NSString).lastPathComponent
      ])
  }

  /// Behind a link to another disk a run is in the making beside its place: a rename does not go from disk to disk.
  @Test(.enabled(if: OtherDisk.isThere, "there is no other disk")) func resultsOnAnotherDisk() throws {
    let (folder, disk) = (TemporaryFolder(), OtherDisk())
    let store = RunStore(folder: folder.path + "/results")
    try FileManager.default.createDirectory(atPath: store.folder, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: store.folder + "/e", withDestinationPath: disk.path)
    for version in ["1", "2"] {
      let staged = try store.stage(request())
      #expect(staged.hasPrefix(store.folder + "/e/runs/.staging/"))
      try recordText(request()).write(toFile: staged + "/run.json", atomically: true, encoding: .utf8)
      try "{\"score\": \(version)}".write(toFile: staged + "/metrics.json", atomically: true, encoding: .utf8)
      try store.commit(staged, as: request())
      #expect(try store.run(of: request())?.metrics["score"]?.text == version)
    }
    #expect(store.keys(of: "e") == [request().key])
    // What a killed process has left there is found as well.
    _ = try store.stage(request())
    #expect(
      store.leftovers().map(\.path) == [
        store.folder + "/e/runs/.staging/\(request().key)-\(ProcessInfo.processInfo.processIdentifier)"
      ])
    for leftover in store.leftovers() + [store.leftover(request().key, of: "e")] { #expect(try store.remove(leftover)) }
    #expect(store.keys(of: "e") == [] && store.leftovers().isEmpty)
  }

  /// A run that a process has just made is not taken away from it before it has seen it.
  @Test func aRunAtWorkIsNotRemoved() throws {
    let sample = SampleStore()
    sample.finish(request())
    var lock = try sample.store.lock(request())
    let leftover = sample.store.leftover(request().key, of: "e")
    #expect(try !sample.store.remove(leftover))
    #expect(sample.store.isFinished(request()))
    withExtendedLifetime(lock) {}
    lock = nil
    #expect(try sample.store.remove(leftover))
    #expect(!sample.store.isFinished(request()))
    // Somebody else was faster.
    #expect(try sample.store.remove(leftover))
    #expect(try FileManager.default.contentsOfDirectory(atPath: sample.folder.path + "/.staging") == [])
  }

  @Test func aFileWhereTheFolderBelongsIsNamed() {
    let folder = TemporaryFolder()
    folder.write("a file", to: "results")
    let error = #expect(throws: StoreError.self) { try RunStore(folder: folder.path + "/results").stage(request()) }
    #expect(
      error?.description.contains("results is a file, but a folder was expected") == true, "\(error?.description ?? "")"
    )
  }
}

@Suite struct ComparisonTests {
  private func rules() throws -> [MetricRule] {
    try TestSupport.rules(
      "{score: {better: lower, tolerance: {absolute: 0.01}}, converged: {}, seconds: {gate: false}}")
  }

  private let acceptance = Baseline.Acceptance(person: "somebody", commit: "c0ffee", reason: "first")

  private func result(_ metrics: String, _ folder: TemporaryFolder, name: String = "run") throws -> CaseResult {
    folder.write(recordText(request()), to: "\(name)/run.json")
    folder.write(metrics, to: "\(name)/metrics.json")
    return CaseResult(label: "c", runs: [try FinishedRun(directory: folder.path + "/" + name)], expected: 1)
  }

  @Test(arguments: [
    ("{\"score\": 0.505, \"converged\": true, \"seconds\": 9}", 0), ("{\"score\": 0.52, \"converged\": true}", 2),
    ("{\"score\": 0.4, \"converged\": true}", 2), ("{\"score\": 0.5, \"converged\": false}", 2),
    ("{\"converged\": true}", 3),
    ("{\"score\": null, \"converged\": true}", 3),
  ])
  func verdicts(metrics: String, code: Int) throws {
    let folder = TemporaryFolder()
    var baseline = try Baseline(path: folder.path + "/baseline.json")
    let accepted = try result("{\"score\": 0.5, \"converged\": true, \"seconds\": 1}", folder, name: "accepted")
    let changes = baseline.accept([accepted], rules: try rules(), tier: .smoke, by: acceptance)
    #expect(changes.map(\.metric) == ["converged", "score"])
    try baseline.write()
    let read = try Baseline(path: folder.path + "/baseline.json")
    #expect(read.metrics(tier: .smoke, label: "c")?.keys.sorted() == ["converged", "score"])
    let comparison = Comparison(
      results: [try result(metrics, folder)], baseline: read, rules: try rules(), tier: .smoke)
    #expect(comparison.exitCode == Int32(code))
    #expect(
      Comparison(results: [try result(metrics, folder)], baseline: read, rules: try rules(), tier: .paper).exitCode == 3
    )
  }

  @Test func repetitionsAreAveragedWithTheirDeviation() throws {
    let folder = TemporaryFolder()
    let first = try result("{\"score\": 1, \"status\": \"converged\", \"converged\": true}", folder, name: "1").runs
    let second = try result("{\"score\": 2, \"status\": \"iteration-limit\", \"converged\": false}", folder, name: "2")
      .runs
    let both = CaseResult(label: "c", runs: first + second, expected: 2)
    #expect(both.value(of: "score") == 1.5)
    #expect(abs((both.deviation(of: "score") ?? 0) - 0.5.squareRoot()) < 1e-15)
    #expect(both.value(of: "converged") == false)
    #expect(both.value(of: "status") == "1 converged, 1 iteration-limit")
    #expect(CaseResult(label: "c", runs: first, expected: 2).value(of: "score") == nil)
  }
}
