import Documents
import Support

/// All solvers. The list itself, `registeredSolvers`, is written by the build from the files of the folder `Solvers`.
public enum SolverCatalogue {
  /// By family and name.
  public static let solvers: [any SolverDescription.Type] = registeredSolvers.sorted {
    ($0.family.rawValue, $0.name) < ($1.family.rawValue, $1.name)
  }

  public static var names: [String] { solvers.map { $0.name } }

  /// The solver of a name.
  ///
  /// - Throws: `DocumentError` with the nearest known name when there is none.
  public static func named(_ name: String, at place: Place) throws(DocumentError) -> any SolverDescription.Type {
    if let solver = solvers.first(where: { $0.name == name }) { return solver }
    let hint = nearest(to: name, among: names).map { "; did you mean '\($0)'?" } ?? "; there are \(names.joined(separator: ", "))"
    throw DocumentError(place: place, problem: "there is no solver '\(name)'\(hint)")
  }

  /// The settings that a solver reads, with defaults and meaning.
  public static func settings(of solver: any SolverDescription.Type) -> [Question] {
    SchemaProbe.questions { _ = try ConfiguredSolver(solver, Fields(probe: $0, path: "settings")) }
  }

  /// What `otlab solve --list` says of a solver.
  public static func documentation(of solver: any SolverDescription.Type) -> String {
    var lines = ["\(solver.name): \(solver.summary)", "  inputs"]
    lines += solver.inputs.map { "    \("\($0.name) \($0.shape)".padded(to: 26)) \($0.about)" }
    lines.append("  settings (--set key=value)")
    lines += settings(of: solver).compactMap { question in
      if question.kind == .mapping { return nil }
      let key = question.path.dropFirst().joined(separator: ".")
      let fallback = question.fallback.map { "=\($0.text)" } ?? (question.isOptional ? "" : " (required)")
      return "    \((key + fallback).padded(to: 26)) \(question.about); \(question.expected)"
    }
    lines.append("  numbers in the answer")
    lines += solver.outputs.map { "    \($0.key.padded(to: 26)) \($0.value)" }
    return lines.joined(separator: "\n")
  }
}
