import Documents
import Pipeline
import SolverCatalogue

extension ManifestTemplate {
  /// Creates a manifest of the kind `solve` for one solver.
  public init(name: String, solver: any SolverDescription.Type) {
    let settings = SolverCatalogue.settings(of: solver).map {
      Question(
        path: ["solver"] + $0.path.dropFirst(), kind: $0.kind, fallback: $0.fallback, isOptional: $0.isOptional,
        about: $0.about)
    }
    let inputs = solver.inputs.map {
      Question(
        path: ["data", $0.name, "file"], kind: .text, fallback: nil, isOptional: true, about: "\($0.shape): \($0.about)"
      )
    }
    self.init(
      name: name, kind: SolveExperiment.self, metrics: solver.outputs,
      example: SolveExperiment.exampleData(for: solver.name),
      questions: inputs + settings)
  }
}
