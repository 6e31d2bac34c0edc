import Documents
import Manifests
import TestSupport
import Testing

private let manifest = """
  schema: 1
  name: sample
  title: A sample
  paper: {cite: someone2024, reproduces: [table 1]}
  kind: some-kind
  seed: 7
  solver: {name: s, epsilon: 1.0}
  tiers:
    smoke:
      cases:
        a: {data: {n: 10}, row: {data set: A}}
        b: {data: {n: 20}, solver: {epsilon: 2.0}, seed: 9, published: {score: 0.5}}
    paper:
      solver: {name: other}
      cases:
        c: {repeat: 3}
  metrics:
    score: {better: lower, tolerance: {absolute: 0.01, relative: 0.1}}
    seconds: {gate: false}
  tables:
    - {name: t, title: T, columns: [{row: data set}, {metric: score, digits: 2, published: true}]}

  """

private func read(_ text: String, tier: Tier = .smoke, overrides: [String] = []) throws -> Manifest {
  let folder = TemporaryFolder()
  folder.write(text, to: "sample/manifest.yaml")
  return try Manifest(
    try ManifestSource(name: "sample", in: folder.path), tier: tier, overrides: try overrides.map { try Override($0) })
}

@Suite struct ManifestTests {
  @Test func casesInheritAndOverride() throws {
    let smoke = try read(manifest)
    #expect(smoke.cases.map(\.label) == ["a", "b"])
    #expect(smoke.cases[0].solver.value == ["name": "s", "epsilon": 1.0])
    #expect(smoke.cases[1].solver.value == ["name": "s", "epsilon": 2.0])
    #expect(smoke.cases.map(\.seeds) == [[7], [9]])
    #expect(smoke.cases[0].row == ["data set": "A"])
    #expect(smoke.cases[1].published == ["score": 0.5])
    let paper = try read(manifest, tier: .paper)
    #expect(paper.cases.map(\.label) == ["c"])
    #expect(paper.cases[0].solver.value == ["name": "other", "epsilon": 1.0])
  }

  @Test func repetitionsHaveSeedsOfTheirOwn() throws {
    let seeds = try read(manifest, tier: .paper).cases[0].seeds
    #expect(seeds.count == 3 && Set(seeds).count == 3)
    #expect(seeds[0] == 7)
    // Frozen: a change would silently change every repeated run.
    #expect(seeds[1] == 232_903_014_977_184)
  }

  @Test func theCommandLineHasTheLastWord() throws {
    let changed = try read(manifest, overrides: ["solver.epsilon=3e-1", "data.extra=[1, 2]", "seed=11"])
    for each in changed.cases {
      #expect(each.solver.value["epsilon"] == 0.3)
      #expect(each.data.value["extra"] == [1, 2])
      #expect(each.seeds == [11])
    }
  }

  @Test(arguments: [
    ("solver", "a key and a value were expected"), ("=1", "a key and a value were expected"),
    ("sovler.x=1", "did you mean 'solver'?"),
    ("solver..x=1", "does not begin with"), ("solver.x=[1", "is not valid YAML"), ("solver.x=010", "ambiguous"),
  ])
  func badOverridesAreErrors(text: String, sentence: String) {
    let error = #expect(throws: DocumentError.self) { try Override(text) }
    #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
    #expect(error?.description.hasPrefix("--set \(text)") == true)
  }

  @Test(arguments: [
    ("name: sample", "name: other", "the folder is called 'sample'"), ("schema: 1", "schema: 2", "the only version"),
    ("title: A sample\n", "", "the key 'title' is missing"),
    ("seed: 7", "sed: 7", "manifest.yaml:6:1: unknown key 'sed'; did you mean 'seed'?"),
    ("  smoke:", "  smok:", "unknown key 'smok' in 'tiers'"),
    ("published: {score: 0.5}", "published: {score: x}", "a number was expected"),
    ("absolute: 0.01", "absolute: -1", "a number that is not negative was expected"),
    ("better: lower", "better: lowest", "one of lower, higher, neither"),
    ("{row: data set}", "{row: data set, width: 3}", "unknown key 'width'"),
    ("seed: 9", "seeed: 9", "unknown key 'seeed' in 'cases.b'"),
  ])
  func whatIsWrongIsNamed(found: String, replacement: String, sentence: String) {
    let error = #expect(throws: DocumentError.self) { try read(manifest.replacing(found, with: replacement)) }
    #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
  }

  @Test func tolerancesTakeTheLargerAllowance() throws {
    let rule = try #require(try read(manifest).metrics.first)
    #expect(rule.allowance(around: 0.01) == 0.01)
    #expect(rule.allowance(around: 1) == 0.1)
  }
}
