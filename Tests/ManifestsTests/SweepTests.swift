import Documents
import Manifests
import TestSupport
import Testing

private func read(_ sweep: String, cases: String = "", overrides: [String] = [], sweeps: [String] = []) throws
  -> Manifest
{
  let folder = TemporaryFolder()
  folder.write(
    """
    schema: 1
    name: s
    title: t
    kind: k
    seed: 7
    data: {n: 10}
    solver: {epsilon: 1.0, rho: 2.0}
    \(sweep)
    \(cases)
    """, to: "s/manifest.yaml")
  return try Manifest(
    try ManifestSource(name: "s", in: folder.path), overrides: try overrides.map { try Override($0) },
    sweeps: try sweeps.map { try SweepOption($0) })
}

@Suite struct SweepTests {
  @Test func productsAreRowsInOrder() throws {
    let manifest = try read("sweep: {product: {solver.epsilon: [0.1, 1], data.n: [5, 6]}}")
    #expect(
      manifest.cases.map(\.label) == ["epsilon=0.1, n=5", "epsilon=0.1, n=6", "epsilon=1, n=5", "epsilon=1, n=6"])
    #expect(manifest.cases[1].data.value == ["n": 6])
    #expect(manifest.cases[1].solver.value == ["epsilon": 0.1, "rho": 2.0])
    #expect(manifest.cases[1].row == ["solver.epsilon": 0.1, "data.n": 6])
  }

  @Test func zipsStepTogetherWithinProducts() throws {
    let manifest = try read(
      "sweep: {product: {data.n: [1, 2]}, zip: {solver.epsilon: [0.1, 0.2], solver.rho: [3, .inf]}}")
    #expect(
      manifest.cases.map(\.label) == [
        "n=1, epsilon=0.1, rho=3", "n=1, epsilon=0.2, rho=inf", "n=2, epsilon=0.1, rho=3", "n=2, epsilon=0.2, rho=inf",
      ])
    #expect(manifest.cases[3].solver.value["rho"]?.number == .infinity)
  }

  @Test(arguments: [
    ("log(1e-4, 1e-1, 4)", ["0.0001", "0.001", "0.01", "0.1"]), ("log(100, 1, 3)", ["100", "10", "1"]),
    ("log(1, 10, 3)", ["1", "3.16228", "10"]), ("log(1.0, 100.0, 3)", ["1.0", "10.0", "100.0"]),
    ("log(10, 1000, 3)", ["10", "100", "1000"]),
    ("log(0.1234567, 7.654321, 3)", ["0.1234567", "0.972099", "7.654321"]),
    ("range(1, 4)", ["1", "2", "3", "4"]), ("range(0, 0.3, 0.1)", ["0.0", "0.1", "0.2", "0.3"]),
    ("range(5, 1, -2)", ["5", "3", "1"]),
    ("range(0, 1, 0.3)", ["0.0", "0.3", "0.6", "0.9"]),
  ])
  func rulesMakeValues(rule: String, values: [String]) throws {
    let manifest = try read("sweep: {product: {solver.epsilon: '\(rule)'}}")
    #expect(manifest.cases.map { $0.solver.value["epsilon"]?.text } == values)
    let unquoted = try read("sweep:\n  product:\n    solver.epsilon: \(rule)")
    #expect(unquoted.cases.map(\.label) == manifest.cases.map(\.label))
    let option = try read("", sweeps: ["solver.epsilon=\(rule)"])
    #expect(option.cases.map(\.label) == manifest.cases.map(\.label))
  }

  /// Whole numbers lose nothing, however large: seeds of fourteen digits, both ends of what a machine counts to, powers
  /// beyond six digits.
  @Test(arguments: [
    ("range(20241130120001, 20241130120201, 100)", ["20241130120001", "20241130120101", "20241130120201"]),
    ("range(1000000000000, 1000000000002)", ["1000000000000", "1000000000001", "1000000000002"]),
    ("range(9223372036854775806, 9223372036854775807)", ["9223372036854775806", "9223372036854775807"]),
    (
      "range(-9223372036854775808, 9223372036854775807, 9223372036854775807)",
      ["-9223372036854775808", "-1", "9223372036854775806"]
    ),
    ("range(9223372036854775807, -9223372036854775808, -9223372036854775808)", ["9223372036854775807", "-1"]),
    ("range(9007199254740993, 9007199254740993)", ["9007199254740993"]), ("range(3, 3, -1)", ["3"]),
    ("range(1, 6, 2)", ["1", "3", "5"]),
    ("log(9007199254740993, 9223372036854775807, 2)", ["9007199254740993", "9223372036854775807"]),
    ("log(1, 1099511627776, 3)", ["1", "1048576", "1099511627776"]),
    ("log(1, 1000000000000000000, 3)", ["1", "1000000000", "1000000000000000000"]),
    ("log(4052555153018976267, 1, 40)[1]", ["1350851717672992089"]),
    ("log(2, 1458, 7)", ["2", "6", "18", "54", "162", "486", "1458"]),
    ("log(1, 2000000, 3)", ["1", "1414.21", "2000000"]),
  ])
  func rulesAreExactOnWholeNumbers(rule: String, values: [String]) throws {
    let text = String(rule.prefix { $0 != "[" })
    let made = try read("sweep: {product: {data.n: '\(text)'}}").cases.map { $0.data.value["n"] ?? .null }
    #expect((text == rule ? made : [made[1]]).map(\.text) == values)
    let isWhole = { (value: Value) in value.integer != nil }
    #expect(made.allSatisfy(isWhole) || values.contains { $0.contains(".") })
  }

  @Test(arguments: [
    ("range(0, 1, 0.1)", ["0.0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "1.0"]),
    ("range(1000000000000.5, 1000000000002.5)", ["1000000000000.5", "1000000000001.5", "1000000000002.5"]),
    ("range(-1, 1, 0.5)", ["-1.0", "-0.5", "0.0", "0.5", "1.0"]),
    ("range(1e-300, 3e-300, 1e-300)", ["1e-300", "2e-300", "3e-300"]),
    ("range(1.0, 3.0)", ["1.0", "2.0", "3.0"]),
    ("range(123456.789012, 123456.789014, 0.000001)", ["123456.789012", "123456.789013", "123456.789014"]),
  ])
  func brokenNumbersAreDecimal(rule: String, values: [String]) throws {
    #expect(try read("sweep: {product: {data.n: '\(rule)'}}").cases.map { $0.data.value["n"]?.text } == values)
  }

  /// Points that six digits do not tell apart, or lead out of the ends, keep all of theirs.
  @Test(arguments: [
    "log(100000.4, 100000.9, 3)", "log(1000000, 1000010, 3)", "log(1000010, 1000000, 7)",
    "log(0.99999951, 1.0000004, 4)",
  ])
  func pointsOfALogStayDistinctAndBetweenItsEnds(rule: String) throws {
    let values = try read("sweep: {product: {data.n: '\(rule)'}}").cases.compactMap { $0.data.value["n"]?.number }
    let ends = try #require(values.first.flatMap { first in values.last.map { min(first, $0)...max(first, $0) } })
    #expect(Set(values).count == values.count && values.allSatisfy(ends.contains), "\(values)")
    // Equal ratios, so that nothing was rounded.
    let ratios = zip(values, values.dropFirst()).map { $1 / $0 }
    #expect(ratios.allSatisfy { abs($0 / ratios[0] - 1) < 1e-13 }, "\(ratios)")
  }

  @Test("set-drops-whole-map-sweep") func aSweptMappingIsNeverDropped() throws {
    let sweep = "sweep: {product: {data: [{n: 40, mean: 1}, {n: 60, mean: 2}], solver.epsilon: [1, 2]}}"
    let changed = try read(sweep, overrides: ["data.deviation=3"])
    let (small, large): (Value, Value) = (["n": 40, "mean": 1, "deviation": 3], ["n": 60, "mean": 2, "deviation": 3])
    #expect(changed.cases.map(\.data.value) == [small, small, large, large])
    let labels = try read(sweep).cases.map(\.label)
    #expect(changed.cases.map(\.label) == labels)
    // What is set outranks what is swept, and the rows say so.
    let set = try read(sweep, overrides: ["data.mean=7"])
    #expect(set.cases.map { $0.data.value["mean"] } == [7, 7, 7, 7])
    #expect(set.cases[0].label.contains("\"mean\":7"))
    // A whole that replaces the swept one does take its place.
    #expect(
      try read("sweep: {product: {solver.graph: [{k: 1}, {k: 2}]}}", overrides: ["solver.graph=none"]).cases.count == 1)
    for axes in ["data: [{n: 1}, {n: 2}], data.n: [3, 4]", "solver.a: [{b: 1}], solver.a.b: [1, 2]"] {
      let error = #expect(throws: DocumentError.self) { try read("sweep: {product: {\(axes)}}") }
      #expect(error?.problem.contains("values, and so does") == true, "\(error?.description ?? "")")
    }
    #expect(try read("sweep: {product: {data: [{n: 1}, {n: 2}], data.m: [3, 4]}}").cases.count == 4)
  }

  /// No option is dropped without a word.
  @Test(arguments: [
    (
      ["solver.epsilon=0.1"], ["solver.epsilon=1,2"],
      "--sweep solver.epsilon=1,2: 'solver.epsilon' is already given by --set solver.epsilon=0.1"
    ),
    (
      ["solver={epsilon: 0.1}"], ["solver.epsilon=1,2"],
      "'solver.epsilon' is already given by --set solver={epsilon: 0.1}"
    ),
    (
      ["solver.epsilon=0.1", "solver.epsilon=0.2"], [],
      "--set solver.epsilon=0.2: 'solver.epsilon' is already given by --set solver.epsilon=0.1"
    ),
    (["solver={epsilon: 0.1}", "solver.epsilon=0.2"], [], "'solver.epsilon' is already given by"),
    ([], ["data.n=1,2", "data.n=3"], "--sweep data.n=3: 'data.n' is already given by --sweep data.n=1,2"),
    (["data.n=5"], ["data=[{n: 1}, {n: 2}]"], "'data.n' is already given by --set data.n=5"),
    (["seed=1", "seed=2"], [], "'seed' is already given by"),
    ([], ["seed.x=1,2"], "'seed' is a number"),
  ])
  func oneValueIsGivenOnce(overrides: [String], sweeps: [String], sentence: String) {
    let error = #expect(throws: DocumentError.self) { try read("", overrides: overrides, sweeps: sweeps) }
    #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
  }

  @Test func optionsThatHaveNothingInCommonGoTogether() throws {
    let manifest = try read("", overrides: ["data.m=5", "solver.rho=3"], sweeps: ["data.n=1,2", "solver.epsilon=1,2"])
    #expect(manifest.cases.count == 4 && manifest.cases[3].data.value == ["n": 2, "m": 5])
  }

  @Test func casesAreSweptEach() throws {
    let manifest = try read(
      "sweep: {product: {data.n: [1, 2]}}",
      cases: "cases:\n  a: {}\n  b: {sweep: {product: {data.n: [3]}}, solver: {rho: 9}}")
    #expect(manifest.cases.map(\.label) == ["a[n=1]", "a[n=2]", "b[n=3]"])
    #expect(manifest.cases[2].solver.value["rho"] == 9)
  }

  /// All rows of a sweep over the solver face the same sample, in each repetition; a sweep over the seed does not.
  @Test func seedsDoNotDependOnTheSolver() throws {
    let manifest = try read("sweep: {product: {solver.epsilon: [0.1, 1]}}\nrepeat: 3")
    #expect(manifest.cases[0].seeds == manifest.cases[1].seeds)
    #expect(Set(manifest.cases[0].seeds).count == 3)
    let seeds = try read("sweep: {product: {seed: [1, 2], repeat: [2]}}").cases.map(\.seeds)
    #expect(seeds[0].count == 2 && Set(seeds[0] + seeds[1]).count == 4)
  }

  @Test func theCommandLineFixesAddsAndReplacesAxes() throws {
    let sweep = "sweep: {product: {solver.epsilon: [0.1, 1]}, zip: {data.n: [1, 2], solver.rho: [3, 4]}}"
    #expect(try read(sweep, overrides: ["solver.epsilon=5"]).cases.map(\.label) == ["n=1, rho=3", "n=2, rho=4"])
    #expect(try read(sweep, overrides: ["solver={epsilon: 5}"]).cases.count == 2)
    #expect(try read(sweep, overrides: ["solver.epsilon=5", "data.n=1"]).cases.map(\.label) == ["rho=3", "rho=4"])
    #expect(
      try read(sweep, sweeps: ["solver.epsilon=7"]).cases.map(\.label) == [
        "epsilon=7, n=1, rho=3", "epsilon=7, n=2, rho=4",
      ])
    #expect(
      try read("", sweeps: ["solver.epsilon=1e-3,1e-2"]).cases.map { $0.solver.value["epsilon"]?.number } == [
        1e-3, 1e-2,
      ])
    #expect(try read("", sweeps: ["data.kind=[a, b]"]).cases.map { $0.data.value["kind"]?.text } == ["a", "b"])
  }

  @Test func axesOfOneNameAreCalledInFull() throws {
    let manifest = try read("sweep: {product: {solver.n: [1], data.n: [2]}}")
    #expect(manifest.cases.map(\.label) == ["solver.n=1, data.n=2"])
  }

  @Test func publishedNumbersStandByLabel() throws {
    let manifest = try read("sweep: {product: {data.n: [1, 2]}}\npublished: {n=2: {score: 0.5}}")
    #expect(manifest.cases.map(\.published) == [[:], ["score": 0.5]])
  }

  @Test(arguments: [
    (
      "sweep: {product: {solvr.x: [1]}}",
      "s/manifest.yaml:8:19: the key 'solvr.x' does not begin with one of data, params, solver"
    ),
    ("sweep: {products: {data.n: [1]}}", "unknown key 'products' in 'sweep'; did you mean 'product'?"),
    (
      "sweep: {product: {data.n: 3}}",
      "the values are 3, but a list, log(first, last, count) or range(first, last[, step]) was expected"
    ),
    ("sweep: {product: {data.n: range(1, 3)}}", "'range(1' ends at a comma, as YAML reads it inside { }"),
    ("sweep: {product: {data.n: []}}", "the list of values is empty"),
    ("sweep: {product: {data.n: 'log(0, 1, 3)'}}", "with positive ends"),
    ("sweep: {product: {data.n: 'log(1, 2)'}}", "is not log("),
    ("sweep: {product: {data.n: 'range(1, 5, 0)'}}", "is not range("),
    ("sweep: {product: {data.n: 'range(5, 1)'}}", "is not range("),
    ("sweep: {product: {data.n: 'range(1, x)'}}", "other than finite numbers"),
    ("sweep: {product: {data.n: 'range(1, 100001)'}}", "'range(1, 100001)' has more than 100000 values, the most"),
    ("sweep: {product: {data.n: 'range(0, 1, 1e-5)'}}", "has more than 100000 values"),
    ("sweep: {product: {seed: 'log(1, 10, 100001)'}}", "'log(1, 10, 100001)' has more than 100000 values, the most"),
    ("sweep: {product: {seed: 'log(1, 10, 1e300)'}}", "has more than 100000 values"),
    ("sweep: {zip: {data.n: [1, 2], data.m: [1]}}", "'data.m' has 1 values, but 'data.n' has 2"),
    ("sweep: {zip: {data.n: [1]}, product: {data.n: [1]}}", "is in both product and zip"),
    ("sweep: {product: {data.n: 'range(1, 1000)', data.m: 'range(1, 1000)'}}", "more than 100000 points"),
    ("sweep: {product: {seed: [1.5]}}", "'seed' is 1.5, but a whole number was expected"),
    ("sweep: {product: {data.n: [1]}}\npublished: {n=3: {score: 1}}", "no row has this label; did you mean 'n=1'?"),
  ])
  func whatIsWrongIsNamed(sweep: String, sentence: String) {
    let error = #expect(throws: DocumentError.self) { try read(sweep) }
    #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
  }

  @Test func aSweptCaseHasNoPublishedNumbersOfItsOwn() {
    let error = #expect(throws: DocumentError.self) {
      try read("sweep: {product: {data.n: [1]}}", cases: "cases: {a: {published: {score: 1}}}")
    }
    #expect(error?.description.contains("belongs to one row, but 'a' is swept") == true)
  }
}

@Suite struct LimitsTests {
  @Test func quantitiesHaveUnits() throws {
    let limits = try read("limits: {time: 1.5h, memory: 4GiB, threads: 3}").limits
    #expect(limits == Limits(seconds: 5400, memory: 4 << 30, threads: 3))
    #expect(try read("limits: {time: 250ms, memory: 500MB}").limits == Limits(seconds: 0.25, memory: 500_000_000))
    #expect(try read("").limits == Limits())
    #expect(Limits.bytes("8GB") == 8_000_000_000)
    #expect(["8", "8G", "-1GB", "GB", "", "nanGB", "1e9TB"].allSatisfy { Limits.bytes($0) == nil })
  }

  @Test func aMissingUnitIsNamed() {
    let endless = #expect(throws: DocumentError.self) { try read("limits: {time: 1e300s}") }
    #expect(
      endless?.problem == "'limits.time' is '1e300s', which is too large for a limit", "\(endless?.description ?? "")")
    let error = #expect(throws: DocumentError.self) { try read("limits: {time: 30}") }
    #expect(
      error?.description.hasSuffix(
        """
        :8:16: 'limits.time' is 30, but a positive number with one of the units ms, s, m, h, d was expected, as in \
        30m, 90s or 1.5h
        """
      )
        == true,
      "\(error?.description ?? "")")
  }

  @Test(arguments: [
    "time: 30", "time: 0x10s", "time: +5s", "time: '30'", "time: 0s", "time: -1m", "time: soon", "memory: 4G",
    "memory: 4", "memory: 0MiB",
    "cores: 2",
  ])
  func quantitiesWithoutAreErrors(text: String) {
    #expect(throws: DocumentError.self) { try read("limits: {\(text)}") }
  }
}

@Suite struct RuleTests {
  private func violations(_ text: String) throws -> [String] {
    ManifestRule.violations(of: try read(text), metrics: ["score", "status"]).map(\.description)
  }

  private let table = "tables: [{name: t, title: T, columns: [{row: case}, {row: solver.rho}, {metric: score}]}]"

  @Test func aSoundManifestBreaksNone() throws {
    #expect(
      try violations(
        "\(table)\nmetrics: {score: {better: lower}}\n"
          + "figures: [{name: f, title: F, x: data.n, y: score, logarithmic: [x]}]"
      )
        == [])
  }

  @Test(arguments: [
    ("metrics: {scor: {}}", "s/manifest.yaml:8:11: the kind 'k' has no metric 'scor'; did you mean 'score'?"),
    ("tables: [{name: t, title: T, columns: [{metric: scores}]}]", "has no metric 'scores'"),
    ("tables: [{name: t, title: T, columns: [{row: method}]}]", "no row has 'method'"),
    ("figures: [{name: f, title: F, x: size, y: score}]", "no row has 'size'"),
    ("figures: [{name: f, title: F, x: data.n, y: speed}]", "has no metric 'speed'"),
    ("figures: [{name: f, title: F, x: data.n, array: plan, rows: size}]", "no row has 'size'"),
    ("figures: [{name: f, title: F, x: data.n, y: score, where: {size: 1}}]", "no row has 'size'"),
    ("tables: [{name: a/b, title: T, columns: []}]", "the name 'a/b' is not a file name"),
    (
      "figures: [{name: \(String(repeating: "n", count: 201)), title: F, x: data.n, y: score}]",
      "nnn…' is too long for a file; at most 200"
    ),
    ("tables: [{name: t, title: T, columns: []}, {name: t, title: U, columns: []}]", "the name 't' occurs twice here"),
    ("sweep: {product: {data.n: [1, 1]}}", "s/manifest.yaml:8:31: two rows have the label 'n=1'"),
    (
      "sweep: {product: {solver.epsilon: [1, 1.0]}}",
      "the rows 'epsilon=1' and 'epsilon=1.0' are the same; a swept value is given twice"
    ),
    ("sweep: {product: {solver.epsilon: [0, -0.0]}}", "the rows 'epsilon=0' and 'epsilon=0.0' are the same"),
    ("sweep: {product: {data.n: [5, [5]]}}", "the rows 'n=5' and 'n=[5]' are the same"),
  ])
  func eachRuleNamesWhatBreaksIt(text: String, sentence: String) throws {
    let found = try violations(text)
    #expect(found.count == 1 && found[0].contains(sentence), "\(found)")
  }
}
