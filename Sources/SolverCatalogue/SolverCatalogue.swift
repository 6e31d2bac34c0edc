import Documents

/// The catalogue of all solvers that `otlab solve` and manifests know by name.
///
/// The build generates the underlying list, `registeredSolvers`, from the files in the folder `Solvers`.
public enum SolverCatalogue {
  /// All solvers, sorted by family and name.
  public static let solvers: [any SolverDescription.Type] = registeredSolvers.sorted {
    ($0.family.rawValue, $0.name) < ($1.family.rawValue, $1.name)
  }

  /// The names of all solvers, sorted by family and name.
  public static var names: [String] { solvers.map { $0.name } }

  /// Returns the solver with the given name.
  ///
  /// - Parameters:
  ///   - name: a name such as `sinkhorn`.
  ///   - place: where the name was written, for the error message.
  /// - Returns: the description of the solver.
  /// - Throws: `DocumentError`, which suggests the closest known name, if there is no such solver.
  public static func named(_ name: String, at place: Place) throws(DocumentError) -> any SolverDescription.Type {
    if let solver = solvers.first(where: { $0.name == name }) { return solver }
    let hint =
      nearest(to: name, among: names).map { "; did you mean '\($0)'?" }
      ?? "; there are \(names.joined(separator: ", "))"
    throw DocumentError(place: place, problem: "there is no solver '\(name)'\(hint)")
  }

  /// Returns the settings that a solver reads, with their types, defaults, and descriptions.
  public static func settings(of solver: any SolverDescription.Type) -> [Question] {
    SchemaProbe.questions { _ = try ConfiguredSolver(solver, Fields(probe: $0, path: "settings")) }
  }
}
