import Documents
import YAML

/// A value given on the command line, as in `--set solver.epsilon=1e-3`.
public struct Override: Sendable {
  let node: Node
  let place: Place

  /// Reads the text of an option, or throws `DocumentError` if it is not `key=value` with a parameter's path and a
  /// YAML value.
  public init(_ text: String) throws(DocumentError) {
    let (path, value) = try ParameterPath.split(text, option: "--set", example: "solver.epsilon=1e-3")
    let option = "--set \(text)"
    let given = try Node(yaml: value, option: option)
    if Case.bodyKeys.contains(path.text), given.members == nil {
      throw DocumentError(
        place: .option(option),
        problem: "'\(path.text)' is \(given.kindName), but a mapping was expected, as in \(path.text)={key: value}")
    }
    place = .option(option)
    node = Node.nested(path.text, given, at: place)
  }
}
