import Documents
import Files
import Manifests

/// An input file of a run.
public struct RunInput: Sendable, Equatable {
  /// The place in the manifest, such as `data.first`.
  public let role: String
  /// The name in the manifest, which is not part of the key.
  public let name: String
  /// The path from the folder in which otlab was called, which is not part of the key.
  public internal(set) var path: String
  /// The SHA-256 of the file.
  public let sha256: String

  /// Creates an input from its role, name, path, and digest.
  public init(role: String, name: String, path: String, sha256: String) {
    self.role = role
    self.name = name
    self.path = path
    self.sha256 = sha256
  }

  /// Reads an input from a record.
  init(_ members: Members) throws(DocumentError) {
    role = try members.string("role")
    name = try members.string("name")
    path = try members.string("path")
    sha256 = try members.string("sha256")
  }

  var value: Value { ["role": .string(role), "name": .string(name), "path": .string(path), "sha256": .string(sha256)] }
}

/// Everything that can change the result of a run.
///
/// The key of the run is the SHA-256 of the canonical JSON of: the kind and its revision, the resolved data, params,
/// and solver sections with all defaults, the seed, and the digests of the inputs. Paths, limits, labels, titles,
/// styling, commit, and machine are not included.
public struct RunIdentity: Sendable {
  /// The whole identity as the record stores it.
  public let document: Value
  /// The name of the experiment's kind.
  public let kind: String
  /// The revision of the kind's results.
  public let revision: Int
  /// The `data` section with all defaults.
  public let data: Value
  /// The `params` section with all defaults.
  public let params: Value
  /// The `solver` section with all defaults.
  public let solver: Value
  /// The seed of all random numbers.
  public let seed: Int
  /// The SHA-256 of the identity, 64 hexadecimal digits.
  public let digest: String

  /// Creates an identity from its parts.
  public init(kind: String, revision: Int, data: Value, params: Value, solver: Value, seed: Int, inputs: [RunInput]) {
    (self.kind, self.revision, self.data, self.params, self.solver, self.seed) = (
      kind, revision, data, params, solver, seed
    )
    document = [
      "schema": 1, "kind": .string(kind), "revision": .integer(revision), "data": data, "params": params,
      "solver": solver,
      "seed": .integer(seed),
      "inputs": .array(inputs.map { ["role": .string($0.role), "sha256": .string($0.sha256)] }),
    ]
    digest = SHA256.hex(of: document.json())
  }

  /// Reads an identity from a record, or throws `DocumentError` if a part is missing.
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

  /// The first twelve digits of the digest, which name the run's folder.
  public var key: String { String(digest.prefix(12)) }
}

/// Everything that is needed to carry out one run.
public struct RunRequest: Sendable {
  /// The name of the experiment.
  public let experiment: String
  /// The tier to which the run belongs.
  public let tier: Tier
  /// The label of the manifest's row.
  public let label: String
  /// The number of the repetition, counted from 0.
  public let repetition: Int
  /// Everything that can change the result.
  public let identity: RunIdentity
  /// The settings that only change how results look.
  public let styling: Value
  /// The input files of the run.
  public internal(set) var inputs: [RunInput]
  /// The limits of the run.
  public let limits: Limits
  /// The expectations for the metrics, which the record keeps for a later repetition.
  public let metrics: [MetricRule]

  /// Creates the request of one repetition of a row.
  public init(
    experiment: String, tier: Tier, label: String, repetition: Int, identity: RunIdentity, styling: Value = [:],
    inputs: [RunInput],
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

  /// The name of the run in lists and progress lines.
  public var title: String { Self.title(label: label, repetition: repetition) }

  static func title(label: String, repetition: Int) -> String {
    repetition == 0 ? label : "\(label) #\(repetition + 1)"
  }

  /// The first twelve digits of the key, which name the run's folder.
  public var key: String { identity.key }
}
