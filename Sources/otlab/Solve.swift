import ArgumentParser
import Datasets
import Documents
import Foundation
import LinearAlgebra
import OptimalTransport
import Processes
import Runs
import SolverCatalogue
import Synchronization
import UserProblems

struct Solve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Solves a transport problem from arrays in files.",
    discussion: """
      Inputs are arrays by name, in HDF5 or NPZ files, or one by one as NAME=FILE (NPY, CSV, or FILE.h5:DATASET). The \
      solution is an HDF5 file. 'otlab solve --list' documents each solver with its inputs and settings. Ctrl-C ends \
      the iteration and writes the best so far. Example: otlab solve gw --input problem.h5 --set starts=10 --output \
      solution.h5
      """)

  @Argument(help: "The solver.", completion: .list(SolverEntry.all.map(\.name))) var solver: String?
  @Flag(help: "Document all solvers or the named one.") var list = false
  @Option(help: ArgumentHelp("Write pages of the solvers for DocC.", valueName: "folder", visibility: .hidden))
  var pages: String?
  @Option(
    help: ArgumentHelp("A file of named arrays, or a single array.", valueName: "file or NAME=file"),
    completion: .file()) var input: [String] = []
  @Option(
    name: .customLong("set"), help: ArgumentHelp("A setting, for example --set epsilon=0.01.", valueName: "key=value"))
  var settings: [String] = []
  @Option(
    help: ArgumentHelp("The file of the solution; without it only the summary is printed.", valueName: "file.h5"),
    completion: .file())
  var output: String?
  @Option(
    help:
      """
      The form of plans: dense, sparse (row, column, and mass of the positive entries), or none; auto is dense up to \
      1e8 entries.
      """
  )
  var plan =
    PlanForm.automatic
  @Option(
    help: ArgumentHelp(
      "A figure of the solution (plan, barycenter, or embedding) and of the iteration.", valueName: "file.png"),
    completion: .file())
  var figure: String?
  @Flag(help: "Print the summary as JSON.") var json = false
  @Flag(help: "Ignore arrays that the solver does not know.") var otherInputs = false
  @Flag(help: "Exit with code 1 if the solver did not converge.") var requireConverged = false
  @Option(help: "The number of threads (default: all processors).") var threads: Int?

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads \(threads): at least 1 was expected") }
    if solver == nil && !list && pages == nil {
      throw ValidationError("which solver? 'otlab solve --list' documents them")
    }
    if solver != nil && !list && pages == nil && input.isEmpty {
      throw ValidationError("which input? --input FILE or --input NAME=FILE")
    }
  }

  func run() throws {
    if let pages { return try write(pages: pages) }
    if list {
      let entries = try solver.map { [try SolverEntry.named($0)] } ?? SolverEntry.all
      print(entries.map(\.documentation).joined(separator: "\n\n"))
      return
    }
    let entry = try SolverEntry.named(solver ?? "")
    if let output { try SolutionFile.ensureWritable(output) }
    if let figure { try SolutionFile.ensurePicture(figure) }
    let threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
    try AddressSpace.require(threads: threads)
    let clock = Stopwatch()
    let files = try InputFiles(input, notes: printedNotes())
    for (option, path) in [("--output", output), ("--figure", figure)] {
      if let path { try SolutionFile.ensure(option, path, replacesNoneOf: files.paths) }
    }
    Interruption.shared.install()
    let progress = SolveProgress()
    let (answer, resolved) = try Interruption.shared.watched {
      try Threads.limited(to: threads) {
        try entry.solve(files, settings: settings, allowsOtherInputs: otherInputs, monitor: progress.note)
      }
    }
    progress.finish()
    let seconds = clock.seconds
    let description: Value = [
      "solver": .string(entry.name), "settings": resolved, "version": .string(Otlab.configuration.version),
    ]
    if let output { try answer.write(to: output, plans: plan, description: description) }
    if let figure {
      if let picture = SolutionFigures(answer).summary(title: entry.name) {
        try picture.draw(to: figure)
      } else {
        printError("warning: --figure \(figure): the answer has nothing to draw")
      }
    }
    SolutionSummary(answer: answer, description: description, seconds: seconds, output: output).show(asJSON: json)
    if !answer.isConverged { printError("warning: the solver did not converge: \(answer.statusText)") }
    if Interruption.shared.isInterrupted { throw ExitCode(Exit.interrupted) }
    if requireConverged && !answer.isConverged { throw ExitCode(Exit.failed) }
  }
}

extension Solve {
  /// Writes a page for each solver type into a folder of its module, which must exist.
  private func write(pages folder: String) throws {
    for page in SolverDocumentation.pages {
      try Data(page.text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(page.module).docc/\(page.type).md"))
    }
  }
}

/// A line on the terminal while a solver works, and its response to Ctrl-C.
private final class SolveProgress: Sendable {
  private let bar = ProgressBar.ofTerminal
  private let started = Stopwatch()
  private let last = Mutex(0.0)

  /// Shows a step, and returns false once the user has asked to stop.
  @Sendable func note(_ point: Trace.Point) -> Bool {
    let seconds = started.seconds
    let isDue = last.withLock { last in
      if seconds < 1 || seconds < last + 0.2 { return false }
      last = seconds
      return true
    }
    if isDue, let bar {
      bar.draw(
        text: "iteration \(point.iteration), residual \(String(format: "%.2e", point.residual)), \(Int(seconds)) s")
    }
    return !Interruption.shared.isInterrupted
  }

  func finish() { if last.withLock({ $0 > 0 }) { bar?.erase() } }
}

extension PlanForm: ExpressibleByArgument {}
