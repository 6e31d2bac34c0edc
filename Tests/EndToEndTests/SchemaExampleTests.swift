import Documents
import Testing
import YAML

/// Small manifests of which `otlab check` and the schema think the same, one thing at a time.
@Suite struct SchemaExampleTests {
  /// What one of both refused alone once.
  @Test(arguments: [
    ("kind: no-such-kind", "unknown experiment kind"), ("solver: {epsilon: -1}", "a positive number was expected"),
    ("solver: {epsilon: 0}", "a positive number was expected"),
    ("data: {samples: 40, deviation: -2}", "a positive number was expected"),
    ("tables: [{name: ../x, title: t, columns: [{metric: value}]}]", "is not a file name"),
    ("figures: [{name: a b, title: t, x: seed, y: value}]", "is not a file name"),
    (
      "figures: [{name: \(String(repeating: "n", count: 201)), title: t, x: seed, y: value}]",
      "is too long for a file; at most 200"
    ),
    ("figures: [{name: f, title: t, x: seed, y: zzz}]", "has no metric 'zzz'"),
    ("figures: [{name: f, title: t, x: zzz, points: value, curves: seed}]", "has no metric 'zzz'"),
    ("metrics: {nonsense: {}}", "has no metric 'nonsense'"),
    ("cases: {a: {published: {zzz: 1}}}", "has no metric 'zzz'"),
    ("tables: [{name: r, title: t, columns: [{metric: zzz}]}]", "has no metric 'zzz'"),
    ("limits: {time: 0s}", "a positive number"),
    ("limits: {memory: 0GB}", "a positive number"), ("cases: {}", "at least one case"),
    ("tiers: {smoke: {cases: {}}}", "at least one case"),
    ("seed: 9223372036854775808", "a whole number from 0 up"), ("seed: 1.5", "a whole number from 0 up"),
    ("data:", "a mapping was expected"),
    ("metrics: {value: {tolerance: {relative: -1}}}", "a number that is not negative"),
    ("params: 3", "a mapping was expected"),
  ])
  func bothRefuse(line: String, sentence: String) throws {
    let document = try Self.changed(line)
    #expect(SchemaAgreementTests.schema.errors(in: document) != [])
    #expect(
      SchemaAgreementTests.sentence(document)?.contains(sentence) == true,
      "\(SchemaAgreementTests.sentence(document) ?? "valid")")
  }

  @Test(arguments: [
    "seed: 1.0", "data: {samples: 40.0}", "data: {samples: 4e1}", "repeat: 2.0", "cases: {a: }", "params: {}",
    "sweep: {}",
  ])
  func bothTake(line: String) throws {
    let document = try Self.changed(line)
    #expect(SchemaAgreementTests.schema.errors(in: document) == [])
    #expect(SchemaAgreementTests.sentence(document) == nil)
  }

  /// A small manifest with one line of its own.
  private static func changed(_ line: String) throws -> Value {
    let lines = [
      "schema: 1", "name: m", "title: m", "kind: gaussian-transport", "data: {samples: 40}", "solver: {epsilon: 1}",
    ]
    let key = line.prefix { $0 != ":" }
    return try Node(yaml: (lines.filter { !$0.hasPrefix("\(key):") } + [line]).joined(separator: "\n"), option: "m")
      .value
  }
}
