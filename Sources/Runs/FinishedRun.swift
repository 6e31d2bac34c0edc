import Documents
import Files
import Foundation
import Manifests

/// A run in the store, of which at least the header is known.
public protocol StoredRun: Sendable {
  /// The folder of its files.
  var directory: String { get }
  /// What was asked for, as far as lists show it.
  var header: RunRecord.Header { get }
  /// How the run ended.
  var ending: RunRecord.Ending { get }
}

extension StoredRun {
  /// The name of the experiment.
  public var experiment: String { header.experiment }
  /// The name of the run in lists.
  public var title: String { header.title }
  /// The first twelve digits of the key, which name the run's folder.
  public var key: String { String(header.digest.prefix(12)) }
  /// How the run ended, in one word.
  public var outcome: String { ending.outcome }
  /// Whether the outcome is `converged`.
  public var isConverged: Bool { outcome == "converged" }
}

/// A finished run as lists need it; most of run.json is skipped, and metrics.json is not read.
public struct ListedRun: StoredRun {
  /// The folder of its files.
  public let directory: String
  /// The part of the record that lists show.
  public let header: RunRecord.Header
  /// How the run ended, with libraries and resources.
  public let ending: RunRecord.Ending

  /// Reads the header of a run, or throws `DocumentError` if run.json is missing or damaged.
  public init(directory: String) throws(DocumentError) {
    let path = "\(directory)/run.json"
    self.directory = directory
    header = try RunRecord.Header(Members(Value(jsonFile: path, skipping: RunRecord.Header.skipped), at: .file(path)))
    ending = try header.requireEnding(at: .file(path))
  }
}

/// A finished run with its whole record.
public struct FinishedRun: StoredRun {
  /// The folder of its files.
  public let directory: String
  /// The record of the run, from run.json.
  public let record: RunRecord
  /// How the run ended, with libraries and resources.
  public let ending: RunRecord.Ending
  /// The metrics by name in full precision, from metrics.json.
  public let metrics: [String: Value]

  /// The part of the record that lists show.
  public var header: RunRecord.Header { record.header }

  /// Reads a run, or throws `DocumentError` if one of its files is missing or damaged.
  public init(directory: String) throws(DocumentError) {
    self.directory = directory
    record = try RunRecord(file: Self.recordFile(directory))
    ending = try record.header.requireEnding(at: .file(Self.recordFile(directory)))
    let path = "\(directory)/metrics.json"
    guard let metrics = try Value(jsonFile: path).object else {
      throw DocumentError(place: .file(path), problem: "is not a JSON object")
    }
    self.metrics = metrics
  }

  private static func recordFile(_ directory: String) -> String { "\(directory)/run.json" }

  /// Returns the possible paths of an input, in the order of the search.
  ///
  /// They are relative to the folder in which the run was requested, to that folder as seen from the results (if both
  /// were moved), and to the current folder.
  ///
  /// - Parameters:
  ///   - input: the input.
  ///   - store: the store of the run.
  /// - Returns: The paths.
  func places(of input: RunInput, in store: RunStore) -> [String] {
    if input.path.hasPrefix("/") { return [input.path] }
    let folders = [record.folder, record.folderFromResults.map { "\(store.folder)/\($0)" }]
    return folders.compactMap { $0.map { "\($0)/\(input.path)" } } + [input.path]
  }

  /// Returns the request that leads to this run again, or throws `DocumentError` if the record was edited.
  public func request() throws(DocumentError) -> RunRequest {
    let identity = record.identity
    guard identity.digest == header.digest else {
      throw DocumentError(
        place: .file(Self.recordFile(directory)),
        problem: "has been changed: its document has the key \(identity.key), but the record says \(key)")
    }
    return RunRequest(
      experiment: header.experiment, tier: header.tier, label: header.label, repetition: header.repetition,
      identity: identity,
      styling: record.styling, inputs: record.inputs, limits: Limits(threads: ending.environment.threads ?? 1),
      metrics: record.rules)
  }
}

extension RunRecord.Header {
  /// Returns the ending, or throws `DocumentError` if the run has not ended.
  fileprivate func requireEnding(at place: Place) throws(DocumentError) -> RunRecord.Ending {
    guard let ending else { throw DocumentError(place: place, problem: "has no 'outcome'") }
    return ending
  }
}
