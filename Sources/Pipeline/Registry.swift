import Documents

/// The known kinds of experiments, in the order of their names.
public struct Registry: Sendable {
  /// The kinds in alphabetical order of their names.
  public let kinds: [any Experiment.Type]

  /// Creates a registry of kinds with different names.
  public init(_ kinds: [any Experiment.Type]) {
    precondition(Set(kinds.map { $0.kind }).count == kinds.count, "kinds have different names")
    self.kinds = kinds.sorted { $0.kind < $1.kind }
  }

  /// Finds a kind by its name.
  ///
  /// - Parameters:
  ///   - name: the name.
  ///   - place: the place where the name is written.
  /// - Returns: The kind.
  /// - Throws: `DocumentError` with the nearest known name if there is no such kind.
  public func kind(_ name: String, at place: Place) throws(DocumentError) -> any Experiment.Type {
    if let kind = kinds.first(where: { $0.kind == name }) { return kind }
    let names = kinds.map { $0.kind }
    let hint =
      nearest(to: name, among: names).map { "; did you mean '\($0)'?" }
      ?? "; known kinds are \(names.joined(separator: ", "))"
    throw DocumentError(place: place, problem: "unknown experiment kind '\(name)'\(hint)")
  }
}
