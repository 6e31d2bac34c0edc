import ArgumentParser
import Documents
import Foundation
import Manifests
import Reports
import Runs

struct Plan: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows what 'otlab run' would do: the key, state, and row of each run, and why it would run.",
    discussion: "Example: otlab plan foscttm-alignment --tier paper")

  @Argument(help: "The experiments.", completion: .experiments) var names: [String]
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var variant: VariantOptions
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    var lines: [Value] = []
    var present: [String: Bool] = [:]
    for name in names {
      let manifest = try variant.manifest(try workspace.source(name))
      let rows = FinishedRows(
        manifest, plan: try workspace.planner().plan(manifest, fetching: false),
        found: try workspace.states(of: manifest.name),
        explaining: true)
      for (request, state) in rows.states {
        let absent = state.isFinished ? 0 : request.inputs.count { !isPresent($0.path, &present) }
        let reasons = [state.reason, absent > 0 ? "after fetching \(absent) files" : ""].filter { !$0.isEmpty }
        if json {
          lines.append([
            "key": .string(request.key), "experiment": .string(name), "row": .string(request.title),
            "state": .string(state.word),
            "reason": .string(reasons.joined(separator: ", ")),
          ])
        } else {
          let why = reasons.isEmpty ? "" : "  (\(reasons.joined(separator: ", ")))"
          print(
            """
            \(request.key)  \(state.isFinished ? "finished, \(state.word)" : state.word)  \(name)  \
            \(request.title)\(why)
            """
          )
        }
      }
    }
    if json { print(Value.array(lines).json(indented: true)) }
  }

  private func isPresent(_ path: String, _ known: inout [String: Bool]) -> Bool {
    if let answer = known[path] { return answer }
    let answer = FileManager.default.fileExists(atPath: path)
    known[path] = answer
    return answer
  }
}
