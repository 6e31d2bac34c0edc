import Documents
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
}

/// What can change the result of a run.
///
/// Its canonical JSON is what the run's key is the SHA-256 of: kind and its revision, the resolved data, params and solver with all
/// defaults, the seed, and the digests of the inputs. Paths, limits, labels, titles, styling, commit and machine are not in it.
public struct RunIdentity: Sendable {
  public let document: Value
  /// 64 hexadecimal digits.
  public let digest: String

  public init(kind: String, revision: Int, data: Value, params: Value, solver: Value, seed: Int, inputs: [RunInput]) {
    self.init(document: [
      "schema": 1, "kind": .string(kind), "revision": .integer(revision), "data": data, "params": params, "solver": solver,
      "seed": .integer(seed), "inputs": .array(inputs.map { ["role": .string($0.role), "sha256": .string($0.sha256)] }),
    ])
  }

  /// The identity that a finished run has written down.
  init(document: Value) {
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
  public var title: String { repetition == 0 ? label : "\(label) #\(repetition + 1)" }

  public var key: String { identity.key }

  /// What is written down of the request, for the child process and for the record.
  var job: [String: Value] {
    [
      "experiment": .string(experiment), "tier": .string(tier.rawValue), "label": .string(label), "repetition": .integer(repetition),
      "title": .string(title), "key": .string(identity.digest), "document": identity.document, "styling": styling,
      "rules": .object(Dictionary(metrics.map { ($0.name, $0.value) }) { $1 }),
      "inputs": .array(
        inputs.map { ["role": .string($0.role), "name": .string($0.name), "path": .string($0.path), "sha256": .string($0.sha256)] }),
    ]
  }
}
