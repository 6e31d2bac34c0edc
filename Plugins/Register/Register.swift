import Foundation
import PackagePlugin

/// Registers what the build finds, so that nothing need be written a second time: a folder NAME with a file
/// NAMEExperiment.swift is a kind of experiments, a file NAMESolver.swift in the folder Solvers is a solver.
///
/// Tests of solvers must have a type NAMEConformance for each.
@main
struct Register: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    guard let target = target as? any SourceModuleTarget else { return [] }
    if target.kind == .test {
      let tested = context.package.targets.compactMap { $0 as? any SourceModuleTarget }.filter { $0.kind != .test }
      let conformances = tested.flatMap { Self.names(of: "Solver", in: $0) }.map { "\($0)Conformance" }
      return try [
        command(
          context, list: "conformances", of: "SolverConformance", importing: "OptimalTransport", names: conformances)
      ]
      .compactMap { $0 }
    }
    let kinds = Self.names(of: "Experiment", in: target).map { "\($0)Experiment" }
    let solvers = Self.names(of: "Solver", in: target).map { "\($0)Solver" }
    return try [
      command(context, list: "registeredKinds", of: "Experiment", importing: "Pipeline", names: kinds),
      command(
        context, list: "registeredSolvers", of: "SolverDescription", importing: "OptimalTransport", names: solvers),
    ].compactMap { $0 }
  }

  /// NAME of each file NAMEExperiment.swift in a folder NAME, or NAMESolver.swift in a folder Solvers.
  private static func names(of type: String, in target: any SourceModuleTarget) -> [String] {
    target.sourceFiles(withSuffix: "\(type).swift").compactMap { file in
      let (name, folder) = (
        file.url.lastPathComponent.dropLast("\(type).swift".count),
        file.url.deletingLastPathComponent().lastPathComponent
      )
      return folder == (type == "Solver" ? "Solvers" : String(name)) ? String(name) : nil
    }
  }

  private func command(
    _ context: PluginContext, list: String, of type: String, importing module: String, names: [String]
  ) throws -> Command? {
    if names.isEmpty { return nil }
    let output = context.pluginWorkDirectoryURL.appending(path: "\(list).swift")
    return .buildCommand(
      displayName: "Registering \(names.count) of \(type)", executable: try context.tool(named: "registrar").url,
      arguments: [output.path, list, type, module] + names.sorted(), outputFiles: [output])
  }
}
