import Documents
import Manifests
import Runs

extension Table {
  /// Lists experiments with their finished runs and the verdict of each tier.
  ///
  /// - Parameter experiments: a row each.
  /// - Returns: The table.
  public static func experiments(_ experiments: [ExperimentSummary]) -> Table {
    Table(
      name: "experiments", title: "Experiments",
      columns: ["experiment", "title", "paper"].map { .init(title: $0, isNumeric: false) } + [
        .init(title: "runs", isNumeric: true)
      ]
        + Tier.allCases.map { .init(title: "\($0.rawValue) baseline", isNumeric: false) },
      rows: experiments.map { [$0.name, $0.title, $0.paper, "\($0.runs)"] + $0.verdicts })
  }

  /// Summarizes the states of experiments' runs, one row for each experiment.
  public static func overview(_ experiments: [FinishedRows], tier: Tier) -> Table {
    let counts = ["runs", "finished", "not converged", "running", "failed", "to run", "by another build", "orphaned"]
    return Table(
      name: "status", title: "Runs (\(tier.rawValue) tier)",
      columns: [.init(title: "experiment", isNumeric: false)] + counts.map { .init(title: $0, isNumeric: true) },
      rows: experiments.map { rows in
        let words = rows.states.map(\.state.word)
        let finished = rows.states.count { $0.state.isFinished }
        let others = rows.states.count(where: \.state.isByOtherBuild)
        return [rows.manifest.name, "\(words.count)", "\(finished)", "\(finished - words.count { $0 == "converged" })"]
          + ["running", "failed", "to run"].map { word in "\(words.count { $0 == word })" } + [
            "\(others)", "\(rows.orphaned.count)",
          ]
      })
  }

  /// Lists the runs of an experiment with state, time, and the reason why a run would be carried out.
  public static func runs(_ rows: FinishedRows) -> Table {
    let cells = rows.states.map { request, state in
      var (time, made) = ("", "")
      if case .finished(let run, _) = state {
        time = run.ending.environment.secondsElapsed.map(Quantity.time) ?? ""
        made = run.ending.environment.started ?? ""
      }
      return [request.key, state.word, request.title, time, made, state.reason]
    }
    return Table(
      name: "status", title: "Runs of \(rows.manifest.name) (\(rows.manifest.tier.rawValue) tier)",
      columns: ["run", "state", "row"].map { .init(title: $0, isNumeric: false) } + [
        .init(title: "took", isNumeric: true)
      ]
        + ["made", "remark"].map { .init(title: $0, isNumeric: false) }, rows: cells)
  }

  /// Lists the CPU time of experiments' finished runs, the largest first; experiments without finished runs are left
  /// out.
  public static func costs(_ experiments: [FinishedRows], tier: Tier) -> Table {
    let costs = experiments.compactMap { Cost($0.manifest.name, of: $0.finished.map(\.ending.environment)) }.sorted {
      $0.seconds > $1.seconds
    }
    let total = costs.reduce(0) { $0 + $1.seconds }
    return Table(
      name: "costs", title: "CPU time of finished runs (\(tier.rawValue) tier)",
      columns: [.init(title: "experiment", isNumeric: false)]
        + ["runs", "CPU time", "share", "elapsed", "longest run", "peak memory"].map {
          .init(title: $0, isNumeric: true)
        },
      rows: costs.map { cost in
        [
          cost.name, "\(cost.runs)", Quantity.time(cost.seconds),
          "\(fixed(100 * cost.seconds / max(total, 1e-9), digits: 1)) %",
          Quantity.time(cost.elapsed), Quantity.time(cost.longest), Quantity.memory(cost.memory),
        ]
      } + [
        [
          "all", "\(costs.reduce(0) { $0 + $1.runs })", Quantity.time(total), "",
          Quantity.time(costs.reduce(0) { $0 + $1.elapsed }), "",
          Quantity.memory(costs.map(\.memory).max() ?? 0),
        ]
      ])
  }
}

/// The resources that an experiment's finished runs took.
private struct Cost {
  let name: String
  let runs: Int
  /// The CPU time in seconds, which hardly depends on how many jobs run in parallel.
  let seconds: Double
  let elapsed: Double
  let longest: Double
  let memory: Int

  init?(_ name: String, of runs: [RunRecord.Environment]) {
    guard !runs.isEmpty else { return nil }
    self.name = name
    self.runs = runs.count
    let times = runs.compactMap(\.processorSeconds)
    seconds = times.reduce(0, +)
    elapsed = runs.compactMap(\.secondsElapsed).reduce(0, +)
    longest = times.max() ?? 0
    memory = runs.compactMap(\.peakMemory).max() ?? 0
  }
}
