import Documents
import Files
import Foundation
import Manifests

/// A run in the store, of which at least the header is known.
public protocol StoredRun: Sendable {
  /// Where its files are.
  var directory: String { get }
  /// What it was asked for, as far as lists show it.
  var header: RunRecord.Header { get }
  /// How it ended.
  var ending: RunRecord.Ending { get }
}

extension StoredRun {
  /// The experiment that it belongs to.
  public var experiment: String { header.experiment }
  /// How it is called in lists.
  public var title: String { header.title }
  /// The first twelve digits, which name its directory.
  public var key: String { String(header.digest.prefix(12)) }
  /// One word: how it ended.
  public var outcome: String { ending.outcome }
  public var isConverged: Bool { outcome == "converged" }
}

/// A finished run as lists know it: the parts of run.json that they do not show are passed over, and metrics.json is not read.
public struct ListedRun: StoredRun {
  public let directory: String
  public let header: RunRecord.Header
  public let ending: RunRecord.Ending

  /// - Throws: `DocumentError` when run.json is missing or what is read of it is damaged.
  public init(directory: String) throws(DocumentError) {
    let path = "\(directory)/run.json"
    self.directory = directory
    header = try RunRecord.Header(Members(Value(jsonFile: path, skipping: RunRecord.Header.skipped), at: .file(path)))
    ending = try header.requireEnding(at: .file(path))
  }
}

/// A finished run, read as a whole.
public struct FinishedRun: StoredRun {
  public let directory: String
  /// run.json.
  public let record: RunRecord
  public let ending: RunRecord.Ending
  /// metrics.json.
  public let metrics: [String: Value]

  public var header: RunRecord.Header { record.header }

  /// - Throws: `DocumentError` when a file of the run is missing or damaged.
  public init(directory: String) throws(DocumentError) {
    self.directory = directory
    record = try RunRecord(file: Self.recordFile(directory))
    ending = try record.header.requireEnding(at: .file(Self.recordFile(directory)))
    let path = "\(directory)/metrics.json"
    guard let metrics = try Value(jsonFile: path).object else { throw DocumentError(place: .file(path), problem: "is not a JSON object") }
    self.metrics = metrics
  }

  private static func recordFile(_ directory: String) -> String { "\(directory)/run.json" }

  /// Where an input may lie now, in the order in which to look: as from the folder in which the run was called for, from there where the results
  /// were moved together with it, and from here.
  func places(of input: RunInput, in store: RunStore) -> [String] {
    if input.path.hasPrefix("/") { return [input.path] }
    let folders = [record.folder, record.folderFromResults.map { "\(store.folder)/\($0)" }]
    return folders.compactMap { $0.map { "\($0)/\(input.path)" } } + [input.path]
  }

  /// The request that the record answers, to be carried out again.
  ///
  /// - Throws: `DocumentError` when the record was changed.
  public func request() throws(DocumentError) -> RunRequest {
    let identity = record.identity
    guard identity.digest == header.digest else {
      throw DocumentError(
        place: .file(Self.recordFile(directory)),
        problem: "has been changed: its document has the key \(identity.key), but \(key) is noted")
    }
    return RunRequest(
      experiment: header.experiment, tier: header.tier, label: header.label, repetition: header.repetition, identity: identity,
      styling: record.styling, inputs: record.inputs, limits: Limits(threads: ending.environment.threads ?? 1), metrics: record.rules)
  }
}

extension RunRecord.Header {
  /// - Throws: `DocumentError` when the run has not ended.
  fileprivate func requireEnding(at place: Place) throws(DocumentError) -> RunRecord.Ending {
    guard let ending else { throw DocumentError(place: place, problem: "has no 'outcome'") }
    return ending
  }
}
