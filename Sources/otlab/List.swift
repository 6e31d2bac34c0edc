import ArgumentParser
import Documents
import Files
import Manifests
import Reports
import Runs

struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the experiments with their papers, finished runs, and baselines.",
    discussion: """
      The columns 'smoke baseline' and 'paper baseline' tell whether the metrics of the finished runs match the \
      accepted ones: 'matches' (all within tolerance), 'out of tolerance', 'incomplete' (a run or a metric is \
      missing), 'none' (nothing has been accepted), or – (no finished run). 'otlab --help' explains experiment, tier, \
      row, and run. Example: otlab list
      """)

  @OptionGroup var workspace: WorkspaceOptions
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    var memory = RememberedValues(path: workspace.store.summaryFile)
    let (rows, code) = try workspace.each(workspace.names()) { name in
      try workspace.store.requireReadable(name)
      let value = try memory.value(name, of: files(of: name)) {
        let (summary, inputs) = try summary(of: name)
        return (summary.value, inputs)
      }
      return try ExperimentSummary(value) ?? summary(of: name).summary
    }
    memory.save()
    let table = Table.experiments(rows)
    print(try (json ? TableFormat.json : .text).render(table), terminator: "")
    if code != 0 { throw ExitCode(code) }
  }

  /// What an experiment's summary is made of, besides the inputs that its manifest names.
  private func files(of name: String) -> [String] {
    let folder = "\(workspace.experiments)/\(name)"
    return [
      OwnExecutable.path, "\(folder)/manifest.yaml", "\(folder)/baseline.json", "\(workspace.data)/sources.yaml",
      workspace.mirror ?? "/",
    ]
      + workspace.store.files(of: name)
  }

  private func summary(of name: String) throws -> (summary: ExperimentSummary, inputs: [String]) {
    let source = try ManifestSource(name: name, in: workspace.experiments)
    let runs = workspace.store.keys(of: name).count
    var inputs: [String] = []
    let verdicts = Tier.allCases.map { runs == 0 ? "–" : verdict(source, tier: $0, inputs: &inputs) }
    return (ExperimentSummary(source, runs: runs, verdicts: verdicts), inputs)
  }

  /// Returns a verdict in one word; details are left to `check` and `compare`.
  private func verdict(_ source: ManifestSource, tier: Tier, inputs: inout [String]) -> String {
    guard let baseline = try? workspace.baseline(of: source.name) else { return "invalid" }
    guard baseline.has(tier) else { return "none" }
    guard let manifest = try? Manifest(source, tier: tier), let rows = try? workspace.rows(manifest, isSilent: true)
    else {
      return "invalid"
    }
    inputs += Set(rows.states.flatMap { $0.request.inputs.map(\.path) }).sorted()
    if rows.finished.isEmpty { return "–" }
    return (try? rows.read())?.comparison(with: baseline).word ?? "damaged"
  }
}
