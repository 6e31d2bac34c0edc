import ArgumentParser
import Datasets
import Documents
import Foundation
import LinearAlgebra
import Processes
import UserProblems

struct Solve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Solves a transport problem of your own: arrays in, plan and value out.",
    discussion: """
      Inputs are arrays by name, in HDF5 or NPZ files, or one by one as NAME=FILE (NPY, CSV, or FILE.h5:DATASET). The solution is an HDF5 \
      file. 'otlab solve --list' documents each solver with its inputs and settings. \
      Example: otlab solve gw --input problem.h5 --set starts=10 --output solution.h5
      """)

  @Argument(help: "The solver.", completion: .list(SolverEntry.all.map(\.name))) var solver: String?
  @Flag(help: "Documents the solvers, or the one that is named.") var list = false
  @Option(help: ArgumentHelp("A file of named arrays, or one array.", valueName: "file or NAME=file"), completion: .file()) var input:
    [String] = []
  @Option(name: .customLong("set"), help: ArgumentHelp("A setting, as in --set epsilon=0.01.", valueName: "key=value")) var settings:
    [String] = []
  @Option(help: ArgumentHelp("Where the solution goes; without it only the summary is printed.", valueName: "file.h5"), completion: .file())
  var output: String?
  @Option(
    help: "How plans are written: dense, sparse (row, column, mass of the positive entries) or none; auto is dense up to 1e8 entries.")
  var plan =
    SolverAnswer.PlanForm.automatic
  @Flag(help: "Prints the summary as JSON.") var json = false
  @Flag(help: "Passes over arrays that the solver does not know.") var otherInputs = false
  @Flag(help: "Ends with code 1 when the solver did not converge.") var requireConverged = false
  @Option(help: "How many threads to use (default: all processors).") var threads: Int?

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads \(threads): at least 1 was expected") }
    if solver == nil && !list { throw ValidationError("which solver? 'otlab solve --list' documents them") }
    if solver != nil && !list && input.isEmpty { throw ValidationError("which input? --input FILE or --input NAME=FILE") }
  }

  func run() throws {
    if list {
      let entries = try solver.map { [try SolverEntry.named($0)] } ?? SolverEntry.all
      print(entries.map(\.documentation).joined(separator: "\n\n"))
      return
    }
    let entry = try SolverEntry.named(solver ?? "")
    if let output { try SolutionFile.ensureWritable(output) }
    let threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
    try AddressSpace.require(threads: threads)
    let clock = Stopwatch()
    let files = try InputFiles(input, notes: printedNotes())
    if let output { try SolutionFile.ensure("--output", output, replacesNoneOf: files.paths) }
    let (answer, resolved) = try Threads.limited(to: threads) {
      try entry.solve(files, settings: settings, allowsOtherInputs: otherInputs)
    }
    let seconds = clock.seconds
    let description: Value = ["solver": .string(entry.name), "settings": resolved, "version": .string(Otlab.configuration.version)]
    if let output { try answer.write(to: output, plans: plan, description: description) }
    SolutionSummary(answer: answer, description: description, seconds: seconds, output: output).show(asJSON: json)
    if !answer.isConverged { printError("warning: the solver did not converge: \(answer.statusText)") }
    if requireConverged && !answer.isConverged { throw ExitCode(Exit.failed) }
  }
}

extension SolverAnswer.PlanForm: ExpressibleByArgument {}
