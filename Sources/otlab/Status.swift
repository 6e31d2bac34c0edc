import ArgumentParser
import Manifests
import Reports
import Runs

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says how far experiments are; of one experiment, each run.",
    discussion: "Examples: otlab status; otlab status foscttm-alignment --tier paper; otlab status --costs --tier paper --format markdown")

  @Argument(help: "An experiment; all in short when none is given.", completion: .experiments) var name: String?
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var variant: VariantOptions
  @Flag(help: "What the finished runs of each experiment have cost instead: time and memory, the dearest first.") var costs = false
  @Option(help: "text, markdown, latex, csv or json.") var format = TableFormat.text
  @Flag(help: "As JSON.") var json = false

  func run() throws {
    let (table, code) = try table()
    print(try (json ? .json : format).render(table), terminator: "")
    if code != 0 { throw ExitCode(code) }
  }

  private func table() throws -> (table: Table, code: Int32) {
    if let name, !costs { return (.runs(try rows(of: name, explaining: true)), 0) }
    let (found, code) = try workspace.each(name.map { [$0] } ?? workspace.names()) { try rows(of: $0) }
    return (costs ? .costs(found, tier: variant.tier) : .overview(found, tier: variant.tier), code)
  }

  private func rows(of name: String, explaining: Bool = false) throws -> FinishedRows {
    try workspace.rows(try variant.manifest(try workspace.source(name)), explaining: explaining)
  }
}
