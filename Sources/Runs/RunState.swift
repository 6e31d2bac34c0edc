import Documents
import Foundation

/// The state of a run, with the reason why it would be carried out.
public enum RunState: Sendable {
  /// The run is finished.
  case finished(ListedRun, byOtherBuild: Bool)
  /// A process is working on the run.
  case atWork
  /// The run has failed.
  case failed(log: String)
  /// A file of the run's record cannot be read; the run will be repeated.
  case damaged(DocumentError)
  /// The store has no run of this row.
  case new
  /// The row was run with other settings, listed as `solver.epsilon 0.001 → 0.002`.
  case changed([String])

  /// The state in a few words, for lists.
  public var word: String {
    switch self {
    case .finished(let run, _): run.outcome
    case .atWork: "running"
    case .failed: "failed"
    case .new, .changed, .damaged: "to run"
    }
  }

  /// The reason for a plan; empty if there is none.
  public var reason: String {
    switch self {
    case .finished(_, byOtherBuild: true): "made by another build"
    case .finished, .atWork: ""
    case .failed(let log): "failed before; see \(log)"
    case .damaged(let error): "\(error)"
    case .new: "new"
    case .changed(let changes): changes.prefix(3).joined(separator: "; ") + (changes.count > 3 ? "; …" : "")
    }
  }

  /// Whether another build has made the result.
  public var isByOtherBuild: Bool { if case .finished(_, byOtherBuild: true) = self { true } else { false } }

  /// Whether there is a result.
  public var isFinished: Bool { if case .finished = self { true } else { false } }
}

/// The states of an experiment's runs, read from the store once.
public final class RunStates {
  private let store: RunStore
  private let experiment: String
  private let executableDigest: () -> String?
  private let finished: Set<String>
  private let failed: Set<String>
  private let staged: Set<String>
  private lazy var present = executableDigest()
  /// The last record of each repetition of each row, which shows what has changed.
  private lazy var latest = Dictionary(store.records(of: experiment).map { (Self.row($0.header), $0) }) {
    Self.started($0) < Self.started($1) ? $1 : $0
  }

  /// Reads the states of an experiment's runs.
  ///
  /// - Parameters:
  ///   - experiment: the name of the experiment.
  ///   - store: the store.
  ///   - executableDigest: returns the digest of the running program; called only if there are results.
  public init(_ experiment: String, in store: RunStore, executableDigest: @escaping () -> String?) {
    self.store = store
    self.experiment = experiment
    self.executableDigest = executableDigest
    finished = Set(store.keys(of: experiment))
    failed = Set(RunStore.entries("\(store.folder)/\(experiment)/failed").map { String($0.prefix { $0 != "." }) })
    staged = Set(store.staged().atWork.map(RunStore.key(ofStaged:)))
  }

  private static func row(_ run: RunRecord.Header) -> String { "\(run.tier.rawValue)/\(run.label)/\(run.repetition)" }

  private static func started(_ record: RunRecord) -> String { record.header.ending?.environment.started ?? "" }

  /// Returns the states of requests in their order.
  ///
  /// - Parameters:
  ///   - requests: the requests.
  ///   - explaining: whether to find out what has changed since earlier runs, which reads all records.
  /// - Returns: The states.
  public func states(of requests: [RunRequest], explaining: Bool) -> [RunState] {
    let runs = concurrentMap(requests) { [store, finished] request in
      finished.contains(request.key)
        ? Result { () throws(DocumentError) in try ListedRun(directory: store.directory(of: request)) } : nil
    }
    return zip(requests, runs).map { request, run in
      switch run {
      case .success(let run)?: .finished(run, byOtherBuild: present != nil && run.header.executableDigest != present)
      case .failure(let error)?: .damaged(error)
      case nil: unfinished(request, explaining: explaining)
      }
    }
  }

  private func unfinished(_ request: RunRequest, explaining: Bool) -> RunState {
    if staged.contains(request.key) { return .atWork }
    if failed.contains(request.key) { return .failed(log: store.failureLog(of: request)) }
    guard explaining, let record = latest["\(request.tier.rawValue)/\(request.label)/\(request.repetition)"] else {
      return .new
    }
    return .changed(Self.changes(from: record.identity.document, to: request.identity.document))
  }

  /// Returns the keys of finished runs that none of the requests asks for.
  public func orphaned(by requests: [RunRequest]) -> [String] { finished.subtracting(requests.map(\.key)).sorted() }

  /// Lists the differences between two documents.
  static func changes(from old: Value, to new: Value, path: String = "") -> [String] {
    if old == new { return [] }
    if let before = old.object, let after = new.object {
      return Set(before.keys).union(after.keys).sorted().flatMap { key in
        changes(from: before[key] ?? .null, to: after[key] ?? .null, path: path.isEmpty ? key : "\(path).\(key)")
      }
    }
    if path == "inputs" { return ["an input file has changed"] }
    func text(_ value: Value) -> String { value == .null ? "absent" : value.text }
    return ["\(path) \(text(old)) → \(text(new))"]
  }
}
