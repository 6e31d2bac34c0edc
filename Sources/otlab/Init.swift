import ArgumentParser
import Documents
import Experiments
import Foundation
import Manifests
import Pipeline
import Runs
import SolverCatalogue

struct Init: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes a commented manifest that runs unchanged and can be edited.",
    discussion:
      """
      Examples: otlab init mine --kind modality-alignment --experiments study; otlab init mine --kind solve --solver \
      entropic-gw
      """
  )

  @Argument(help: "The name of the experiment and of its folder, for example my-study.") var name: String
  @Option(
    help: "The kind of experiment; 'otlab schema --kinds' lists all kinds.",
    completion: .list(Registry.registered.kinds.map { $0.kind }))
  var kind: String
  @Option(
    help: "The solver, for the kind solve; 'otlab solve --list' lists all solvers.",
    completion: .list(SolverCatalogue.names))
  var solver: String?
  @OptionGroup var workspace: WorkspaceOptions

  private func template() throws(DocumentError) -> ManifestTemplate {
    let type = try Registry.registered.kind(kind, at: .option("--kind \(kind)"))
    guard let solver else { return ManifestTemplate(name: name, kind: type) }
    guard type.kind == SolveExperiment.kind else {
      throw DocumentError(
        place: .option("--solver \(solver)"),
        problem: "belongs to --kind \(SolveExperiment.kind), but the kind is \(kind)")
    }
    return ManifestTemplate(name: name, solver: try SolverCatalogue.named(solver, at: .option("--solver \(solver)")))
  }

  func run() throws {
    guard !name.isEmpty, name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
    else {
      throw DocumentError(
        place: .option("init \(name)"), problem: "the name becomes a folder; letters, digits, '-' and '_' were expected"
      )
    }
    try ExperimentName.check(name, at: .option("init \(name)"))
    let template = try template()
    let folder = "\(workspace.experiments)/\(name)"
    let path = "\(folder)/manifest.yaml"
    if FileManager.default.fileExists(atPath: path) {
      throw StoreError.unwritable(path: path, reason: "a manifest exists already and is not overwritten")
    }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try template.text.write(toFile: path, atomically: true, encoding: .utf8)
    } catch {
      throw StoreError.unwritable(
        path: path, reason: "no permission, the disk is full, or a file has the name of a folder")
    }
    let option = workspace.experiments == "experiments" ? "" : " --experiments \(workspace.experiments)"
    printError("\(path): written; run it with 'otlab run \(name)\(option)'")
  }
}

struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Prints the JSON Schema of manifests, for editors.",
    discussion: """
      Editors with YAML support use the schema if the first line of a manifest is, for example: # \
      yaml-language-server: $schema=../../manifest.schema.json Example: otlab schema > manifest.schema.json
      """)

  @Flag(help: "List the kinds of experiments instead.") var kinds = false

  func run() throws {
    if kinds {
      for kind in Registry.registered.kinds { print("\(kind.kind): \(kind.summary)") }
    } else {
      print(ManifestSchema(.registered).value.json(indented: true))
    }
  }
}
