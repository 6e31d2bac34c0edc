import ArgumentParser
import Documents
import Foundation
import Manifests
import Runs

struct Clean: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Removes what ended attempts have left; with --unasked, finished runs that no manifest asks for any more.",
    discussion: """
      Left behind are logs of failed runs and, until the next run, staging directories of processes that were killed. It asks before finished runs are \
      removed. Examples: otlab clean; otlab clean foscttm-alignment --unasked
      """)

  @Argument(help: "The experiment; all when none is given.", completion: .experiments) var name: String?
  @OptionGroup var workspace: WorkspaceOptions
  @Flag(help: "Also finished runs that no tier of the present manifest asks for.") var unasked = false
  @Flag(help: "Also all finished runs.") var all = false
  @Flag(help: "Does not ask.") var yes = false

  func run() throws {
    let store = workspace.store
    for experiment in try store.names() { try store.requireReadable(experiment) }
    // As the disk writes it.
    let name = name.map { typed in store.experiments.first { $0 == typed } ?? typed }
    if let name, !store.experiments.contains(name) { _ = try workspace.source(name) }
    let names = name.map { [$0] } ?? store.experiments
    let runs = try unasked || all ? names.flatMap { try self.runs(of: $0) } : []
    if !runs.isEmpty, !yes {
      print("Remove \(runs.count) finished runs, \(Quantity.memory(runs.reduce(0) { $0 + $1.bytes }))? [y/N] ", terminator: "")
      guard readLine()?.lowercased().hasPrefix("y") == true else {
        printError("nothing was removed")
        throw ExitCode(Exit.failed)
      }
    }
    let leftovers = store.leftovers(of: name) + runs
    let removed = try leftovers.filter { try store.remove($0) }
    if removed.count < leftovers.count {
      printError("\(leftovers.count - removed.count) stay, since another process is at work on them")
    }
    print("\(removed.count) removed, \(Quantity.memory(removed.reduce(0) { $0 + $1.bytes }))")
  }

  private func runs(of name: String) throws -> [RunStore.Leftover] {
    let store = workspace.store
    if all { return store.keys(of: name).map { store.leftover($0, of: name) } }
    let source = try workspace.source(name)
    let planner = workspace.planner()
    let requests = try Tier.allCases.flatMap { try planner.plan(try Manifest(source, tier: $0), fetching: false).flatMap(\.requests) }
    return try workspace.states(of: name).unasked(by: requests).map { store.leftover($0, of: name) }
  }
}
