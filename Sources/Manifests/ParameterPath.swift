import Documents
import YAML

/// A dotted path to a value that belongs to a run, such as `solver.epsilon`: what `--set` and sweeps may change.
struct ParameterPath: Sendable, Equatable {
  let text: String

  private static let numbers = ["seed", "repeat"]
  static let roots = Case.bodyKeys + numbers
  /// A regular expression of what paths look like.
  static var pattern: String {
    "^(\(Case.bodyKeys.joined(separator: "|")))(\\.[^.]+)*$|^(\(numbers.joined(separator: "|")))$"
  }

  /// - Throws: `DocumentError` when the path does not begin with data, params, solver, seed or repeat.
  init(_ text: String, at place: Place) throws(DocumentError) {
    let first = String(text.prefix { $0 != "." })
    guard Self.roots.contains(first), text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy({ !$0.isEmpty }) else {
      let hint = nearest(to: first, among: Self.roots).map { "; did you mean '\($0)'?" } ?? ""
      throw DocumentError(
        place: place, problem: "the key '\(text)' does not begin with one of \(Self.roots.joined(separator: ", "))\(hint)")
    }
    guard !Self.numbers.contains(first) || text == first else {
      throw DocumentError(place: place, problem: "the key '\(text)' does not exist, since '\(first)' is a number")
    }
    self.text = text
  }

  /// Whether a text names a parameter, given or default.
  static func isPath(_ text: String) -> Bool { (try? ParameterPath(text, at: .option(text))) != nil }

  /// Whether it is the other path, or leads to something below it.
  func isPart(of other: ParameterPath) -> Bool { text == other.text || text.hasPrefix(other.text + ".") }

  /// The last word.
  var shortName: String { text.split(separator: ".").last.map(String.init) ?? text }

  /// Takes `key=value` apart.
  static func split(_ text: String, option: String, example: String) throws(DocumentError) -> (path: ParameterPath, value: String) {
    let place = Place.option("\(option) \(text)")
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
      throw DocumentError(place: place, problem: "a key and a value are needed, as in \(option) \(example)")
    }
    return (try ParameterPath(String(text[..<equals]), at: place), String(text[text.index(after: equals)...]))
  }

  /// What a mapping holds at this path; nil when it holds nothing.
  func value(in node: Node) -> Node? {
    text.split(separator: ".").reduce(Optional(node)) { $0?[String($1)] }
  }
}
