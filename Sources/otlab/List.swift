import ArgumentParser
import Documents
import Manifests
import Reports
import Runs

struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the experiments: title, paper, finished runs, verdict against the baseline.", discussion: "Example: otlab list")

  @OptionGroup var workspace: WorkspaceOptions
  @Flag(help: "As JSON.") var json = false

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

  /// One word; what is wrong with a manifest is `check`'s business, and with a run `compare`'s.
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
