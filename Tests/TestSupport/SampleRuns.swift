import Documents
import Foundation
import Manifests
import Runs

/// Returns a request that differs from others in the given parts.
public func request(
  kind: String = "k", revision: Int = 1, data: Value = ["n": 1], params: Value = ["p": 0.5],
  solver: Value = ["name": "s"], seed: Int = 1,
  inputs: [RunInput] = [RunInput(role: "data.x", name: "set/x", path: "/a/x", sha256: "aa")], label: String = "l",
  limits: Limits = Limits(), tier: Tier = .smoke, repetition: Int = 0, styling: Value = [:], metrics: [MetricRule] = []
) -> RunRequest {
  RunRequest(
    experiment: "e", tier: tier, label: label, repetition: repetition,
    identity: RunIdentity(
      kind: kind, revision: revision, data: data, params: params, solver: solver, seed: seed, inputs: inputs),
    styling: styling, inputs: inputs, limits: limits, metrics: metrics)
}

/// Returns the run.json of a finished run.
public func recordText(_ request: RunRequest, outcome: String = "converged", binary: String = "b1") -> String {
  var environment = RunRecord.Environment()
  environment.started = "2026-01-01T00:00:00Z"
  environment.secondsElapsed = 1.5
  return RunRecord(request, provenance: nil, executableDigest: binary, folder: nil, folderFromResults: nil)
    .ended(.init(outcome: outcome, text: nil, undrawn: nil, environment: environment)).value.json(indented: true)
}

/// A store in a folder of its own, with runs written by hand.
public struct SampleStore {
  /// The folder of the store.
  public let folder = TemporaryFolder()

  /// Creates an empty store.
  public init() {}

  /// The store.
  public var store: RunStore { RunStore(folder: folder.path) }

  /// Writes a finished run.
  public func finish(
    _ request: RunRequest, metrics: String = "{}", outcome: String = "converged", binary: String = "b1"
  ) {
    folder.write(recordText(request, outcome: outcome, binary: binary), to: "e/runs/\(request.key)/run.json")
    folder.write(metrics, to: "e/runs/\(request.key)/metrics.json")
  }
}

/// Returns metric rules as a manifest declares them.
public func rules(_ yaml: String) throws -> [MetricRule] {
  let folder = TemporaryFolder()
  folder.write("schema: 1\nname: e\ntitle: t\nkind: k\nmetrics: \(yaml)\n", to: "e/manifest.yaml")
  return try Manifest(try ManifestSource(name: "e", in: folder.path)).metrics
}
