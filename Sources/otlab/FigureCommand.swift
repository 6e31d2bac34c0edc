import ArgumentParser
import Experiments
import Figures
import Manifests
import Runs

struct FigureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "figure", abstract: "Draws the figures of finished runs anew, from their stored arrays.",
    discussion: "Example: otlab figure foscttm-alignment --format svg")

  @Argument(help: "The experiment.") var name: String
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var variant: VariantOptions
  @Option(help: "png, svg or pdf.") var format = FigureFormat.png
  @Option(name: .shortAndLong, help: ArgumentHelp("Where the pictures go; RESULTS/NAME/figures/CASE by default.", valueName: "dir"))
  var output: String?

  func run() throws {
    let manifest = try variant.manifest(try workspace.source(name))
    let results = try FinishedRuns(manifest, in: workspace).results
    if results.allSatisfy(\.records.isEmpty) {
      printError("error: \(name) has no finished run in the \(manifest.tier.rawValue) tier; 'otlab run \(name)' makes them")
      throw ExitCode(3)
    }
    // The first repetition stands for its case.
    for result in results {
      guard let record = result.records.first else { continue }
      let folder = "\(output ?? "\(workspace.results)/\(name)/figures")/\(result.label)"
      for path in try RunFigures(directory: record.directory).redraw(into: folder, format: format) { print(path) }
    }
  }
}

extension FigureFormat: ExpressibleByArgument {}
