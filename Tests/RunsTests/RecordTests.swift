import Documents
import Foundation
import Manifests
import Runs
import TestSupport
import Testing

/// run.json as one value.
@Suite struct RunRecordTests {
  private let place = Place.file("run.json")

  private func value(_ request: RunRequest = request()) throws -> [String: Value] {
    try #require(try Value(json: recordText(request), path: "run.json").object)
  }

  @Test func aRecordComesBackAsItWasWritten() throws {
    let rules = try rules("{score: {better: lower, tolerance: {absolute: 0.01}}}")
    let written = try value(request(styling: ["data": ["names": ["a"]]], metrics: rules))
    #expect(try RunRecord(.object(written), at: place).value == .object(written))
    // Of a whole one, with all that a process notes.
    var whole = written
    whole["folder"] = "/here"
    whole["folderFromResults"] = ".."
    whole["undrawn"] = "gnuplot is not installed"
    whole["outcomeText"] = "converged"
    whole["provenance"] = [
      "commandLine": ["otlab", "run"], "gitCommit": "c0ffee", "gitPatchSHA256": .null, "swift": "6.3",
      "libraries": ["blas": "1"],
      "machine": ["processor": "p", "cores": 2, "memoryBytes": 4096, "system": "s"],
    ]
    whole["environment"] = [
      "threads": 2, "blas": "b", "simd": "s", "configuration": "release", "peakMemoryBytes": 1, "processorSeconds": 0.5,
      "started": "2026-01-01T00:00:00Z", "secondsComputing": 1.0, "secondsElapsed": .number(2), "relabeling": .null,
    ]
    #expect(try RunRecord(.object(whole), at: place).value == .object(whole))
  }

  /// What earlier builds did not write, and what later ones may.
  @Test func olderAndNewerRecordsAreRead() throws {
    var older = try value()
    for key in ["title", "repetition", "styling", "rules", "inputs", "executableSHA256", "environment"] {
      older[key] = nil
    }
    older["news"] = ["a": 1]
    let record = try RunRecord(.object(older), at: place)
    #expect(record.header.title == "l" && record.inputs.isEmpty && record.header.ending?.environment.threads == nil)
  }

  @Test(
    arguments: [
      ("experiment", nil, "run.json: has no 'experiment'"), ("key", nil, "run.json: has no 'key'"),
      ("document", nil, "run.json: has no 'document'"),
      ("document", ["kind": "k"], "run.json: has no 'document.revision'"),
      ("document", 3, "run.json: 'document' is not a JSON object"),
      ("tier", "large", "run.json: 'tier' is large, but one of smoke, paper was expected"),
      ("label", 3, "run.json: 'label' is 3, but a text was expected"),
      ("environment", ["threads": "two"], "run.json: 'environment.threads' is two, but a whole number was expected"),
      ("environment", [1], "run.json: 'environment' is not a JSON object"),
      ("inputs", [["role": "r"]], "run.json: has no 'inputs[0].name'"),
      (
        "provenance", ["machine": ["processor": "p", "cores": 0.5]],
        "'provenance.machine.cores' is 0.5, but a whole number was expected"
      ),
      ("provenance", ["libraries": ["blas": 3]], "'provenance.libraries.blas' is 3, but a text was expected"),
    ] as [(String, Value?, String)])
  func damageIsNamed(key: String, damaged: Value?, sentence: String) throws {
    var value = try value()
    value[key] = damaged
    let error = #expect(throws: DocumentError.self) { try RunRecord(.object(value), at: place) }
    #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
  }

  /// One damaged run keeps no other from lists.
  @Test func aDamagedRunIsOneOfMany() throws {
    let store = SampleStore()
    let (good, bad) = (request(), request(seed: 2, label: "m"))
    store.finish(good)
    store.folder.write("{\"outcome\": \"converged\"}", to: "e/runs/\(bad.key)/run.json")
    store.folder.write("{}", to: "e/runs/\(bad.key)/metrics.json")
    let states = RunStates("e", in: store.store, executableDigest: { nil }).states(of: [good, bad], explaining: true)
    #expect(states.map(\.word) == ["converged", "to run"])
    #expect(states[1].reason.hasSuffix("run.json: has no 'experiment'"))
    #expect(store.store.records(of: "e").map(\.header.label) == ["l"])
    #expect(store.store.digest(ofInput: "set/x", in: "e") == "aa")
    let error = #expect(throws: DocumentError.self) { try store.store.run(named: bad.key) }
    #expect(error?.description.hasSuffix("run.json: has no 'experiment'") == true)
  }
}
