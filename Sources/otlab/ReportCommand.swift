import ArgumentParser
import Experiments
import Foundation
import Manifests
import Runs
import Site

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Writes a static web site with tables, figures, and provenance of the experiments.",
    discussion: """
      Only finished runs are shown, and nothing is run. The pages need neither a network nor a server. Example: otlab \
      report --tier paper -o report, then open report/index.html
      """)

  @Argument(help: "The experiments; all by default.", completion: .experiments) var names: [String] = []
  @OptionGroup var workspace: WorkspaceOptions
  @Option(help: "The tier: smoke (small generated data, seconds) or paper (the paper's sizes, real data).") var tier =
    Tier.smoke
  @Option(
    name: .shortAndLong, help: ArgumentHelp("The folder of the site; RESULTS/report by default.", valueName: "dir"))
  var output: String?

  func validate() throws { try requireText(output, of: "--output") }

  func run() throws {
    let known = try workspace.names()
    let names = names.isEmpty ? known : names
    let folder = ReportFolder(output ?? "\(workspace.results)/report")
    for name in names where !known.contains(name) { _ = try workspace.source(name) }
    var code: Int32 = 0
    try folder.replace { building in
      let pages: [ExperimentPage]
      (pages, code) = try workspace.each(names) { name in
        let source = try workspace.source(name)
        let rows = try workspace.rows(try Manifest(source, tier: tier))
        let baseline = try workspace.baseline(of: source.name)
        return try ReportPage(
          rows, baseline: baseline, experiments: workspace.experiments, building: building, registry: .registered
        ).page
      }
      let commit = Checkout.commit(of: workspace.experiments).map { " at commit \($0.prefix(12))" } ?? ""
      let date = Date().formatted(.iso8601.year().month().day())
      try Site(
        pages: pages,
        preface:
          """
          The \(tier.rawValue) tier of the experiments\(commit), as of \(date). Each page shows what an experiment \
          reproduces, its results 
          """
            + "next to the published numbers, and how to run it again."
      ).write(into: building)
    }
    print("\(folder.path)/index.html")
    if code != 0 { throw ExitCode(code) }
  }
}
