import ArgumentParser
import Documents
import Foundation
import Manifests
import Reports
import Runs

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says how far experiments are; of one experiment, each run.",
    discussion: "Examples: otlab status; otlab status foscttm-alignment --tier paper; otlab status --costs --tier paper --format markdown")

  @Argument(help: "An experiment; all in short when none is given.", completion: .experiments) var name: String?
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var variant: VariantOptions
  @Flag(help: "What the finished runs of each experiment have cost instead: time and memory, the dearest first.") var costs = false
  @Option(help: "text, markdown, latex, csv or json.") var format = TableFormat.text
  @Flag(help: "As JSON.") var json = false

  func run() throws {
    let (table, code) = try costs ? costs(of: name.map { [$0] } ?? workspace.names()) : name.map { (try runs(of: $0), 0) } ?? overview()
    print(try (json ? .json : format).render(table), terminator: "")
    if code != 0 { throw ExitCode(code) }
  }

  private func costs(of names: [String]) throws -> (table: Table, code: Int32) {
    let (found, code) = try workspace.each(names) { name in
      let rows = try FinishedRows(try variant.manifest(try workspace.source(name)), in: workspace)
      return Cost(name, of: rows.results.flatMap(\.records))
    }
    let costs = found.compactMap(\.self).sorted { $0.seconds > $1.seconds }
    let total = costs.reduce(0) { $0 + $1.seconds }
    let table = Table(
      name: "costs", title: "What finished runs have cost (\(variant.tier.rawValue) tier)",
      columns: [.init(title: "experiment", isNumeric: false)]
        + ["runs", "processor time", "share", "elapsed", "longest run", "memory at most"].map { .init(title: $0, isNumeric: true) },
      rows: costs.map { cost in
        [
          cost.name, "\(cost.runs)", Quantity.time(cost.seconds), "\(fixed(100 * cost.seconds / max(total, 1e-9), digits: 1)) %",
          Quantity.time(cost.elapsed), Quantity.time(cost.longest), Quantity.memory(cost.memory),
        ]
      } + [
        [
          "all", "\(costs.reduce(0) { $0 + $1.runs })", Quantity.time(total), "", Quantity.time(costs.reduce(0) { $0 + $1.elapsed }), "",
          Quantity.memory(costs.map(\.memory).max() ?? 0),
        ]
      ])
    return (table, code)
  }

  /// What an experiment's finished runs took; nil when there are none.
  private struct Cost {
    let name: String
    let runs: Int
    /// Of processors, which jobs side by side hardly change.
    let seconds: Double
    let elapsed: Double
    let longest: Double
    let memory: Int

    init?(_ name: String, of records: [RunRecord]) {
      guard !records.isEmpty else { return nil }
      self.name = name
      runs = records.count
      let times = records.compactMap(\.processorSeconds)
      seconds = times.reduce(0, +)
      elapsed = records.compactMap(\.secondsElapsed).reduce(0, +)
      longest = times.max() ?? 0
      memory = records.compactMap(\.peakMemory).max() ?? 0
    }
  }

  private func overview() throws -> (table: Table, code: Int32) {
    let (rows, code) = try workspace.each(workspace.names()) { name in
      let rows = try FinishedRows(try variant.manifest(try workspace.source(name)), in: workspace)
      let words = rows.states.map(\.state.word)
      let finished = rows.states.count { $0.state.isFinished }
      let others = rows.states.count(where: \.state.isByOtherBuild)
      return [name, "\(words.count)", "\(finished)", "\(finished - words.count { $0 == "converged" })"]
        + ["at work", "failed", "to run"].map { word in "\(words.count { $0 == word })" } + ["\(others)", "\(rows.unasked.count)"]
    }
    let counts = ["runs", "finished", "not converged", "at work", "failed", "to run", "by another build", "not asked for"]
    let table = Table(
      name: "status", title: "Runs (\(variant.tier.rawValue) tier)",
      columns: [.init(title: "experiment", isNumeric: false)] + counts.map { .init(title: $0, isNumeric: true) }, rows: rows)
    return (table, code)
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
