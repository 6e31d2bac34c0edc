import Datasets
import Documents
import Files
import Foundation
import Manifests
import Runs

/// A row of a manifest with the requests of its repetitions.
public struct PlannedCase: Sendable {
  /// The row of the manifest.
  public let each: Case
  /// The requests, one for each repetition.
  public let requests: [RunRequest]
}

/// Turns the rows of a manifest into requests, with all inputs found and digested.
///
/// Each file is examined once, even if many rows use it.
public final class RunPlanner: @unchecked Sendable {
  private let registry: Registry
  private let dataFolder: String
  private let cache: SourceCache
  /// A folder with `set/file` copies of the catalogued files, used instead of the network; nil for none.
  public let mirror: String?
  private let digests: FileDigests
  /// Receives the name of each file that is fetched.
  private let onFetch: (String) -> Void
  private lazy var catalogue = Result { try SourceCatalogue(path: "\(dataFolder)/sources.yaml") }
  /// Guards `known` and the catalogue, since rows are planned in parallel.
  private let lock = NSLock()
  private var known: [String: RunInput] = [:]
  private var missing: Set<String> = []
  /// The names of missing files for which `plan` has used the digests of earlier runs.
  public var absent: [String] { lock.withLock { missing.sorted() } }

  /// Creates a planner.
  ///
  /// - Parameters:
  ///   - registry: the known kinds.
  ///   - dataFolder: the folder of sources.yaml and of the data cache.
  ///   - mirror: a folder with `set/file` copies of the catalogued files, used instead of the network.
  ///   - digests: the memory of digests.
  ///   - onFetch: receives the name of each file that is fetched.
  public init(
    _ registry: Registry, dataFolder: String, mirror: String?, digests: FileDigests,
    onFetch: @escaping (String) -> Void = { _ in }
  ) {
    self.registry = registry
    self.dataFolder = dataFolder
    cache = SourceCache(folder: "\(dataFolder)/cache")
    self.mirror = mirror
    self.digests = digests
    self.onFetch = onFetch
  }

  /// Checks a manifest against all rules and each row against its kind's schema, without touching any data.
  ///
  /// - Parameter manifest: the manifest.
  /// - Returns: Each row as its kind has read it.
  /// - Throws: `DocumentError` for the first problem.
  public func check(_ manifest: Manifest) throws(DocumentError) -> [ReadCase] {
    let kind = try check(rulesOf: manifest)
    return try manifest.cases.map { each throws(DocumentError) in try ReadCase(each, by: kind) }
  }

  /// Returns all violations of rules in a manifest.
  public func violations(of manifest: Manifest) throws(DocumentError) -> [DocumentError] {
    let kind = try registry.kind(manifest.kind, at: .file(manifest.path))
    return ManifestRule.violations(of: manifest, metrics: kind.allMetrics)
  }

  private func check(rulesOf manifest: Manifest) throws(DocumentError) -> any Experiment.Type {
    if let violation = try violations(of: manifest).first { throw violation }
    return try registry.kind(manifest.kind, at: .file(manifest.path))
  }

  /// Returns the requests of all rows.
  ///
  /// - Parameters:
  ///   - manifest: the manifest.
  ///   - fetching: whether to fetch missing catalogued files; otherwise their catalogued digests are used.
  ///   - recall: returns the digest that a file had in earlier runs, by its name in the manifest, so that finished
  ///     runs can be shown without their data; without it a missing file is an error.
  /// - Returns: The rows with one request for each repetition.
  /// - Throws: `DocumentError`, or `DataError` if an input is missing or differs from the catalogue.
  public func plan(_ manifest: Manifest, fetching: Bool, recall: (@Sendable (String) -> String?)? = nil) throws
    -> [PlannedCase]
  {
    let kind = try check(rulesOf: manifest)
    return try concurrentMap(manifest.cases) { each in
      Result { try self.plan(each, of: manifest, kind: kind, fetching: fetching, recall: recall) }
    }.map { try $0.get() }
  }

  private func plan(
    _ each: Case, of manifest: Manifest, kind: any Experiment.Type, fetching: Bool,
    recall: (@Sendable (String) -> String?)?
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
        identity: read.identity(seed: seed, inputs: inputs), styling: read.styling, inputs: inputs,
        limits: manifest.limits,
        metrics: manifest.metrics)
    }
    return PlannedCase(each: each, requests: requests)
  }

  private func input(_ reference: InputReference, fetching: Bool, recall: (@Sendable (String) -> String?)?) throws
    -> RunInput
  {
    let name = reference.source ?? reference.candidates.joined(separator: "|")
    if let input = known[name] {
      return RunInput(role: reference.role, name: input.name, path: input.path, sha256: input.sha256)
    }
    let input =
      try recall.flatMap { recalled(reference, from: $0) } ?? reference.source.map {
        try catalogued($0, reference, fetching: fetching)
      }
      ?? own(reference)
    known[name] = input
    return input
  }

  /// Recalls a missing file, or a catalogued file whose catalogue is missing.
  ///
  /// - Parameters:
  ///   - reference: the input.
  ///   - recall: returns the digest that a file had in earlier runs.
  /// - Returns: The input with its digest; nil if nothing needs to be recalled. A file that no run has read has an
  ///   empty digest, which matches no run.
  private func recalled(_ reference: InputReference, from recall: (String) -> String?) -> RunInput? {
    let places = reference.source == nil ? reference.candidates : ["\(dataFolder)/sources.yaml"]
    guard let name = reference.source ?? reference.file, !places.contains(where: FileManager.default.fileExists) else {
      return nil
    }
    missing.insert(name)
    return RunInput(
      role: reference.role, name: name, path: reference.candidates.first ?? name, sha256: recall(name) ?? "unknown")
  }

  private func catalogued(_ name: String, _ reference: InputReference, fetching: Bool) throws -> RunInput {
    let catalogue = try catalogue.get()
    guard let file = catalogue.file(named: name) else {
      let hint = nearest(to: name, among: catalogue.names).map { "; did you mean '\($0)'?" } ?? ""
      throw DocumentError(
        place: .file(catalogue.path), problem: "lists no file '\(name)', which '\(reference.role)' names\(hint)")
    }
    let path = cache.path(of: file)
    if fetching, !FileManager.default.fileExists(atPath: path) {
      onFetch(name)
      try cache.fetch(file, mirror: mirror)
    } else if fetching, let found = digests.digest(of: path), found != file.sha256 {
      throw DataError(
        path: path,
        problem:
          """
          is not the catalogued file: its SHA-256 is \(found), but \(file.sha256) was expected; 'otlab data fetch \
          \(file.set)' downloads it again
          """
      )
    }
    return RunInput(role: reference.role, name: name, path: path, sha256: file.sha256)
  }

  private func own(_ reference: InputReference) throws -> RunInput {
    let file = reference.file ?? ""
    guard let path = reference.candidates.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
      let places =
        reference.candidates.count > 1 ? " (looked for \(reference.candidates.joined(separator: " and ")))" : ""
      throw DataError(path: file, problem: "there is no such file, which '\(reference.role)' names\(places)")
    }
    guard let digest = digests.digest(of: path) else {
      throw DataError(path: path, problem: RegularFile.obstacle(to: path) ?? "cannot be read")
    }
    return RunInput(role: reference.role, name: file, path: path, sha256: digest)
  }
}
