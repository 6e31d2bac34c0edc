import Documents
import Experiments
import Files
import Foundation
import LinearAlgebra
import Manifests
import Pipeline
import Runs
import TestSupport
import Testing
import YAML

/// `otlab check` and the JSON Schema that `otlab schema` prints agree on manifests in which one thing after another is
/// wrong.
@Suite struct SchemaAgreementTests {
  static let schema = JSONSchema(ManifestSchema(.registered).value)

  /// Everything that manifests can say, once.
  private static let manifest = """
    schema: 1
    name: m
    title: T
    paper: {cite: a2020, reproduces: [table 1]}
    kind: gaussian-transport
    seed: 3
    repeat: 2
    limits: {time: 30m, memory: 4GiB, threads: 2}
    data: {samples: 20}
    solver: {epsilon: 0.5}
    sweep: {product: {data.deviation: [1, 2], seed: 'range(1, 2)'}, zip: {data.mean: [1, 2], repeat: 'log(1, 2, 2)'}}
    cases:
      a:
      b: {row: {method: x}, data: {samples: 30}, solver: {epsilon: 1}, seed: 4, repeat: 3, sweep: {product: \
      {data.deviation: [3]}}}
    metrics:
      value: {better: lower, tolerance: {relative: 1.0e-6, absolute: 0.1}, gate: true, require: false}
      converged: {require: true}
    published: {"a[deviation=1, seed=1, mean=1, repeat=1]": {value: 1.5}}
    tables:
      - {name: t, title: T, columns: [{row: case, title: R}, {metric: value, digits: 3, published: true}], where: \
      {seed: 1}}
    figures:
      - {name: f, title: F, x: data.mean, y: value, curves: seed, curvesLabel: C, xLabel: X, yLabel: Y, logarithmic: \
      [x, y], exponents: true, where: {seed: 1}}
      - {name: g, title: F, x: data.mean, array: plan, rows: seed, curvesLabel: C}
      - {name: h, title: F, x: first, trace: plan, curves: seed}
      - {name: i, title: F, x: error, points: value, curves: seed}
      - {name: j, title: F, x: data.mean, pictures: plan}
    tiers:
      smoke: {title: S, seed: 5, data: {samples: 25}, limits: {threads: 1}}
      paper:
    """

  /// The sentence of `check`; nil when it finds a manifest valid.
  static func sentence(_ document: Value) -> String? {
    let folder = TemporaryFolder()
    folder.write(document.json(), to: "m/manifest.yaml")
    do {
      let source = try ManifestSource(name: "m", in: folder.path)
      let planner = RunPlanner(.registered, dataFolder: "data", mirror: nil, digests: FileDigests())
      for tier in Tier.allCases { _ = try planner.check(try Manifest(source, tier: tier)) }
      return nil
    } catch {
      return "\(error)"
    }
  }

  /// What a schema cannot say: what several keys have to do with each other, what must be there in the end, and which
  /// of a user's own names exist.
  private static let beyondSchemas = [
    "is missing;", "but the folder is called", "no row has", "have the label", "are the same; a swept value",
    "occurs twice here",
    "belongs to one row", "values, but", "and so does", "is not range(", "is not log(", "other than finite numbers",
    "is in both",
  ]

  /// The paths of all nodes, from the root.
  private static func paths(_ value: Value, from path: [String] = []) -> [[String]] {
    var paths = [path]
    for (key, member) in (value.object ?? [:]).sorted(by: { $0.key < $1.key }) {
      paths += Self.paths(member, from: path + [key])
    }
    for (index, element) in (value.array ?? []).enumerated() { paths += Self.paths(element, from: path + ["\(index)"]) }
    return paths
  }

  /// The tree with another node at a path; nil removes it.
  private static func replacing(_ value: Value, at path: ArraySlice<String>, _ change: (Value) -> Value?) -> Value? {
    guard let key = path.first else { return change(value) }
    if var members = value.object {
      members[key] = members[key].flatMap { replacing($0, at: path.dropFirst(), change) }
      return .object(members)
    }
    var elements = value.array ?? []
    guard let index = Int(key) else { return value }
    let changed = replacing(elements[index], at: path.dropFirst(), change)
    if let changed { elements[index] = changed } else { elements.remove(at: index) }
    return .array(elements)
  }

  private static let others: [Value] = [
    .null, true, 0, 7, -3, 0.5, 1e300, 1.0, 0x1p63, "", "text", "50", "0s", "0.0e3GiB", "inf", "../x", "log(1, 2", [],
    [1], ["x"], [:],
    ["zzz": 1], ["name": "n"], [["x": 1]], .string(String(repeating: "n", count: 201)),
  ]

  private static func mutants(_ document: Value) -> [(what: String, document: Value)] {
    var mutants: [(what: String, document: Value)] = []
    for path in paths(document) {
      let name = path.joined(separator: "/")
      func add(_ what: String, _ change: (Value) -> Value?) {
        if let mutant = replacing(document, at: path[...], change) {
          mutants.append((what: "\(what) at /\(name)", document: mutant))
        }
      }
      add("nothing") { _ in nil }
      for other in others { add(other.json()) { _ in other } }
      func adding(_ key: String, _ value: Value) {
        add("\(key): \(value.json())") { node -> Value? in
          guard var members = node.object else { return node }
          members[key] = value
          return Value.object(members)
        }
      }
      for key in [
        "zzz", "schema", "name", "kind", "tiers", "title", "published", "row", "metric", "y", "array", "data", "sweep",
        "seed",
      ] {
        adding(key, 1)
      }
      adding("tiers", [:])
      for key in [
        "data", "params", "solver", "seed", "data.x", "data..x", "data.", ".data", "seed.x", "repeat", "title",
        "limits.threads", "dat",
      ] {
        adding(key, [["samples": 20]])
      }
    }
    return mutants
  }

  /// Whether both refuse a mutant.
  private static func compare(_ what: String, _ mutant: Value) -> Bool {
    let errors = schema.errors(in: mutant)
    let sentence = sentence(mutant)
    guard errors.isEmpty else {
      #expect(sentence != nil, "\(what): only the schema refuses it: \(errors)")
      return true
    }
    // What axes hold is the business of what is swept, which only the reader puts together.
    guard let sentence, !what.contains("/sweep/") else { return false }
    #expect(beyondSchemas.contains { sentence.contains($0) }, "\(what): only check refuses it: \(sentence)")
    return false
  }

  @Test func checkAndSchemaAgree() throws {
    let document = try Node(yaml: Self.manifest, option: "m").value
    #expect(Self.schema.errors(in: document) == [])
    #expect(Self.sentence(document) == nil)
    let both = Self.mutants(document).count { Self.compare($0.what, $0.document) }
    #expect(both > 1000)
  }

  /// Numbers of all sizes and both kinds, and texts that are near to what is expected, anywhere.
  @Test(arguments: 1...4) func checkAndSchemaAgreeOnWhatIsDrawn(seed: Int) throws {
    let document = try Node(yaml: Self.manifest, option: "m").value
    let paths = Self.paths(document)
    var random = SeededGenerator(seed: UInt64(seed), stream: "manifests")
    for _ in 0..<400 {
      let path = paths[Int.random(in: paths.indices, using: &random)]
      let value = Self.drawn(&random)
      guard let mutant = Self.replacing(document, at: path[...], { _ in value }) else { continue }
      _ = Self.compare("\(value.json()) at /\(path.joined(separator: "/"))", mutant)
    }
  }

  private static func drawn(_ random: inout SeededGenerator) -> Value {
    let size = Double.random(in: -20...20, using: &random)
    switch Int.random(in: 0..<5, using: &random) {
    case 0: return .integer(Int.random(in: -5...25_000, using: &random))
    case 1: return .number(Double(Int.random(in: -5...25_000, using: &random)))
    case 2: return .number((Bool.random(using: &random) ? 1 : -1) * pow(10, size))
    case 3:
      let units = ["s", "m", "GiB", "kB", "ms", "", "x"]
      return .string("\(abs(size).rounded())\(units[Int.random(in: units.indices, using: &random)])")
    default:
      let letters = Array("ab-_ ./0é")
      let length = Int.random(in: 0...5, using: &random)
      return .string(String((0..<length).map { _ in letters[Int.random(in: letters.indices, using: &random)] }))
    }
  }

  @Test func aTierChangesNoIdentity() throws {
    for key in ["schema: 1", "name: m", "kind: gaussian-transport", "tiers: {}"] {
      let yaml =
        "schema: 1\nname: m\ntitle: t\nkind: gaussian-transport\ndata: {samples: 20}\nsolver: {epsilon: 1}\n"
        + "tiers: {smoke: {\(key)}}"
      let document = try Node(yaml: yaml, option: "m").value
      #expect(Self.schema.errors(in: document) != [])
      #expect(
        Self.sentence(document)?.contains("unknown key '\(key.prefix { $0 != ":" })' in 'tiers.smoke'") == true,
        "\(Self.sentence(document) ?? "")")
    }
  }
}
