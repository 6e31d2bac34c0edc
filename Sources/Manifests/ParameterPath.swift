import Documents
import YAML

/// A dotted path to a value of a run, such as `solver.epsilon`, that `--set` and sweeps may change.
struct ParameterPath: Sendable, Equatable {
  let text: String

  private static let numbers = ["seed", "repeat"]
  static let roots = Case.bodyKeys + numbers
  /// A regular expression for paths.
  static var pattern: String {
    "^(\(Case.bodyKeys.joined(separator: "|")))(\\.[^.]+)*$|^(\(numbers.joined(separator: "|")))$"
  }

  /// Reads a path, or throws `DocumentError` if it does not begin with data, params, solver, seed, or repeat.
  init(_ text: String, at place: Place) throws(DocumentError) {
    let first = String(text.prefix { $0 != "." })
    guard Self.roots.contains(first),
      text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy({ !$0.isEmpty })
    else {
      let hint = nearest(to: first, among: Self.roots).map { "; did you mean '\($0)'?" } ?? ""
      throw DocumentError(
        place: place,
        problem: "the key '\(text)' does not begin with one of \(Self.roots.joined(separator: ", "))\(hint)")
    }
    guard !Self.numbers.contains(first) || text == first else {
      throw DocumentError(place: place, problem: "the key '\(text)' does not exist, since '\(first)' is a number")
    }
    self.text = text
  }

  /// Returns whether a text is the path of a parameter.
  static func isPath(_ text: String) -> Bool { (try? ParameterPath(text, at: .option(text))) != nil }

  /// Returns whether this path equals the other one or is above it.
  func isPart(of other: ParameterPath) -> Bool { text == other.text || text.hasPrefix(other.text + ".") }

  /// The last word of the path.
  var shortName: String { text.split(separator: ".").last.map(String.init) ?? text }

  /// Splits `key=value`.
  static func split(_ text: String, option: String, example: String) throws(DocumentError) -> (
    path: ParameterPath, value: String
  ) {
    let place = Place.option("\(option) \(text)")
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
      throw DocumentError(place: place, problem: "a key and a value were expected, as in \(option) \(example)")
    }
    return (try ParameterPath(String(text[..<equals]), at: place), String(text[text.index(after: equals)...]))
  }

  /// Returns the value at this path in a mapping; nil if there is none.
  func value(in node: Node) -> Node? {
    text.split(separator: ".").reduce(Optional(node)) { $0?[String($1)] }
  }
}
