import ArgumentParser
import Documents
import Manifests
import Pipeline
import Reports
import Runs

struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints the resolved manifest of an experiment with all defaults, or the record of a run.",
    discussion: "Examples: otlab show foscttm-alignment --tier paper --set solver.epsilon=1e-3; otlab show 82b23503")

  @Argument(help: "An experiment or a run.", completion: .experiments) var name: String
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var variant: VariantOptions
  @Flag(help: "Print JSON; a resolved manifest is always JSON.") var json = false

  func run() throws {
    if RunStore.looksLikeRun(name), (try? workspace.names().contains(name)) != true {
      let run = try workspace.store.run(named: name)
      print(json ? run.record.value.json(indented: true) : RunSheet(run).text)
      return
    }
    let manifest = try variant.manifest(try workspace.source(name))
    var cases: [String: Value] = [:]
    for (each, read) in zip(manifest.cases, try workspace.planner().check(manifest)) {
      let inputs = read.experiment.inputs.map { ($0.role, Value.string($0.source ?? $0.file ?? "")) }
      cases[each.label] = [
        "data": read.data, "params": read.params, "solver": read.solver, "seeds": .array(each.seeds.map(Value.integer)),
        "inputs": .object(Dictionary(inputs) { $1 }), "published": .object(each.published.mapValues(Value.number)),
        "styling": read.styling,
      ]
    }
    let limits = manifest.limits
    let value: Value = [
      "name": .string(manifest.name), "title": .string(manifest.title), "kind": .string(manifest.kind),
      "tier": .string(manifest.tier.rawValue), "cases": .object(cases),
      "limits": [
        "threads": .integer(limits.threads), "seconds": limits.seconds.map(Value.number) ?? .null,
        "memoryBytes": limits.memory.map(Value.integer) ?? .null,
      ],
    ]
    print(value.json(indented: true))
  }
}
