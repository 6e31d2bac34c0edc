import Documents
import Experiments
import Foundation
import Manifests
import Runs
import TestSupport
import Testing

/// `otlab check` and the JSON Schema that `otlab schema` prints are held against each other on manifests in which one thing after another is wrong.
@Suite struct SchemaAgreementTests {
  private static let schema = JSONSchema(ManifestSchema.value)

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
      b: {row: {method: x}, data: {samples: 30}, solver: {epsilon: 1}, seed: 4, repeat: 3, sweep: {product: {data.deviation: [3]}}}
    metrics:
      value: {better: lower, tolerance: {relative: 1.0e-6, absolute: 0.1}, gate: true, require: false}
      converged: {require: true}
    published: {"a[deviation=1, seed=1, mean=1, repeat=1]": {value: 1.5}}
    tables:
      - {name: t, title: T, columns: [{row: case, title: R}, {metric: value, digits: 3, published: true}], where: {seed: 1}}
    figures:
      - {name: f, title: F, x: data.mean, y: value, curves: seed, curvesLabel: C, xLabel: X, yLabel: Y, logarithmic: [x, y], exponents: true, where: {seed: 1}}
      - {name: g, title: F, x: data.mean, array: plan, rows: seed, curvesLabel: C}
      - {name: h, title: F, x: first, trace: plan, curves: seed}
      - {name: i, title: F, x: error, points: value, curves: seed}
      - {name: j, title: F, x: data.mean, pictures: plan}
    tiers:
      smoke: {title: S, seed: 5, data: {samples: 25}, limits: {threads: 1}}
      paper:
    """

  /// The sentence of `check`; nil when it finds a manifest valid.
  private static func sentence(_ document: Value) -> String? {
    let folder = TemporaryFolder()
    folder.write(document.json(), to: "m/manifest.yaml")
    do {
      let source = try ManifestSource(name: "m", in: folder.path)
      for tier in Tier.allCases { _ = try RunPlanner.check(try Manifest(source, tier: tier)) }
      return nil
    } catch {
      return "\(error)"
    }
  }

  /// What a schema cannot say: what several keys have to do with each other, what must be there in the end, which names exist, and which numbers or
  /// names a condition in words leaves.
  private static let beyondSchemas = [
    "is missing;", "but the folder is called", "unknown experiment kind", "gives no metric", "no row has", "have the label",
    "are one; a swept value",
    "stands here twice", "is no file name", "belongs to one row", "at least one case", "was expected, as in",
    "a positive number was expected",
    "a finite number was expected", "a number that is not negative was expected", "values, but", "and so does", "is not range(",
    "is not log(", "not a finite number",
    "is not 1, the only version", "stands in both",
  ]

  /// The paths of all nodes, from the root.
  private static func paths(_ value: Value, from path: [String] = []) -> [[String]] {
    var paths = [path]
    for (key, member) in (value.object ?? [:]).sorted(by: { $0.key < $1.key }) { paths += Self.paths(member, from: path + [key]) }
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
    .null, true, 0, 7, -3, 0.5, 1e300, "", "text", "50", "log(1, 2", [], [1], ["x"], [:], ["zzz": 1], ["name": "n"], [["x": 1]],
  ]

  private static func mutants(_ document: Value) -> [(what: String, document: Value)] {
    var mutants: [(what: String, document: Value)] = []
    for path in paths(document) {
      let name = path.joined(separator: "/")
      func add(_ what: String, _ change: (Value) -> Value?) {
        if let mutant = replacing(document, at: path[...], change) { mutants.append((what: "\(what) at /\(name)", document: mutant)) }
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
      for key in ["zzz", "schema", "name", "kind", "tiers", "title", "published", "row", "metric", "y", "array", "data", "sweep", "seed"] {
        adding(key, 1)
      }
      adding("tiers", [:])
      for key in [
        "data", "params", "solver", "seed", "data.x", "data..x", "data.", ".data", "seed.x", "repeat", "title", "limits.threads", "dat",
      ] {
        adding(key, [["samples": 20]])
      }
    }
    return mutants
  }

  @Test func checkAndSchemaAgree() throws {
    let document = try Node(yaml: Self.manifest, option: "m").value
    #expect(Self.sentence(document) == nil)
    #expect(Self.schema.errors(in: document) == [])
    var both = 0
    for (what, mutant) in Self.mutants(document) {
      let errors = Self.schema.errors(in: mutant)
      let sentence = Self.sentence(mutant)
      if errors.isEmpty {
        // What axes hold is the business of what is swept, which only the reader puts together.
        guard let sentence, !what.contains("/sweep/") else { continue }
        #expect(Self.beyondSchemas.contains { sentence.contains($0) }, "\(what): only check refuses it: \(sentence)")
      } else {
        both += 1
        #expect(sentence != nil, "\(what): only the schema refuses it: \(errors)")
      }
    }
    #expect(both > 1000)
  }

  @Test func aTierChangesNoIdentity() throws {
    for key in ["schema: 1", "name: m", "kind: gaussian-transport", "tiers: {}"] {
      let yaml =
        "schema: 1\nname: m\ntitle: t\nkind: gaussian-transport\ndata: {samples: 20}\nsolver: {epsilon: 1}\ntiers: {smoke: {\(key)}}"
      let document = try Node(yaml: yaml, option: "m").value
      #expect(Self.schema.errors(in: document) != [])
      #expect(
        Self.sentence(document)?.contains("unknown key '\(key.prefix { $0 != ":" })' in 'tiers.smoke'") == true,
        "\(Self.sentence(document) ?? "")")
    }
  }
}
