import ArgumentParser
import Documents
import Foundation
import LinearAlgebra
import Reports
import Runs

struct Rerun: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Repeats a run from its record alone and checks whether the metrics agree.",
    discussion: """
      The results of the repetition are discarded. Metrics are compared by the tolerances in the record; the command \
      exits with 2 if one is out of tolerance. Example: otlab rerun 82b23503
      """)

  @Argument(help: "The run, given by the first digits of its key.") var runName: String
  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    Interruption.shared.install()
    let store = workspace.store
    let recorded = try store.run(named: runName)
    let repetition = try Repetition(of: recorded, in: store)
    defer { repetition.remove() }
    let schedule = try workspace.schedule(in: repetition.store)
    let progress = Progress(total: 1, showsRuns: false)
    let outcomes = try schedule.carryOut([repetition.request], onEvent: progress.note)
    progress.finish()
    switch outcomes.values.first {
    case .finished(let repeated)?: try judge(repeated, against: recorded)
    case .failed(let failure)?: throw ExitCode(Exit.code(ofRun: failure.code))
    default:
      repetition.remove()
      throw ExitCode(Exit.interrupted)
    }
  }

  private func judge(_ repeated: FinishedRun, against recorded: FinishedRun) throws {
    let comparison = Comparison(
      repeated.metrics, against: recorded.metrics, rules: recorded.record.rules, label: recorded.title)
    print(
      try TableFormat.text.render(Table(comparison.lines, title: "Run \(recorded.key) repeated", reference: "recorded"))
    )
    if recorded.header.executableDigest != repeated.header.executableDigest {
      print("The record was made by another build.")
    }
    switch comparison.exitCode {
    case 0:
      let isSame = comparison.lines.allSatisfy { $0.value == $0.baseline }
      print(isSame ? "The metrics agree to the last digit." : "The metrics agree within their tolerances.")
    case let code:
      print(code == 2 ? "The metrics do not agree." : "The record has no metrics to compare.")
      throw ExitCode(code)
    }
  }
}
