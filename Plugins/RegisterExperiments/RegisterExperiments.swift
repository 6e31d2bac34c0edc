import Foundation
import PackagePlugin

/// Registers the experiment kinds: a folder NAME with a file NAMEExperiment.swift is a kind, and nothing else need be written.
@main
struct RegisterExperiments: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    guard let target = target as? any SourceModuleTarget else { return [] }
    let files = target.sourceFiles(withSuffix: "Experiment.swift").map(\.url)
    let names = files.map { $0.deletingLastPathComponent().lastPathComponent }
    let kinds = zip(names, files).filter { $1.lastPathComponent == "\($0)Experiment.swift" }.map(\.0).sorted()
    let output = context.pluginWorkDirectoryURL.appending(path: "RegisteredKinds.swift")
    return [
      .buildCommand(
        displayName: "Registering \(kinds.count) kinds of experiments", executable: try context.tool(named: "registrar").url,
        arguments: [output.path] + kinds, outputFiles: [output])
    ]
  }
}
