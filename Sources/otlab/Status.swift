import ArgumentParser
import Documents
import Experiments
import Foundation
import Manifests
import Reports
import Runs

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says how far experiments are; of one experiment, each run.",
    discussion: "Examples: otlab status; otlab status foscttm-alignment --tier paper")

  @Argument(help: "An experiment; all in short when none is given.", completion: .experiments) var name: String?
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var variant: VariantOptions
  @Flag(help: "As JSON.") var json = false

  func run() throws {
    let table = try name.map(runs) ?? overview()
    print((json ? TableFormat.json : .text).render(table), terminator: "")
  }

  private func overview() throws -> Table {
    let rows = try workspace.names().map { name in
      let rows = try FinishedRows(try variant.manifest(try workspace.source(name)), in: workspace)
      let words = rows.states.map(\.state.word)
      let finished = rows.states.count { $0.state.isFinished }
      let others = rows.states.count(where: \.state.isByOtherBuild)
      return [name, "\(words.count)", "\(finished)", "\(finished - words.count { $0 == "converged" })"]
        + ["at work", "failed", "to run"].map { word in "\(words.count { $0 == word })" } + ["\(others)", "\(rows.unasked.count)"]
    }
    let counts = ["runs", "finished", "not converged", "at work", "failed", "to run", "by another build", "not asked for"]
    return Table(
      name: "status", title: "Runs (\(variant.tier.rawValue) tier)",
      columns: [.init(title: "experiment", isNumeric: false)] + counts.map { .init(title: $0, isNumeric: true) }, rows: rows)
  }

  private func runs(of name: String) throws -> Table {
    let rows = try FinishedRows(try variant.manifest(try workspace.source(name)), in: workspace, explaining: true)
    let cells = rows.states.map { request, state in
      var (time, made) = ("", "")
      if case .finished(let record, _) = state {
        time = record.secondsElapsed.map(Quantity.time) ?? ""
        made = record.started ?? ""
      }
      return [request.key, state.word, request.title, time, made, state.reason]
    }
    return Table(
      name: "status", title: "Runs of \(name) (\(variant.tier.rawValue) tier)",
      columns: ["run", "state", "row"].map { .init(title: $0, isNumeric: false) } + [.init(title: "took", isNumeric: true)]
        + ["made", "remark"].map { .init(title: $0, isNumeric: false) }, rows: cells)
  }
}
