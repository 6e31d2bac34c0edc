import Documents
import Foundation
import Manifests
import Pipeline
import Runs

/// A manifest's rows with what the store holds of them, as lists know it; `read` reads the numbers.
public struct FinishedRows {
  public let manifest: Manifest
  /// Each run that the manifest asks for, in its order.
  public let states: [(request: RunRequest, state: RunState)]
  private let rows: [Row]
  /// The keys of finished runs that no row asks for.
  public let unasked: [String]
  /// Names of input files that are not here; what is shown of runs with them is what these have left.
  public let absent: [String]

  /// A row with its finished repetitions.
  private struct Row {
    let each: Case
    let finished: [ListedRun]
    /// How many repetitions the manifest asks for.
    let expected: Int
  }

  /// Needs no data: of a file that has been moved away, the digest is that of the runs that read it.
  ///
  /// - Parameters:
  ///   - planner: a new one, which says what is not here.
  ///   - store: the results folder.
  ///   - executableDigest: the running binary's, asked for when there are results.
  ///   - explaining: says of unfinished runs what has changed against earlier ones.
  /// - Throws: `DocumentError` or `DataError` for a manifest that cannot be planned, `StoreError` for results that cannot be looked at.
  public init(
    _ manifest: Manifest, planner: RunPlanner, store: RunStore, executableDigest: @escaping () -> String?, explaining: Bool = false
  ) throws {
    let plan = try planner.plan(manifest, fetching: false) { store.digest(ofInput: $0, in: manifest.name) }
    try store.requireReadable(manifest.name)
    let found = RunStates(manifest.name, in: store, executableDigest: executableDigest)
    self.init(manifest, plan: plan, found: found, explaining: explaining, absent: planner.absent)
  }

  /// - Parameters:
  ///   - explaining: says of unfinished runs what has changed against earlier ones.
  ///   - absent: names of input files that are not here.
  public init(_ manifest: Manifest, plan: [PlannedCase], found: RunStates, explaining: Bool = false, absent: [String] = []) {
    self.manifest = manifest
    self.absent = absent
    let requests = plan.flatMap(\.requests)
    let found = (unasked: found.unasked(by: requests), states: found.states(of: requests, explaining: explaining))
    states = Array(zip(requests, found.states))
    var position = 0
    rows = plan.map { planned in
      let states = found.states[position..<position + planned.requests.count]
      position += planned.requests.count
      let finished = states.compactMap { if case .finished(let run, _) = $0 { run } else { nil } }
      return Row(each: planned.each, finished: finished, expected: planned.requests.count)
    }
    unasked = found.unasked
  }

  /// The finished runs of all rows.
  public var finished: [ListedRun] { rows.flatMap(\.finished) }

  /// The labels of rows whose runs are not all there.
  public var missing: [String] { rows.filter { $0.finished.count < $0.expected }.map(\.each.label) }

  /// Reads the finished runs of all rows.
  ///
  /// - Throws: `StoreError.unreadable` when one of them is damaged.
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
          // Somebody else has removed it meanwhile.
          if !FileManager.default.fileExists(atPath: "\(listed.directory)/run.json") { continue }
          throw .unreadable(
            path: listed.directory, reason: "\(error); 'otlab run \(manifest.name) --tier \(manifest.tier.rawValue)' makes it anew")
        }
      }
      results.append(
        CaseResult(label: row.each.label, row: row.each.row, published: row.each.published, runs: own, expected: row.expected))
    }
    return RowResults(manifest: manifest, results: results)
  }

  /// The sentence for rows without runs.
  public var missingSentence: String {
    let shown = missing.prefix(4).joined(separator: ", ") + (missing.count > 4 ? ", … (\(missing.count) rows)" : "")
    return "there is no finished run of \(shown); 'otlab run \(manifest.name) --tier \(manifest.tier.rawValue)' makes it"
  }
}
