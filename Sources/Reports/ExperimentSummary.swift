import Documents
import Files
import Manifests
import Runs

/// What the list of experiments says of one of them.
public struct ExperimentSummary: Sendable {
  /// The name of its folder.
  public let name: String
  /// The title that its manifest gives it; empty when it gives none.
  public let title: String
  /// What it reproduces.
  public let paper: String
  /// How many finished runs there are.
  public let runs: Int
  /// How the finished runs compare with the baseline, in a word for each tier.
  public let verdicts: [String]

  /// Makes a summary of a manifest and its runs.
  public init(_ source: ManifestSource, runs: Int, verdicts: [String]) {
    name = source.name
    title = source.title ?? ""
    paper = source.reproduces
    self.runs = runs
    self.verdicts = verdicts
  }

  /// A summary that was remembered; nil when it is none.
  public init?(_ value: Value) {
    guard let name = value["name"]?.string, let title = value["title"]?.string, let paper = value["paper"]?.string,
      let runs = value["runs"]?.integer, let verdicts = value["verdicts"]?.array?.compactMap(\.string),
      verdicts.count == Tier.allCases.count
    else { return nil }
    (self.name, self.title, self.paper, self.runs, self.verdicts) = (name, title, paper, runs, verdicts)
  }

  /// The summary as it is remembered.
  public var value: Value {
    [
      "name": .string(name), "title": .string(title), "paper": .string(paper), "runs": .integer(runs),
      "verdicts": .array(verdicts.map(Value.string)),
    ]
  }
}

extension RunStore {
  /// Where the list of experiments is remembered.
  public var summaryFile: String { "\(folder)/.staging/.summaries.json" }

  /// The files that hold the records and numbers of an experiment's finished runs.
  public func files(of experiment: String) -> [String] {
    keys(of: experiment).flatMap { key in
      ["run.json", "metrics.json"].map { "\(folder)/\(experiment)/runs/\(key)/\($0)" }
    }
  }
}
