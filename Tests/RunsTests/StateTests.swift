import Documents
import Foundation
import Manifests
import Runs
import TestSupport
import Testing

/// A damaged record may say anything.
@Suite struct QuantityTests {
  @Test func timesOfAnySizeAreSaid() {
    #expect(
      Quantity.time(1e308) == "1e+308 s" && Quantity.time(-1e308) == "-1e+308 s" && Quantity.time(7260) == "2 h 1 min")
  }
}

@Suite struct RunStateTests {
  private func state(_ request: RunRequest, in store: SampleStore, binary: String = "b1") -> RunState {
    RunStates("e", in: store.store, executableDigest: { binary }).states(of: [request], explaining: true)[0]
  }

  @Test func reasonsAreNamed() {
    let store = SampleStore()
    #expect(state(request(), in: store).reason == "new")
    store.finish(request())
    #expect(state(request(), in: store).word == "converged")
    #expect(state(request(), in: store).reason == "")
    #expect(state(request(), in: store, binary: "b2").reason == "made by another build")
    #expect(state(request(params: ["p": 0.7]), in: store).reason == "params.p 0.5 → 0.7")
    #expect(
      state(request(revision: 2, solver: ["name": "t", "x": 1]), in: store).reason
        == "revision 1 → 2; solver.name s → t; solver.x absent → 1")
    #expect(
      state(request(inputs: [RunInput(role: "data.x", name: "set/x", path: "/a/x", sha256: "bb")]), in: store).reason
        == "an input file has changed")
    #expect(state(request(params: ["p": 0.7], label: "other"), in: store).reason == "new")
    #expect(state(request(params: ["p": 0.7], repetition: 1), in: store).reason == "new")
  }

  @Test func failedAndWorkingRunsAreSeen() throws {
    let store = SampleStore()
    store.folder.write("log", to: "e/failed/\(request().key).log")
    #expect(state(request(), in: store).word == "failed")
    let lock = try #require(try store.store.lock(request()))
    _ = try store.store.stage(request())
    #expect(state(request(), in: store).word == "running")
    #expect(try store.store.lock(request()) == nil)
    #expect(store.store.leftovers(of: "e").map(\.path) == [store.store.failureLog(of: request())])
    withExtendedLifetime(lock) {}
  }

  @Test func whatKilledProcessesLeaveIsFound() throws {
    let store = SampleStore()
    store.folder.write("half", to: ".staging/\(request().key)-1/metrics.json")
    #expect(state(request(), in: store).word == "to run")
    let leftovers = store.store.leftovers()
    #expect(leftovers.map(\.bytes) == [4])
    try store.store.remove(leftovers[0])
    #expect(!store.folder.exists(".staging/\(request().key)-1"))
  }

  @Test func runsAreFoundByTheBeginningOfTheirKeys() throws {
    let store = SampleStore()
    store.finish(request())
    let key = request().key
    for text in [key, String(key.prefix(4)), "e/\(key.prefix(6))", "\(store.folder.path)/e/runs/\(key)"] {
      #expect(try store.store.run(named: text).key == key)
    }
    for (text, sentence) in [
      ("abc", "at least four hexadecimal digits"), ("0000", "there is no run '0000'"), ("f/\(key)", "there is no run"),
    ] {
      let error = #expect(throws: StoreError.self) { try store.store.find(text) }
      #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
    }
    store.folder.write("{}", to: "f/runs/\(key)/run.json")
    let error = #expect(throws: StoreError.self) { try store.store.find(key) }
    #expect(error?.description.contains("matches 2 runs: e/\(key), f/\(key)") == true)
  }

  @Test func aRecordGivesItsRequestBack() throws {
    let store = SampleStore()
    let original = request(solver: ["name": "s", "rho": .number(.infinity), "one": 1.0, "count": 1])
    store.finish(original)
    let repeated = try store.store.run(named: original.key).request()
    #expect(repeated.identity.digest == original.identity.digest)
    #expect(repeated.tier == .smoke && repeated.label == "l")
    // A record that was edited is no record.
    let path = "\(store.folder.path)/e/runs/\(original.key)/run.json"
    try String(contentsOfFile: path, encoding: .utf8).replacing("\"p\": 0.5", with: "\"p\": 0.6").write(
      toFile: path, atomically: true, encoding: .utf8)
    #expect(throws: DocumentError.self) { try store.store.run(named: original.key).request() }
  }
}
