import Datasets
import Documents
import Foundation
import Manifests
import Runs

/// Turns the cases of a manifest into requests, each with its inputs found and digested.
public struct RunPlanner: Sendable {
  public let catalogue: @Sendable () throws(DocumentError) -> SourceCatalogue
  public let cache: SourceCache
  /// A folder that holds `set/file` copies of the catalogued files; used instead of the network.
  public let mirror: String?
  /// Told about each file that is brought.
  public let onFetch: @Sendable (String) -> Void

  public init(
    dataFolder: String, mirror: String?, onFetch: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    catalogue = { () throws(DocumentError) in try SourceCatalogue(path: "\(dataFolder)/sources.yaml") }
    cache = SourceCache(folder: "\(dataFolder)/cache")
    self.mirror = mirror
    self.onFetch = onFetch
  }

  /// Checks a case against its kind's schema without touching any file.
  ///
  /// - Returns: the experiment and its resolved document {data, params, solver}, defaults included.
  public func experiment(_ each: Case, of manifest: Manifest) throws(DocumentError) -> (
    experiment: any Experiment, resolved: [String: Value]
  ) {
    let kind = try Registry.kind(manifest.kind, at: .file(manifest.path))
    let body = try CaseBody(data: each.data, params: each.params, solver: each.solver, seed: each.seeds[0])
    let experiment = try Registry.experiment(kind, body)
    for input in experiment.inputs where input.source == nil && input.file == nil {
      throw DocumentError(place: each.data.place, problem: "'\(input.role)' names no file; source or file was expected")
    }
    return (experiment, ["data": body.data.resolved, "params": body.params.resolved, "solver": body.solver.resolved])
  }

  /// The requests for a case, one a repetition.
  ///
  /// - Parameter fetching: brings catalogued files that are absent; without it their catalogued digests are taken, which must be theirs.
  /// - Throws: `DocumentError`, or `DataError` when an input is missing or is not what the catalogue says.
  public func requests(_ each: Case, of manifest: Manifest, fetching: Bool) throws -> [RunRequest] {
    let (experiment, resolved) = try experiment(each, of: manifest)
    var inputs: [RunInput] = []
    for reference in experiment.inputs { inputs.append(try input(reference, fetching: fetching)) }
    return each.seeds.enumerated().map { repetition, seed in
      RunRequest(
        experiment: manifest.name, tier: manifest.tier, label: each.label, repetition: repetition, kind: manifest.kind,
        revision: type(of: experiment).revision, data: resolved["data"] ?? .null, params: resolved["params"] ?? .null,
        solver: resolved["solver"] ?? .null, seed: seed, inputs: inputs, threads: manifest.threads)
    }
  }

  private func input(_ reference: InputReference, fetching: Bool) throws -> RunInput {
    if let name = reference.source {
      let catalogue = try catalogue()
      guard let file = catalogue.file(named: name) else {
        let hint = nearest(to: name, among: catalogue.names).map { "; did you mean '\($0)'?" } ?? ""
        throw DocumentError(place: .file(catalogue.path), problem: "lists no file '\(name)', which '\(reference.role)' names\(hint)")
      }
      if fetching {
        switch cache.state(of: file, computingDigest: true) {
        case .verified: break
        case .absent:
          onFetch(name)
          try cache.fetch(file, mirror: mirror)
        case .present, .differs:
          let found = SHA256.hex(ofFile: cache.path(of: file)) ?? "unreadable"
          throw DataError(
            path: cache.path(of: file),
            problem:
              "is not the catalogued file: its SHA-256 is \(found), but \(file.sha256) was expected; 'otlab data fetch \(file.set)' brings it anew"
          )
        }
      }
      return RunInput(role: reference.role, name: name, path: cache.path(of: file), sha256: file.sha256)
    }
    let path = reference.file ?? ""
    guard FileManager.default.fileExists(atPath: path) else {
      throw DataError(path: path, problem: "there is no such file, which '\(reference.role)' names")
    }
    guard let digest = SHA256.hex(ofFile: path) else { throw DataError(path: path, problem: "cannot be read") }
    return RunInput(role: reference.role, name: path, path: path, sha256: digest)
  }
}
