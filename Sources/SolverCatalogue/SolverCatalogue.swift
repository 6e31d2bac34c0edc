import Documents

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
}
