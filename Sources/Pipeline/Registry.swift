import Documents

/// The kinds of experiments that are known, in the order of their names.
public struct Registry: Sendable {
  public let kinds: [any Experiment.Type]

  /// - Parameter kinds: no two of one name.
  public init(_ kinds: [any Experiment.Type]) {
    precondition(Set(kinds.map { $0.kind }).count == kinds.count, "no two kinds have one name")
    self.kinds = kinds.sorted { $0.kind < $1.kind }
  }

  /// The kind with a name.
  ///
  /// - Parameter place: where the name is written.
  /// - Throws: `DocumentError` with the nearest known kind.
  public func kind(_ name: String, at place: Place) throws(DocumentError) -> any Experiment.Type {
    if let kind = kinds.first(where: { $0.kind == name }) { return kind }
    let names = kinds.map { $0.kind }
    let hint = nearest(to: name, among: names).map { "; did you mean '\($0)'?" } ?? "; known kinds are \(names.joined(separator: ", "))"
    throw DocumentError(place: place, problem: "unknown experiment kind '\(name)'\(hint)")
  }
}
