import ArgumentParser
import Documents
import Experiments
import Foundation
import LinearAlgebra
import Manifests
import Pipeline
import Reports
import Runs

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs experiments, reusing finished runs, and prints their tables.",
    discussion: """
      Several commands may run the same experiments at the same time; they share the work. Examples: otlab run \
      foscttm-alignment --tier paper; otlab run gaussian-transport -j 2 --sweep solver.epsilon=0.5,2
      """)

  @Argument(help: "The experiments.", completion: .experiments) var names: [String]
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var variant: VariantOptions
  @Option(
    name: [.customShort("j", allowingJoined: true), .long],
    help: "The number of runs at a time; the processors are divided among them.") var jobs = 1
  @Option(
    help: "The memory that all running runs may use together, such as 8GB. A run waits until its limits.memory fits.",
    transform: memory)
  var memory: Int?
  @Flag(help: "Repeat finished runs.") var force = false
  @Flag(help: "Repeat runs that another build of otlab has made.") var refresh = false
  @Flag(help: "Start no other run after one has failed.") var failFast = false

  func validate() throws {
    guard (1...256).contains(jobs) else {
      throw ValidationError("--jobs is \(jobs), but a number in 1…256 was expected")
    }
  }

  func run() throws {
    Interruption.shared.install()
    let manifests = try names.map { try variant.manifest(try workspace.source($0)) }
    // All inputs are found and checked before the first run starts.
    let planner = workspace.planner()
    let plans = try manifests.map { try planner.plan($0, fetching: true) }
    var options = RunSchedule.Options()
    options.jobs = jobs
    options.memory = memory
    options.reuse = force ? .none : refresh ? .ofThisBuild : .any
    options.failsFast = failFast
    let schedule = try workspace.schedule(in: workspace.store, options: options)
    let requests = plans.flatMap { $0.flatMap(\.requests) }
    // Rows that are equal in everything that matters share a run.
    let progress = Progress(total: Set(requests.map(schedule.store.directory)).count)
    let outcomes = try schedule.carryOut(requests, onEvent: progress.note)
    progress.finish()
    if outcomes.values.contains(where: { if case .interrupted = $0 { true } else { false } }) {
      printError("interrupted; finished runs are kept")
      throw ExitCode(Exit.interrupted)
    }
    var failure = progress.firstFailure.map { Exit.code(ofRun: $0.code) } ?? 0
    for (_, outcome) in outcomes.sorted(by: { $0.key < $1.key }) {
      guard case .finished(let run) = outcome, let sentence = run.ending.undrawn else { continue }
      printError(
        """
        error: \(run.title): its metrics are kept, but its figures could not be drawn: \(sentence); 'otlab figure \
        \(run.key)' draws them
        """
      )
      if failure == 0 { failure = Exit.failed }
    }
    for (manifest, plan) in zip(manifests, plans) {
      do {
        try report(manifest, plan, failure: &failure)
      } catch {
        // A figure that cannot be drawn must not suppress the next experiment's table.
        guard let known = Failure(error) else { throw error }
        printError("error: \(known.sentence)")
        if failure == 0 { failure = known.exitCode }
      }
    }
    let lost = outcomes.count { directory, outcome in
      switch outcome {
      case .finished, .reused: !FileManager.default.fileExists(atPath: directory)
      default: false
      }
    }
    if lost > 0 {
      printError(
        "error: \(lost) finished runs have been removed by another process in the meantime; run the same command again")
      if failure == 0 { failure = Exit.failed }
    }
    if failure != 0 { throw ExitCode(failure) }
  }

  private static func memory(_ text: String) throws -> Int {
    guard let bytes = Limits.bytes(text) else {
      throw ValidationError("a positive number with a unit was expected, as in 512MiB or 8GB")
    }
    return bytes
  }

  private func report(_ manifest: Manifest, _ plan: [PlannedCase], failure: inout Int32) throws {
    let rows = FinishedRows(manifest, plan: plan, found: try workspace.states(of: manifest.name))
    let results = try rows.read()
    for table in results.tables { print(try TableFormat.text.render(table)) }
    let folder = "\(workspace.results)/\(manifest.name)/figures/\(variant.folderName)"
    for path in try results.drawSweep(into: folder) { printError("drawn: \(path)") }
    let others = rows.states.count(where: \.state.isByOtherBuild)
    if others > 0 {
      printError("\(manifest.name): \(others) results were made by another build; --refresh repeats them")
    }
    for rule in manifest.metrics where rule.isRequired {
      for run in results.runs where run.metrics[rule.name] != .bool(true) {
        let found = run.metrics[rule.name]?.text ?? "missing"
        printError(
          """
          error: \(manifest.name) \(run.title): '\(rule.name)' is required, but it is \(found) (\(run.outcome)): \
          \(run.directory)
          """
        )
        if failure == 0 { failure = Exit.failed }
      }
    }
  }
}

/// The child process of one run, which users do not call.
struct Execute: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Carries out one prepared run.", shouldDisplay: false)

  @Argument var jobFile: String
  @Argument var parent: Int32?

  func run() throws {
    if let parent { Interruption.endWithParent(parent) }
    try RunExecution(jobFile: jobFile, registry: .registered).run()
  }
}
