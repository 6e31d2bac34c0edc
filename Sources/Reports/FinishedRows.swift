import Documents
import Manifests
import Pipeline
import Runs

/// A manifest's rows with what the store holds of them.
public struct FinishedRows {
  public let manifest: Manifest
  /// Each run that the manifest asks for, in its order.
  public let states: [(request: RunRequest, state: RunState)]
  public let results: [CaseResult]
  /// The keys of finished runs that no row asks for.
  public let unasked: [String]
  /// Names of input files that are not here; what is shown of runs with them is what these have left.
  public let absent: [String]

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
    results = plan.map { planned in
      let states = found.states[position..<position + planned.requests.count]
      position += planned.requests.count
      return CaseResult(
        label: planned.each.label, row: planned.each.row, published: planned.each.published,
        records: states.compactMap { if case .finished(let record, _) = $0 { record } else { nil } }, expected: planned.requests.count)
    }
    unasked = found.unasked
  }

  /// The labels of rows whose runs are not all there.
  public var missing: [String] { results.filter { !$0.isComplete }.map(\.label) }

  /// - Throws: `StoreError.unreadable` when a finished run's files are damaged.
  public func requireWhole() throws {
    for record in results.flatMap(\.records) {
      do {
        try record.validate()
      } catch {
        throw StoreError.unreadable(
          path: record.directory, reason: "\(error); 'otlab run \(manifest.name) --tier \(manifest.tier.rawValue)' makes it anew")
      }
    }
  }

  /// The verdict on the rows' metrics.
  public func comparison(with baseline: Baseline) -> Comparison {
    Comparison(results: results, baseline: baseline, rules: manifest.metrics, tier: manifest.tier)
  }

  /// The sentence for rows without runs.
  public var missingSentence: String {
    let shown = missing.prefix(4).joined(separator: ", ") + (missing.count > 4 ? ", … (\(missing.count) rows)" : "")
    return "there is no finished run of \(shown); 'otlab run \(manifest.name) --tier \(manifest.tier.rawValue)' makes it"
  }
}
