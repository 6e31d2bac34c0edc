import ArgumentParser
import Documents
import Foundation
import Manifests
import Reports
import Runs

struct Accept: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Accepts the metrics of finished runs as the new baseline.",
    discussion: """
      Metrics that are new or out of tolerance replace those of the baseline; all others stay exactly as they are. \
      baseline.json records who accepted each row, on which commit, and why. Example: otlab accept foscttm-alignment \
      --yes --reason "float32 products"
      """)

  @Argument(help: "The experiment.", completion: .experiments) var name: String
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var variant: VariantOptions
  @Flag(help: "Do not ask for confirmation.") var yes = false
  @Option(help: "The reason for the change, for baseline.json.") var reason = "not given"
  @Option(help: "The person who accepts the metrics; git's user.name by default.") var by: String?

  func run() throws {
    let manifest = try variant.manifest(try workspace.source(name))
    let rows = try workspace.rows(manifest)
    if !rows.missing.isEmpty {
      printError("error: \(rows.missingSentence)")
      throw ExitCode(3)
    }
    let results = try rows.read().results
    var baseline = try workspace.baseline(of: manifest.name)
    let acceptance = Baseline.Acceptance(
      person: by ?? Checkout.person, commit: Checkout.commit(of: workspace.experiments), reason: reason)
    try baseline.check(results, rules: manifest.metrics)
    let changes = baseline.accept(results, rules: manifest.metrics, tier: manifest.tier, by: acceptance)
    if changes.isEmpty {
      printError("\(baseline.path): all metrics are within tolerance; the baseline is unchanged")
      return
    }
    for change in changes {
      print("\(change.label)  \(change.metric)  \(shortText(change.before)) → \(shortText(change.after))")
    }
    if !yes {
      print(
        "Accept these \(changes.count) metrics as the baseline of \(name) (\(manifest.tier.rawValue) tier)? [y/N] ",
        terminator: "")
      guard readLine()?.lowercased().hasPrefix("y") == true else {
        printError("the baseline is unchanged")
        throw ExitCode(Exit.failed)
      }
    }
    try baseline.write()
    printError("\(baseline.path): \(changes.count) metrics accepted")
  }
}
