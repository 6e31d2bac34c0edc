import ArgumentParser
import Documents
import Experiments
import Foundation
import Manifests
import Reports
import Runs

/// The finished runs of a manifest's cases.
struct FinishedRuns {
  let results: [CaseResult]

  init(_ manifest: Manifest, in workspace: WorkspaceOptions) throws {
    let planner = workspace.planner()
    results = try manifest.cases.map { each in
      let requests = try planner.requests(each, of: manifest, fetching: false)
      let records = try requests.compactMap { try workspace.store.record(of: $0) }
      return CaseResult(label: each.label, records: records, expected: requests.count)
    }
  }
}

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Holds the metrics of finished runs against the baseline.",
    discussion: "Exits 2 when one moved beyond its tolerance, 3 when it cannot compare. Example: otlab compare foscttm-alignment")

  @Argument(help: "The experiments.") var names: [String]
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var variant: VariantOptions
  @Flag(help: "As JSON.") var json = false

  func run() throws {
    var codes: Set<Int32> = []
    for name in names {
      let manifest = try variant.manifest(try workspace.source(name))
      let comparison = Comparison(
        results: try FinishedRuns(manifest, in: workspace).results, baseline: try workspace.baseline(of: name), rules: manifest.metrics,
        tier: manifest.tier)
      print((json ? TableFormat.json : .text).render(table(comparison, of: manifest)), terminator: json ? "" : "\n")
      codes.insert(comparison.exitCode)
    }
    if let code = [2, 3].first(where: codes.contains) { throw ExitCode(code) }
  }

  private func table(_ comparison: Comparison, of manifest: Manifest) -> Table {
    // Eight digits tell any two metrics apart that a tolerance does; --json readers get the same.
    let text = { (value: Value?) -> String in
      if case .number(let number)? = value { String(format: "%.8g", number) } else { value.map(\.text) ?? "–" }
    }
    return Table(
      name: "comparison", title: "\(manifest.name) against its baseline (\(manifest.tier.rawValue) tier)",
      columns: ["case", "metric"].map { .init(title: $0, isNumeric: false) }
        + ["value", "baseline", "tolerance"].map { .init(title: $0, isNumeric: true) } + [.init(title: "verdict", isNumeric: false)],
      rows: comparison.lines.map {
        [$0.label, $0.metric, text($0.value), text($0.baseline), String(format: "%.2g", $0.allowance), $0.verdict.rawValue]
      })
  }
}

struct Bless: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Accepts the metrics of the finished runs as the baseline.", discussion: "Example: otlab bless foscttm-alignment --yes")

  @Argument(help: "The experiment.") var name: String
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var variant: VariantOptions
  @Flag(help: "Does not ask.") var yes = false

  func run() throws {
    let manifest = try variant.manifest(try workspace.source(name))
    let results = try FinishedRuns(manifest, in: workspace).results
    let missing = results.filter { !$0.isComplete }.map(\.label)
    if !missing.isEmpty {
      printError(
        "error: there is no finished run of \(missing.joined(separator: ", ")); 'otlab run \(name) --tier \(manifest.tier.rawValue)' makes it"
      )
      throw ExitCode(3)
    }
    if !yes {
      print(
        "Accept the present metrics of \(results.count) cases as the baseline of \(name) (\(manifest.tier.rawValue) tier)? [y/N] ",
        terminator: "")
      guard readLine()?.lowercased().hasPrefix("y") == true else {
        printError("the baseline is unchanged")
        throw ExitCode(Exit.failed)
      }
    }
    var baseline = try workspace.baseline(of: name)
    baseline.accept(results, rules: manifest.metrics, tier: manifest.tier)
    try baseline.write()
    printError("\(baseline.path): \(results.count) cases accepted")
  }
}

struct TableCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "table", abstract: "Prints the tables of an experiment from its finished runs.",
    discussion: "Example: otlab table foscttm-alignment --tier paper --format markdown")

  @Argument(help: "The experiment.") var name: String
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var variant: VariantOptions
  @Option(help: "text, markdown, latex, csv or json.") var format = TableFormat.text

  func run() throws {
    let manifest = try variant.manifest(try workspace.source(name))
    let results = try FinishedRuns(manifest, in: workspace).results
    for spec in manifest.tables { print(format.render(Table(spec, manifest: manifest, results: results))) }
  }
}

extension TableFormat: ExpressibleByArgument {}
