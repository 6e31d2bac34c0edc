import ArgumentParser
import Manifests
import Reports
import Runs

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows the progress of all experiments, or of each run of one experiment.",
    discussion:
      """
      Examples: otlab status; otlab status foscttm-alignment --tier paper; otlab status --costs --tier paper --format \
      markdown
      """
  )

  @Argument(help: "The experiment; without it all are summarized.", completion: .experiments) var name: String?
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var variant: VariantOptions
  @Flag(help: "Show the CPU time and memory of finished runs instead, the largest first.") var costs = false
  @Option(help: "The format: text, markdown, latex, csv, or json.") var format = TableFormat.text
  @Flag(help: "Print JSON.") var json = false

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
