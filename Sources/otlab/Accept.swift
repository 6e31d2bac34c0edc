import ArgumentParser
import Documents
import Foundation
import Manifests
import Reports
import Runs

struct Bless: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Accepts the metrics of the finished runs as the baseline.",
    discussion: """
      Metrics that moved beyond their tolerance are replaced, and the rest stays to the digit. baseline.json notes who accepted each row, on \
      which commit and why. Example: otlab bless foscttm-alignment --yes --reason "float32 products"
      """)

  @Argument(help: "The experiment.", completion: .experiments) var name: String
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var variant: VariantOptions
  @Flag(help: "Does not ask.") var yes = false
  @Option(help: "Why the metrics moved, for the record.") var reason = "not given"
  @Option(help: "Who accepts them; git's user.name by default.") var by: String?

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
      printError("\(baseline.path): nothing has moved beyond its tolerance; the baseline stays as it is")
      return
    }
    for change in changes { print("\(change.label)  \(change.metric)  \(shortText(change.before)) → \(shortText(change.after))") }
    if !yes {
      print("Accept these \(changes.count) metrics as the baseline of \(name) (\(manifest.tier.rawValue) tier)? [y/N] ", terminator: "")
      guard readLine()?.lowercased().hasPrefix("y") == true else {
        printError("the baseline is unchanged")
        throw ExitCode(Exit.failed)
      }
    }
    try baseline.write()
    printError("\(baseline.path): \(changes.count) metrics accepted")
  }
}
