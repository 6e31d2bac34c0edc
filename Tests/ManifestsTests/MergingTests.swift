import Documents
import Manifests
import TestSupport
import Testing

/// Parts of a manifest are laid over each other: what is no mapping is never dropped for keys below it.
@Suite struct MergingTests {
  private func read(_ body: String, tier: Tier = .smoke, overrides: [String] = [], sweeps: [String] = []) throws
    -> Manifest
  {
    let folder = TemporaryFolder()
    folder.write("schema: 1\nname: s\ntitle: t\nkind: k\n\(body)\n", to: "s/manifest.yaml")
    return try Manifest(
      try ManifestSource(name: "s", in: folder.path), tier: tier, overrides: try overrides.map { try Override($0) },
      sweeps: try sweeps.map { try SweepOption($0) })
  }

  @Test(arguments: [
    (
      "solver: banana\nsweep: {product: {solver.epsilon: [1, 2]}}",
      ":5:9: 'solver' is 'banana', but a mapping was expected"
    ),
    ("solver: [1, 2]\ncases: {a: {solver: {epsilon: 1}}}", ":5:9: 'solver' is a list, but a mapping was expected"),
    ("data: 7\nsweep: {product: {data.n: [5]}}", ":5:7: 'data' is 7, but a mapping was expected"),
    ("params:\ncases: {a: {params: {x: 1}}}", "'params' is empty, but a mapping was expected"),
    ("solver: 3\ntiers: {smoke: {solver: {epsilon: 1}}}", ":5:9: 'solver' is 3, but a mapping was expected"),
    ("tiers: {paper: {solver: 3}}", ":5:25: 'tiers.paper.solver' is 3, but a mapping was expected"),
    (
      "tiers: {smoke: {data: x}}\nsweep: {product: {data.n: [5]}}",
      "'tiers.smoke.data' is 'x', but a mapping was expected"
    ),
    (
      "cases: {a: {solver: x}}\nsweep: {product: {solver.epsilon: [1]}}",
      "'cases.a.solver' is 'x', but a mapping was expected"
    ),
    ("cases: {a: x}", "'cases.a' is 'x', but a mapping was expected"),
    ("solver: {g: none}\ncases: {a: {solver: {g: {k: 1}}}}", ":5:13: 'solver.g' is 'none', but a mapping by"),
    ("solver: {e: {a: 1}}\ncases: {a: {solver: {e: 1}}}", ":6:25: 'solver.e' is 1, but a mapping by"),
    ("solver: {e: 1}\nsweep: {product: {solver.e.a: [1, 2]}}", ":5:13: 'solver.e' is 1, but a mapping by"),
    ("solver: {e: 1}\ntiers: {smoke: {solver: {e: {a: 1}}}}", ":5:13: 'solver.e' is 1, but a mapping by"),
  ])
  func noValueIsReplacedByKeysBelowIt(body: String, sentence: String) {
    let error = #expect(throws: DocumentError.self) { try read(body) }
    #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
  }

  @Test func theCommandLineReplacesNoneEither() {
    let set = #expect(throws: DocumentError.self) { try read("solver: {e: 1}", overrides: ["solver.e.a=2"]) }
    #expect(
      set?.description.contains("'solver.e' is 1, but a mapping by --set solver.e.a=2") == true,
      "\(set?.description ?? "")")
    let swept = #expect(throws: DocumentError.self) { try read("solver: {e: 1}", sweeps: ["solver.e.a=2,3"]) }
    #expect(swept?.problem.contains("'solver.e' is 1, but a mapping") == true, "\(swept?.description ?? "")")
    let axis = #expect(throws: DocumentError.self) {
      try read("sweep: {product: {solver.e: [1, 2]}}", overrides: ["solver.e.a=2"])
    }
    #expect(axis?.problem.contains("'solver.e' is 1, but a mapping by --set") == true, "\(axis?.description ?? "")")
  }

  /// A row that is left empty holds what all share, in whichever tier it is written.
  @Test func anEmptyRowIsAMapping() throws {
    let manifest = try read("solver: {e: 1}\ncases:\n  a:\ntiers: {smoke: {cases: {a: {solver: {e: 2}}, b: }}}")
    #expect(manifest.cases.map(\.solver.value) == [["e": 2], ["e": 1]])
    #expect(
      try read("cases: {a: {solver: {e: 2}}}\ntiers: {smoke: {cases: {a: }}}").cases.map(\.solver.value) == [["e": 2]])
  }
}
