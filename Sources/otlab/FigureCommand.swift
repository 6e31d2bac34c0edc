import ArgumentParser
import Datasets
import Documents
import Experiments
import Figures
import Files
import Foundation
import Manifests
import Pipeline
import Reports
import Runs
import SolverCatalogue
import UserProblems

struct FigureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "figure",
    abstract: "Redraws figures from stored arrays, of finished runs or of files from 'otlab solve' and 'otlab align'.",
    discussion:
      """
      Examples: otlab figure foscttm-alignment --format svg; otlab figure 82b23503; otlab figure arrays.h5 -o \
      pictures; otlab figure aligned.h5
      """
  )

  @Argument(
    help: "An experiment, a run, an arrays.h5, or a file that 'otlab solve' or 'otlab align' has written.",
    completion: .experiments)
  var name: String
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var variant: VariantOptions
  @Option(help: "The file format: png, svg, or pdf.") var format = FigureFormat.png
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The folder of the figures; RESULTS/NAME/figures or the folder of the arrays by default.", valueName: "dir"))
  var output: String?

  func validate() throws { try requireText(output, of: "--output") }

  func run() throws {
    if name.hasSuffix(".h5") {
      let beside = ((name as NSString).deletingLastPathComponent as NSString).appendingPathComponent("figures")
      try draw(name, into: output ?? beside)
    } else if let names = try? workspace.names(), names.contains(name) {
      try drawAll()
    } else if (try? workspace.names()) == nil || RunStore.looksLikeRun(name) {
      let run = try workspace.store.run(named: name)
      // The name comes from the record, which may have any author.
      let (home, key) = (run.experiment, run.key.asFileName())
      let isPlain = !home.isEmpty && home.unicodeScalars.first != "." && !home.unicodeScalars.contains("/")
      let experiment = isPlain ? home : home.asFileName()
      try draw("\(run.directory)/arrays.h5", into: output ?? "\(workspace.results)/\(experiment)/figures/\(key)")
    } else {
      _ = try workspace.source(name)
    }
  }

  private func draw(_ arrays: String, into folder: String) throws {
    let description = try Value(json: try HDF5.text(arrays, attribute: "otlab"), path: arrays)
    if let solver = description["solver"]?.string {
      if solver != "align" {
        let figures = try SolutionFigures(ArrayFile(arrays).names()) { name throws(DataError) in
          try HDF5.read(arrays, dataset: name)
        }.all
        if figures.isEmpty {
          throw DataError(.unfit, path: arrays, problem: "is an answer of '\(solver)' without anything to draw")
        }
        for figure in figures { print(try FigureRenderer(folder: folder).render(figure, format: format)) }
        return
      }
      let figure = try AlignmentFigure(answer: arrays, description: description).figure(named: "alignment")
      return print(try FigureRenderer(folder: folder).render(figure, format: format))
    }
    for path in try RunFigures(arrays: arrays, registry: .registered).draw(into: folder, format: format) { print(path) }
  }

  private func drawAll() throws {
    let manifest = try variant.manifest(try workspace.source(name))
    let rows = try workspace.rows(manifest)
    if rows.finished.isEmpty {
      printError(
        "error: \(name) has no finished run in the \(manifest.tier.rawValue) tier; 'otlab run \(name)' carries them out"
      )
      throw ExitCode(3)
    }
    let results = try rows.read()
    let folder = output ?? "\(workspace.results)/\(name)/figures"
    for path in try results.drawSweep(into: "\(folder)/\(variant.folderName)", format: format) { print(path) }
    for row in try results.drawRows(into: folder, format: format, registry: .registered) {
      for path in row.paths { print(path) }
    }
  }
}

extension FigureFormat: ExpressibleByArgument {}
