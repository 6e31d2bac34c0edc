import ArgumentParser
import Documents
import Foundation
import Manifests
import Runs

struct Clean: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Removes leftovers of failed and killed runs; with --orphaned, also finished runs that no manifest asks for.",
    discussion: """
      Leftovers are the logs of failed runs and the staging folders of killed processes. otlab asks before it removes \
      finished runs. Examples: otlab clean; otlab clean foscttm-alignment --orphaned
      """)

  @Argument(help: "The experiment; all by default.", completion: .experiments) var name: String?
  @OptionGroup var workspace: WorkspaceOptions
  @Flag(help: "Also remove finished runs that no tier of the manifest asks for.") var orphaned = false
  /// The former name of `--orphaned`.
  @Flag(help: .hidden) var unasked = false
  @Flag(help: "Also remove all finished runs.") var all = false
  @Flag(help: "Do not ask for confirmation.") var yes = false

  func run() throws {
    let store = workspace.store
    for experiment in try store.names() { try store.requireReadable(experiment) }
    // Use the name as the disk has it.
    let name = name.map { typed in store.experiments.first { $0 == typed } ?? typed }
    if let name, !store.experiments.contains(name) { _ = try workspace.source(name) }
    let names = name.map { [$0] } ?? store.experiments
    let runs = try orphaned || unasked || all ? names.flatMap { try self.runs(of: $0) } : []
    if !runs.isEmpty, !yes {
      print(
        "Remove \(runs.count) finished runs, \(Quantity.memory(runs.reduce(0) { $0 + $1.bytes }))? [y/N] ",
        terminator: "")
      guard readLine()?.lowercased().hasPrefix("y") == true else {
        printError("nothing was removed")
        throw ExitCode(Exit.failed)
      }
    }
    let leftovers = store.leftovers(of: name) + runs
    let removed = try leftovers.filter { try store.remove($0) }
    if removed.count < leftovers.count {
      printError("\(leftovers.count - removed.count) were kept, because another process is using them")
    }
    print("\(removed.count) removed, \(Quantity.memory(removed.reduce(0) { $0 + $1.bytes }))")
  }

  private func runs(of name: String) throws -> [RunStore.Leftover] {
    let store = workspace.store
    if all { return store.keys(of: name).map { store.leftover($0, of: name) } }
    let source = try workspace.source(name)
    let planner = workspace.planner()
    let requests = try Tier.allCases.flatMap {
      try planner.plan(try Manifest(source, tier: $0), fetching: false).flatMap(\.requests)
    }
    return try workspace.states(of: name).orphaned(by: requests).map { store.leftover($0, of: name) }
  }
}
