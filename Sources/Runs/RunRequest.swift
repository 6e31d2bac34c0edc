import Documents
import Manifests

/// An input file of a run.
public struct RunInput: Sendable, Equatable {
  /// Where the manifest names it, such as `data.first`.
  public let role: String
  /// What the user called it: a catalogued name or a path.
  public let name: String
  /// Where it lies on this machine; not part of the key.
  public let path: String
  public let sha256: String

  public init(role: String, name: String, path: String, sha256: String) {
    self.role = role
    self.name = name
    self.path = path
    self.sha256 = sha256
  }
}

/// Everything needed to carry out one run, and the key that names its result.
///
/// The key is the SHA-256 of the canonical JSON of `document`: kind and its revision, the resolved data, params and solver with all
/// defaults, the seed, and the digests of the inputs. Paths, threads, labels, titles, commit and machine are not in it.
public struct RunRequest: Sendable {
  public let experiment: String
  public let tier: Tier
  public let label: String
  /// Counted from 0 among the repetitions of its case.
  public let repetition: Int
  public let kind: String
  public let document: Value
  public let inputs: [RunInput]
  public let threads: Int

  public init(
    experiment: String, tier: Tier, label: String, repetition: Int, kind: String, revision: Int, data: Value, params: Value, solver: Value,
    seed: Int,
    inputs: [RunInput], threads: Int
  ) {
    self.experiment = experiment
    self.tier = tier
    self.label = label
    self.repetition = repetition
    self.kind = kind
    self.inputs = inputs
    self.threads = threads
    document = [
      "schema": 1, "kind": .string(kind), "revision": .integer(revision), "data": data, "params": params, "solver": solver,
      "seed": .integer(seed), "inputs": .array(inputs.map { ["role": .string($0.role), "sha256": .string($0.sha256)] }),
    ]
  }

  /// How the run is called in progress lines.
  public var title: String { repetition == 0 ? label : "\(label) #\(repetition + 1)" }

  /// 64 hexadecimal digits.
  public var digest: String { SHA256.hex(of: document.json()) }

  /// The first twelve digits, which name the run's directory.
  public var key: String { String(digest.prefix(12)) }
}

extension RunRequest {
  /// The request as the parent process writes it down for its child.
  public var job: Value {
    [
      "experiment": .string(experiment), "tier": .string(tier.rawValue), "label": .string(label), "title": .string(title),
      "kind": .string(kind),
      "key": .string(digest), "document": document, "threads": .integer(threads),
      "inputs": .array(
        inputs.map { ["role": .string($0.role), "name": .string($0.name), "path": .string($0.path), "sha256": .string($0.sha256)] }),
    ]
  }
}
