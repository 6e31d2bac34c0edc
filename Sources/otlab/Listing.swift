import ArgumentParser
import Documents
import Experiments
import Foundation
import Manifests
import Reports
import Runs

struct List: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Lists the experiments.", discussion: "Example: otlab list")

  @OptionGroup var workspace: WorkspaceOptions
  @Flag(help: "As JSON.") var json = false

  func run() throws {
    let rows = try workspace.names().map { name in
      let source = try ManifestSource(name: name, in: workspace.experiments)
      return [name, source.title ?? "", source.reproduces, "\(workspace.store.keys(of: name).count)"]
    }
    let columns =
      ["experiment", "title", "paper"].map { Table.Column(title: $0, isNumeric: false) } + [.init(title: "runs", isNumeric: true)]
    let table = Table(name: "experiments", title: "Experiments", columns: columns, rows: rows)
    print((json ? TableFormat.json : .text).render(table), terminator: "")
  }
}

struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints the resolved manifest, defaults included.",
    discussion: "Example: otlab show foscttm-alignment --tier paper --set solver.epsilon=1e-3")

  @Argument(help: "The experiment.") var name: String
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var variant: VariantOptions

  func run() throws {
    let manifest = try variant.manifest(try workspace.source(name))
    let planner = workspace.planner()
    var cases: [String: Value] = [:]
    for each in manifest.cases {
      let (experiment, resolved) = try planner.experiment(each, of: manifest)
      var body = resolved
      body["seeds"] = .array(each.seeds.map(Value.integer))
      let inputs = experiment.inputs.map { ($0.role, Value.string($0.source ?? $0.file ?? "")) }
      body["inputs"] = .object(Dictionary(inputs) { $1 })
      body["published"] = .object(each.published.mapValues(Value.number))
      cases[each.label] = .object(body)
    }
    let value: Value = [
      "name": .string(manifest.name), "title": .string(manifest.title), "kind": .string(manifest.kind),
      "tier": .string(manifest.tier.rawValue),
      "threads": .integer(manifest.threads), "cases": .object(cases),
    ]
    print(value.json(indented: true))
  }
}

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Validates manifests, every tier, and the digests of data that are here. Runs nothing.",
    discussion: "Example: otlab check foscttm-alignment")

  @Argument(help: "The experiments; all when none is given.") var names: [String] = []
  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    var worst: Int32 = 0
    for name in try names.isEmpty ? workspace.names() : names {
      do {
        let source = try workspace.source(name)
        for tier in Tier.allCases { try check(Manifest(source, tier: tier)) }
        print("\(name): valid")
      } catch {
        guard let failure = Failure(error) else { throw error }
        printError("error: \(failure.sentence)")
        worst = max(worst, failure.exitCode)
      }
    }
    if worst != 0 { throw ExitCode(worst) }
  }

  private func check(_ manifest: Manifest) throws {
    let planner = workspace.planner()
    for each in manifest.cases {
      let inputs = try planner.requests(each, of: manifest, fetching: false).first?.inputs ?? []
      for input in inputs where FileManager.default.fileExists(atPath: input.path) {
        guard SHA256.hex(ofFile: input.path) == input.sha256 else {
          throw StoreError.unreadable(path: input.path, reason: "its SHA-256 is not the catalogued \(input.sha256)")
        }
      }
    }
  }
}

struct Plan: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says what 'run' would do, one line a run: key, state, case.",
    discussion: "Example: otlab plan foscttm-alignment --tier paper")

  @Argument(help: "The experiments.") var names: [String]
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var variant: VariantOptions

  func run() throws {
    for name in names {
      let manifest = try variant.manifest(try workspace.source(name))
      for each in manifest.cases {
        for request in try workspace.planner().requests(each, of: manifest, fetching: false) {
          print("\(request.key)  \(try state(of: request))  \(name)  \(request.title)")
        }
      }
    }
  }

  private func state(of request: RunRequest) throws -> String {
    if let record = try workspace.store.record(of: request) { return "finished (\(record.outcome))" }
    let absent = request.inputs.filter { !FileManager.default.fileExists(atPath: $0.path) }
    if !absent.isEmpty { return "to run, after fetching \(absent.count) files" }
    return workspace.store.keys(of: request.experiment).isEmpty ? "to run (new)" : "to run (no finished run has these parameters)"
  }
}
