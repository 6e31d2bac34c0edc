import Documents
import Manifests
import Pipeline
import Runs

/// A manifest's rows with what the store holds of them.
struct FinishedRows {
  let manifest: Manifest
  let states: [(request: RunRequest, state: RunState)]
  let results: [CaseResult]
  /// The keys of finished runs that no row asks for.
  let unasked: [String]

  /// Needs no data: of a file that has been moved away, the digest is that of the runs that read it.
  ///
  /// - Parameter isSilent: does not say which files are not here.
  init(_ manifest: Manifest, in workspace: WorkspaceOptions, explaining: Bool = false, isSilent: Bool = false) throws {
    let planner = workspace.planner()
    let plan = try planner.plan(manifest, fetching: false) { [store = workspace.store] in store.digest(ofInput: $0, in: manifest.name) }
    if !isSilent, !planner.absent.isEmpty {
      printError(
        "note: \(planner.absent.joined(separator: ", ")): not here; what is shown of \(manifest.name) is what runs with it have left")
    }
    self.init(manifest, plan: plan, found: try workspace.states(of: manifest.name), explaining: explaining)
  }

  /// - Parameter explaining: says of unfinished runs what has changed against earlier ones.
  init(_ manifest: Manifest, plan: [PlannedCase], found: RunStates, explaining: Bool = false) {
    self.manifest = manifest
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
  var missing: [String] { results.filter { !$0.isComplete }.map(\.label) }

  /// - Throws: `StoreError.unreadable` when a finished run's files are damaged.
  func requireWhole() throws {
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
  func comparison(with baseline: Baseline) -> Comparison {
    Comparison(results: results, baseline: baseline, rules: manifest.metrics, tier: manifest.tier)
  }

  /// The sentence for rows without runs.
  var missingSentence: String {
    let shown = missing.prefix(4).joined(separator: ", ") + (missing.count > 4 ? ", … (\(missing.count) rows)" : "")
    return "there is no finished run of \(shown); 'otlab run \(manifest.name) --tier \(manifest.tier.rawValue)' makes it"
  }
}
