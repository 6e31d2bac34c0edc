import Documents
import Foundation
import Manifests

/// A finished run as it stands in the store.
public struct RunRecord: Sendable {
  public let directory: String
  /// What of run.json lists need.
  private let header: Value
  private let recorded: StoredValue
  private let measured: StoredValue

  /// - Throws: `DocumentError` when a file of the run is missing or damaged.
  public init(directory: String) throws(DocumentError) {
    try self.init(header: directory)
    try validate()
  }

  /// Reads all that a header leaves unread.
  ///
  /// - Throws: `DocumentError` when it is damaged.
  public func validate() throws(DocumentError) {
    _ = try recorded.read()
    guard try measured.read().object != nil else {
      throw DocumentError(place: .file("\(directory)/metrics.json"), problem: "is not a JSON object")
    }
  }

  /// The record's header alone, for lists; the rest is read when it is asked for, and is nothing when its file is damaged.
  init(header directory: String) throws(DocumentError) {
    self.directory = directory
    header = try Value(jsonFile: "\(directory)/run.json", skipping: ["document", "inputs", "provenance", "rules", "styling"])
    recorded = StoredValue(path: "\(directory)/run.json")
    measured = StoredValue(path: "\(directory)/metrics.json")
  }

  /// run.json: key, document, inputs, provenance, outcome.
  public var run: Value { (try? recorded.read()) ?? .null }
  /// metrics.json.
  public var metrics: [String: Value] { (try? measured.read())?.object ?? [:] }

  public var outcome: String { header["outcome"]?.string ?? "unknown" }
  public var isConverged: Bool { outcome == "converged" }
  public var experiment: String { header["experiment"]?.string ?? "" }
  public var title: String { header["title"]?.string ?? "" }
  public var key: String { String((header["key"]?.string ?? "").prefix(12)) }
  /// The binary that made it.
  public var executableDigest: String? { header["executableSHA256"]?.string }
  /// Of the run's own process, without the programs that draw its figures.
  public var processorSeconds: Double? { header["environment"]?["processorSeconds"]?.number }
  public var secondsElapsed: Double? { header["environment"]?["secondsElapsed"]?.number }
  /// In bytes.
  public var peakMemory: Int? { header["environment"]?["peakMemoryBytes"]?.integer }
  /// Why its pictures could not be drawn; nil when they were.
  public var undrawn: String? { header["undrawn"]?.string }
  public var started: String? { header["environment"]?["started"]?.string }

  /// Where an input may lie now, in the order in which to look: as from the folder in which the run was called for, from there where the results
  /// were moved together with it, and from here.
  func places(of input: RunInput, in store: RunStore) -> [String] {
    if input.path.hasPrefix("/") { return [input.path] }
    let folders = [run["folder"]?.string, run["folderFromResults"]?.string.map { "\(store.folder)/\($0)" }]
    return folders.compactMap { $0.map { "\($0)/\(input.path)" } } + [input.path]
  }

  /// The request that the record answers, to be carried out again.
  ///
  /// - Throws: `DocumentError` when the record is not whole.
  public func request() throws(DocumentError) -> RunRequest {
    let place = Place.file("\(directory)/run.json")
    guard let experiment = run["experiment"]?.string, let tier = run["tier"]?.string.flatMap(Tier.init), let label = run["label"]?.string,
      let document = run["document"], let digest = run["key"]?.string
    else { throw DocumentError(place: place, problem: "is not the whole record of a run") }
    let identity = RunIdentity(document: document)
    guard identity.digest == digest else {
      throw DocumentError(
        place: place, problem: "has been changed: its document has the key \(identity.key), but \(digest.prefix(12)) is noted")
    }
    let inputs = (run["inputs"]?.array ?? []).map { input in
      RunInput(
        role: input["role"]?.string ?? "", name: input["name"]?.string ?? "", path: input["path"]?.string ?? "",
        sha256: input["sha256"]?.string ?? "")
    }
    var rules: [MetricRule] = []
    for (name, rule) in (run["rules"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
      rules.append(try MetricRule(name: name, value: rule, at: place))
    }
    return RunRequest(
      experiment: experiment, tier: tier, label: label, repetition: run["repetition"]?.integer ?? 0, identity: identity,
      styling: run["styling"] ?? [:], inputs: inputs, limits: Limits(threads: run["environment"]?["threads"]?.integer ?? 1), metrics: rules)
  }
}

/// A JSON file, read once.
private final class StoredValue: @unchecked Sendable {
  private let path: String
  private let lock = NSLock()
  private var known: Value?

  init(path: String) { self.path = path }

  func read() throws(DocumentError) -> Value {
    lock.lock()
    defer { lock.unlock() }
    if let known { return known }
    let value = try Value(jsonFile: path)
    known = value
    return value
  }
}
