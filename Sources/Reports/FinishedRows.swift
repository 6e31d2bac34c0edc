import Documents
import Foundation
import Manifests
import Pipeline
import Runs

/// The rows of a manifest with the states of their runs in the store; `read` reads the metrics.
public struct FinishedRows {
  /// The manifest whose rows these are.
  public let manifest: Manifest
  /// The runs that the manifest asks for, in order, with their states.
  public let states: [(request: RunRequest, state: RunState)]
  private let rows: [Row]
  /// The keys of finished runs that no row asks for.
  public let orphaned: [String]
  /// The names of missing input files; runs that used them can still be shown.
  public let absent: [String]

  /// A row with its finished repetitions.
  private struct Row {
    let each: Case
    let finished: [ListedRun]
    /// The number of repetitions that the manifest asks for.
    let expected: Int
  }

  /// Finds the finished runs of a manifest.
  ///
  /// No data are needed: the digest of a missing file is taken from the runs that read it.
  ///
  /// - Parameters:
  ///   - manifest: the manifest.
  ///   - planner: a new planner, which also says which files are missing.
  ///   - store: the results folder.
  ///   - executableDigest: returns the digest of the running program; called only if there are results.
  ///   - explaining: whether to find out what has changed since earlier runs.
  /// - Throws: `DocumentError` or `DataError` if the manifest cannot be planned, `StoreError` if results cannot be
  ///   read.
  public init(
    _ manifest: Manifest, planner: RunPlanner, store: RunStore, executableDigest: @escaping () -> String?,
    explaining: Bool = false
  ) throws {
    let plan = try planner.plan(manifest, fetching: false) { store.digest(ofInput: $0, in: manifest.name) }
    try store.requireReadable(manifest.name)
    let found = RunStates(manifest.name, in: store, executableDigest: executableDigest)
    self.init(manifest, plan: plan, found: found, explaining: explaining, absent: planner.absent)
  }

  /// Combines a plan with the states of its runs.
  ///
  /// - Parameters:
  ///   - manifest: the manifest.
  ///   - plan: the rows with their requests.
  ///   - found: the states of the experiment's runs.
  ///   - explaining: whether to find out what has changed since earlier runs.
  ///   - absent: the names of missing input files.
  public init(
    _ manifest: Manifest, plan: [PlannedCase], found: RunStates, explaining: Bool = false, absent: [String] = []
  ) {
    self.manifest = manifest
    self.absent = absent
    let requests = plan.flatMap(\.requests)
    let found = (orphaned: found.orphaned(by: requests), states: found.states(of: requests, explaining: explaining))
    states = Array(zip(requests, found.states))
    var position = 0
    rows = plan.map { planned in
      let states = found.states[position..<position + planned.requests.count]
      position += planned.requests.count
      let finished = states.compactMap { if case .finished(let run, _) = $0 { run } else { nil } }
      return Row(each: planned.each, finished: finished, expected: planned.requests.count)
    }
    orphaned = found.orphaned
  }

  /// The finished runs of all rows.
  public var finished: [ListedRun] { rows.flatMap(\.finished) }

  /// The labels of rows with unfinished runs.
  public var missing: [String] { rows.filter { $0.finished.count < $0.expected }.map(\.each.label) }

  /// Reads the finished runs of all rows, or throws `StoreError.unreadable` if one is damaged.
  public func read() throws(StoreError) -> RowResults {
    let runs = concurrentMap(finished.map(\.directory)) { directory in
      Result { () throws(DocumentError) in try FinishedRun(directory: directory) }
    }
    var rest = zip(finished, runs).makeIterator()
    var results: [CaseResult] = []
    for row in rows {
      var own: [FinishedRun] = []
      for _ in row.finished {
        guard let (listed, run) = rest.next() else { break }
        do {
          own.append(try run.get())
        } catch {
          // Another process has removed it in the meantime.
          if !FileManager.default.fileExists(atPath: "\(listed.directory)/run.json") { continue }
          throw .unreadable(
            path: listed.directory,
            reason: "\(error); 'otlab run \(manifest.name) --tier \(manifest.tier.rawValue)' repeats it")
        }
      }
      results.append(
        CaseResult(
          label: row.each.label, row: row.each.row, published: row.each.published, runs: own, expected: row.expected))
    }
    return RowResults(manifest: manifest, results: results)
  }

  /// A sentence about rows without finished runs.
  public var missingSentence: String {
    let shown = missing.prefix(4).joined(separator: ", ") + (missing.count > 4 ? ", … (\(missing.count) rows)" : "")
    return
      """
      there is no finished run of \(shown); 'otlab run \(manifest.name) --tier \(manifest.tier.rawValue)' carries it \
      out
      """
  }
}
