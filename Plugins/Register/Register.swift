import Foundation
import PackagePlugin

/// Registers what the build finds, so that nothing need be written a second time: a folder NAME with a file NAMEExperiment.swift is a kind of experiments,
/// a file NAMESolver.swift in the folder Solvers is a solver.
@main
struct Register: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    guard let target = target as? any SourceModuleTarget else { return [] }
    let kinds = target.sourceFiles(withSuffix: "Experiment.swift").map(\.url).filter {
      "\($0.deletingLastPathComponent().lastPathComponent)Experiment.swift" == $0.lastPathComponent
    }
    let solvers = target.sourceFiles(withSuffix: "Solver.swift").map(\.url).filter {
      $0.deletingLastPathComponent().lastPathComponent == "Solvers"
    }
    return try [
      command(context, list: "registeredKinds", of: "Experiment", importing: "Pipeline", files: kinds),
      command(context, list: "registeredSolvers", of: "SolverDescription", importing: "OptimalTransport", files: solvers),
    ].compactMap { $0 }
  }

  private func command(_ context: PluginContext, list: String, of type: String, importing module: String, files: [URL]) throws -> Command? {
    if files.isEmpty { return nil }
    let names = files.map { $0.deletingPathExtension().lastPathComponent }.sorted()
    let output = context.pluginWorkDirectoryURL.appending(path: "\(list).swift")
    return .buildCommand(
      displayName: "Registering \(names.count) of \(type)", executable: try context.tool(named: "registrar").url,
      arguments: [output.path, list, type, module] + names, outputFiles: [output])
  }
}
