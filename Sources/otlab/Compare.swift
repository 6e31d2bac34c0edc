import ArgumentParser
import Manifests
import Reports
import Runs

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compares the metrics of finished runs with the baseline.",
    discussion: """
      Exits with 2 if a metric is out of tolerance, and with 3 if there is nothing to compare with or the manifest no \
      longer has a row of the baseline. Example: otlab compare foscttm-alignment
      """)

  @Argument(help: "The experiments.", completion: .experiments) var names: [String]
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var variant: VariantOptions
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    var codes: Set<Int32> = []
    var tables: [Table] = []
    for name in names {
      let manifest = try variant.manifest(try workspace.source(name))
      let rows = try workspace.rows(manifest)
      let baseline = try workspace.baseline(of: manifest.name)
      let comparison = try rows.read().comparison(with: baseline)
      tables.append(
        Table(
          comparison.lines, title: "\(manifest.name) compared with its baseline (\(manifest.tier.rawValue) tier)",
          reference: "baseline"))
      codes.insert(comparison.exitCode)
      if let sentence = comparison.goneSentence {
        printError("error: \(name): \(sentence); 'otlab accept \(name)' accepts that")
      }
      if !baseline.has(manifest.tier) {
        printError(
          "\(name): there is no baseline for the \(manifest.tier.rawValue) tier; 'otlab accept \(name)' creates it")
      }
      if !rows.missing.isEmpty { printError("\(name): \(rows.missingSentence)") }
    }
    print(try (json ? TableFormat.json : .text).render(tables), terminator: "")
    if let code = [2, 3].first(where: codes.contains) { throw ExitCode(code) }
  }
}
