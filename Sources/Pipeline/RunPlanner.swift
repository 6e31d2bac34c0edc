import Datasets
import Documents
import Files
import Foundation
import Manifests
import Runs

/// A row of a manifest with the requests for its repetitions.
public struct PlannedCase: Sendable {
  public let each: Case
  public let requests: [RunRequest]
}

/// Turns the rows of a manifest into requests, each with its inputs found and digested. Files are looked at once.
public final class RunPlanner: @unchecked Sendable {
  private let registry: Registry
  private let dataFolder: String
  private let cache: SourceCache
  /// A folder that holds `set/file` copies of the catalogued files; used instead of the network.
  public let mirror: String?
  private let digests: FileDigests
  /// Told about each file that is brought.
  private let onFetch: (String) -> Void
  private lazy var catalogue = Result { try SourceCatalogue(path: "\(dataFolder)/sources.yaml") }
  /// Guards `known` and the catalogue; rows are planned by all processors.
  private let lock = NSLock()
  private var known: [String: RunInput] = [:]
  private var missing: Set<String> = []
  /// Names of files that are not here, for which `plan` has taken digests of earlier runs.
  public var absent: [String] { lock.withLock { missing.sorted() } }

  /// - Parameters:
  ///   - registry: the kinds that manifests may name.
  ///   - dataFolder: the folder of sources.yaml and of the data cache.
  ///   - mirror: a folder that holds `set/file` copies of the catalogued files; used instead of the network.
  ///   - digests: where digests of files are remembered.
  ///   - onFetch: told the name of each file that is brought.
  public init(
    _ registry: Registry, dataFolder: String, mirror: String?, digests: FileDigests, onFetch: @escaping (String) -> Void = { _ in }
  ) {
    self.registry = registry
    self.dataFolder = dataFolder
    cache = SourceCache(folder: "\(dataFolder)/cache")
    self.mirror = mirror
    self.digests = digests
    self.onFetch = onFetch
  }

  /// Checks a manifest against all rules, and each row against its kind's schema, without touching any data.
  ///
  /// - Returns: each row as its kind has read it.
  public func check(_ manifest: Manifest) throws(DocumentError) -> [ReadCase] {
    let kind = try check(rulesOf: manifest)
    return try manifest.cases.map { each throws(DocumentError) in try ReadCase(each, by: kind) }
  }

  /// Everything in a manifest that breaks a rule.
  public func violations(of manifest: Manifest) throws(DocumentError) -> [DocumentError] {
    let kind = try registry.kind(manifest.kind, at: .file(manifest.path))
    return ManifestRule.violations(of: manifest, metrics: kind.allMetrics)
  }

  private func check(rulesOf manifest: Manifest) throws(DocumentError) -> any Experiment.Type {
    if let violation = try violations(of: manifest).first { throw violation }
    return try registry.kind(manifest.kind, at: .file(manifest.path))
  }

  /// The requests of all rows, one a repetition.
  ///
  /// - Parameters:
  ///   - fetching: brings catalogued files that are absent; without it their catalogued digests are taken, which must be theirs.
  ///   - recall: gives the digest that a file had in earlier runs, by the name that the manifest gives it: what is shown of finished runs needs no data.
  ///     Without it a file that is not here is an error.
  /// - Throws: `DocumentError`, or `DataError` when an input is missing or is not what the catalogue says.
  public func plan(_ manifest: Manifest, fetching: Bool, recall: (@Sendable (String) -> String?)? = nil) throws -> [PlannedCase] {
    let kind = try check(rulesOf: manifest)
    return try concurrentMap(manifest.cases) { each in
      Result { try self.plan(each, of: manifest, kind: kind, fetching: fetching, recall: recall) }
    }.map { try $0.get() }
  }

  private func plan(
    _ each: Case, of manifest: Manifest, kind: any Experiment.Type, fetching: Bool, recall: (@Sendable (String) -> String?)?
  ) throws
    -> PlannedCase
  {
    let read = try ReadCase(each, by: kind)
    let inputs = try read.experiment.inputs.map { reference in
      try lock.withLock { try input(reference, fetching: fetching, recall: recall) }
    }
    let requests = each.seeds.enumerated().map { repetition, seed in
      RunRequest(
        experiment: manifest.name, tier: manifest.tier, label: each.label, repetition: repetition,
        identity: read.identity(seed: seed, inputs: inputs), styling: read.styling, inputs: inputs, limits: manifest.limits,
        metrics: manifest.metrics)
    }
    return PlannedCase(each: each, requests: requests)
  }

  private func input(_ reference: InputReference, fetching: Bool, recall: (@Sendable (String) -> String?)?) throws -> RunInput {
    let name = reference.source ?? reference.candidates.joined(separator: "|")
    if let input = known[name] { return RunInput(role: reference.role, name: input.name, path: input.path, sha256: input.sha256) }
    let input =
      try recall.flatMap { recalled(reference, from: $0) } ?? reference.source.map { try catalogued($0, reference, fetching: fetching) }
      ?? own(reference)
    known[name] = input
    return input
  }

  /// What is known of a file that is not here, or of a catalogued one when the catalogue is not; nil when nothing has to be recalled. A file that no
  /// run has read has no digest, and no run.
  private func recalled(_ reference: InputReference, from recall: (String) -> String?) -> RunInput? {
    let places = reference.source == nil ? reference.candidates : ["\(dataFolder)/sources.yaml"]
    guard let name = reference.source ?? reference.file, !places.contains(where: FileManager.default.fileExists) else { return nil }
    missing.insert(name)
    return RunInput(role: reference.role, name: name, path: reference.candidates.first ?? name, sha256: recall(name) ?? "unknown")
  }

  private func catalogued(_ name: String, _ reference: InputReference, fetching: Bool) throws -> RunInput {
    let catalogue = try catalogue.get()
    guard let file = catalogue.file(named: name) else {
      let hint = nearest(to: name, among: catalogue.names).map { "; did you mean '\($0)'?" } ?? ""
      throw DocumentError(place: .file(catalogue.path), problem: "lists no file '\(name)', which '\(reference.role)' names\(hint)")
    }
    let path = cache.path(of: file)
    if fetching, !FileManager.default.fileExists(atPath: path) {
      onFetch(name)
      try cache.fetch(file, mirror: mirror)
    } else if fetching, let found = digests.digest(of: path), found != file.sha256 {
      throw DataError(
        path: path,
        problem:
          "is not the catalogued file: its SHA-256 is \(found), but \(file.sha256) was expected; 'otlab data fetch \(file.set)' brings it anew"
      )
    }
    return RunInput(role: reference.role, name: name, path: path, sha256: file.sha256)
  }

  private func own(_ reference: InputReference) throws -> RunInput {
    let file = reference.file ?? ""
    guard let path = reference.candidates.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
      let places = reference.candidates.count > 1 ? " (looked for \(reference.candidates.joined(separator: " and ")))" : ""
      throw DataError(path: file, problem: "there is no such file, which '\(reference.role)' names\(places)")
    }
    guard let digest = digests.digest(of: path) else {
      throw DataError(path: path, problem: RegularFile.obstacle(to: path) ?? "cannot be read")
    }
    return RunInput(role: reference.role, name: file, path: path, sha256: digest)
  }
}
