import ArgumentParser
import Documents
import Manifests
import Reports
import Runs

struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the experiments with their papers, finished runs, and baselines.",
    discussion: """
      The columns 'smoke baseline' and 'paper baseline' tell whether the metrics of the finished runs match the accepted ones: 'matches' (all \
      within tolerance), 'out of tolerance', 'incomplete' (a run or a metric is missing), 'none' (nothing has been accepted), or – (no finished \
      run). 'otlab --help' explains experiment, tier, row, and run. Example: otlab list
      """)

  @OptionGroup var workspace: WorkspaceOptions
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let (rows, code) = try workspace.each(workspace.names()) { name in
      let source = try ManifestSource(name: name, in: workspace.experiments)
      try workspace.store.requireReadable(name)
      let runs = workspace.store.keys(of: name).count
      return (source, runs, Tier.allCases.map { runs == 0 ? "–" : verdict(source, tier: $0) })
    }
    let table = Table.experiments(rows)
    print(try (json ? TableFormat.json : .text).render(table), terminator: "")
    if code != 0 { throw ExitCode(code) }
  }

  /// Returns a verdict in one word; details are left to `check` and `compare`.
  private func verdict(_ source: ManifestSource, tier: Tier) -> String {
    guard let baseline = try? workspace.baseline(of: source.name) else { return "invalid" }
    guard baseline.has(tier) else { return "none" }
    guard let manifest = try? Manifest(source, tier: tier), let rows = try? workspace.rows(manifest, isSilent: true) else {
      return "invalid"
    }
    if rows.finished.isEmpty { return "–" }
    return (try? rows.read())?.comparison(with: baseline).word ?? "damaged"
  }
}
