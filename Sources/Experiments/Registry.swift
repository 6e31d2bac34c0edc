import Documents

/// All kinds of experiments. The list itself, `registeredKinds`, is written by the build from the folders beside this file.
public enum Registry {
  public static let kinds: [any Experiment.Type] = registeredKinds.sorted { $0.kind < $1.kind }

  /// The kind with a name.
  ///
  /// - Throws: `DocumentError` with the nearest known kind.
  public static func kind(_ name: String, at place: Place) throws(DocumentError) -> any Experiment.Type {
    if let kind = kinds.first(where: { $0.kind == name }) { return kind }
    let names = kinds.map { $0.kind }
    let hint = nearest(to: name, among: names).map { "; did you mean '\($0)'?" } ?? "; known kinds are \(names.joined(separator: ", "))"
    throw DocumentError(place: place, problem: "unknown experiment kind '\(name)'\(hint)")
  }

  /// Reads a case's body by its kind, and checks that nothing in it is left over.
  static func experiment(_ kind: any Experiment.Type, _ body: CaseBody) throws(DocumentError) -> any Experiment {
    let experiment = try kind.init(body)
    try body.finish()
    return experiment
  }

  /// The keys that a kind reads of data, params and solver.
  public static func schema(of kind: any Experiment.Type) -> [Question] {
    SchemaProbe.questions { _ = try kind.init(CaseBody($0)) }
  }
}
