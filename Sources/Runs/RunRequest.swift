import Documents
import Files
import Manifests

/// A file that a run reads.
public struct RunInput: Sendable, Equatable {
  /// Its place in the manifest, such as `data.first`.
  public let role: String
  /// What the manifest calls it; not part of the key.
  public let name: String
  /// Where it lies, from the folder in which otlab was called; not part of the key.
  public internal(set) var path: String
  public let sha256: String

  public init(role: String, name: String, path: String, sha256: String) {
    self.role = role
    self.name = name
    self.path = path
    self.sha256 = sha256
  }

  /// An input that a record has noted.
  init(_ members: Members) throws(DocumentError) {
    role = try members.string("role")
    name = try members.string("name")
    path = try members.string("path")
    sha256 = try members.string("sha256")
  }

  var value: Value { ["role": .string(role), "name": .string(name), "path": .string(path), "sha256": .string(sha256)] }
}

/// What can change the result of a run.
///
/// Its canonical JSON is what the run's key is the SHA-256 of: kind and its revision, the resolved data, params and solver with all
/// defaults, the seed, and the digests of the inputs. Paths, limits, labels, titles, styling, commit and machine are not in it.
public struct RunIdentity: Sendable {
  /// All of it, as it stands in the record.
  public let document: Value
  public let kind: String
  /// Of the kind's code.
  public let revision: Int
  public let data: Value
  public let params: Value
  public let solver: Value
  public let seed: Int
  /// 64 hexadecimal digits.
  public let digest: String

  public init(kind: String, revision: Int, data: Value, params: Value, solver: Value, seed: Int, inputs: [RunInput]) {
    (self.kind, self.revision, self.data, self.params, self.solver, self.seed) = (kind, revision, data, params, solver, seed)
    document = [
      "schema": 1, "kind": .string(kind), "revision": .integer(revision), "data": data, "params": params, "solver": solver,
      "seed": .integer(seed), "inputs": .array(inputs.map { ["role": .string($0.role), "sha256": .string($0.sha256)] }),
    ]
    digest = SHA256.hex(of: document.json())
  }

  /// The identity that a record has written down.
  ///
  /// - Throws: `DocumentError` when it lacks a part.
  init(document: Value, at place: Place) throws(DocumentError) {
    let members = try Members(document, at: place, path: "document")
    kind = try members.string("kind")
    revision = try members.integer("revision")
    data = try members.value("data")
    params = try members.value("params")
    solver = try members.value("solver")
    seed = try members.integer("seed")
    self.document = document
    digest = SHA256.hex(of: document.json())
  }

  /// The first twelve digits, which name the run's directory.
  public var key: String { String(digest.prefix(12)) }
}

/// Everything needed to carry out one run.
public struct RunRequest: Sendable {
  public let experiment: String
  public let tier: Tier
  public let label: String
  /// Counted from 0 among the repetitions of its case.
  public let repetition: Int
  public let identity: RunIdentity
  /// What changes only how results look.
  public let styling: Value
  public internal(set) var inputs: [RunInput]
  public let limits: Limits
  /// What is expected of the metrics, noted in the record so that a later repetition can be judged by it.
  public let metrics: [MetricRule]

  public init(
    experiment: String, tier: Tier, label: String, repetition: Int, identity: RunIdentity, styling: Value = [:], inputs: [RunInput],
    limits: Limits = Limits(), metrics: [MetricRule] = []
  ) {
    self.experiment = experiment
    self.tier = tier
    self.label = label
    self.repetition = repetition
    self.identity = identity
    self.styling = styling
    self.inputs = inputs
    self.limits = limits
    self.metrics = metrics
  }

  /// How the run is called in progress lines.
  public var title: String { Self.title(label: label, repetition: repetition) }

  static func title(label: String, repetition: Int) -> String { repetition == 0 ? label : "\(label) #\(repetition + 1)" }

  public var key: String { identity.key }
}
