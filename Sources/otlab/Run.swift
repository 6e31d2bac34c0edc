import ArgumentParser
import Documents
import Experiments
import Foundation
import LinearAlgebra
import Manifests
import Reports
import Runs

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs experiments, resuming where they stopped, and prints their tables.",
    discussion: "Example: otlab run foscttm-alignment --tier paper")

  @Argument(help: "The experiments.") var names: [String]
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var variant: VariantOptions
  @Flag(help: "Makes finished runs anew.") var force = false

  func run() throws {
    Interruption.shared.install()
    let manifests = try names.map { try variant.manifest(try workspace.source($0)) }
    // All inputs are found and checked before the first run starts.
    let planner = workspace.planner()
    let requests = try manifests.map { manifest in
      try manifest.cases.map { try planner.requests($0, of: manifest, fetching: true) }
    }
    let executor = RunExecutor(
      store: workspace.store,
      provenance: Provenance.collect(commandLine: CommandLine.arguments, libraries: ["blas": Threads.blasDescription]),
      command: [Provenance.executablePath, "execute"])
    var failure: Int32 = 0
    for (manifest, requests) in zip(manifests, requests) {
      var results: [CaseResult] = []
      for (each, repetitions) in zip(manifest.cases, requests) {
        var records: [RunRecord] = []
        for request in repetitions {
          let (record, code) = try carryOut(request, by: executor)
          if let record { records.append(record) }
          if failure == 0 { failure = code }
        }
        results.append(CaseResult(label: each.label, records: records, expected: repetitions.count))
      }
      report(manifest, results, failure: &failure)
    }
    if failure != 0 { throw ExitCode(failure) }
  }

  /// - Returns: the run, or the exit code of its failure.
  private func carryOut(_ request: RunRequest, by executor: RunExecutor) throws -> (RunRecord?, Int32) {
    let title = "\(request.experiment) \(request.title) \(request.key)"
    printError("\(title)")
    do {
      let outcome = try executor.execute(request, force: force) {
        printError("\(title): another process is at work on this run; waiting for it")
      }
      switch outcome {
      case .finished(let record):
        printError("\(title): \(record.outcome), \(record.directory)")
        return (record, 0)
      case .reused(let record):
        printError("\(title): already finished (\(record.outcome)), \(record.directory)")
        return (record, 0)
      case .failed(let code):
        printError("\(title): failed; its log is \(executor.store.failureLog(of: request))")
        return (nil, [Exit.invalid, Exit.unreadable, Exit.unwritable].contains(code) ? code : Exit.failed)
      case .interrupted:
        printError("\(title): interrupted; finished runs are kept")
        throw ExitCode(Exit.interrupted)
      }
    } catch let error as StoreError {
      guard case .crashed = error else { throw error }
      printError("error: \(error)")
      return (nil, Exit.failed)
    }
  }

  private func report(_ manifest: Manifest, _ results: [CaseResult], failure: inout Int32) {
    for spec in manifest.tables { print(TableFormat.text.render(Table(spec, manifest: manifest, results: results))) }
    for rule in manifest.metrics where rule.isRequired {
      for result in results {
        for record in result.records where record.metrics[rule.name] != .bool(true) {
          let found = record.metrics[rule.name]?.text ?? "missing"
          printError(
            "error: \(manifest.name) \(result.label): '\(rule.name)' is required, but it is \(found) (\(record.outcome)): \(record.directory)"
          )
          if failure == 0 { failure = Exit.failed }
        }
      }
    }
  }
}

/// The child process of one run; not for users.
struct Execute: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Carries out one prepared run.", shouldDisplay: false)

  @Argument var jobFile: String

  func run() throws {
    Interruption.restoreDefaults()
    try RunExecution(jobFile: jobFile).run()
  }
}
