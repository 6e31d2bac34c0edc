import Documents
import Files
import Yams

extension Documents.Node {
  /// Reads a YAML file strictly.
  ///
  /// What YAML 1.1 and 1.2 read differently (`010`, `yes`, `12:30`) is an error or a string, never a guess.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - shown: the name of the file in errors; its path by default.
  /// - Throws: `DocumentError` with line and column if the file is unreadable, not valid YAML, or ambiguous.
  public init(yamlFile path: String, shownAs shown: String? = nil) throws(DocumentError) {
    let name = shown ?? path
    guard let data = RegularFile.contents(of: path) else {
      throw DocumentError(place: .file(name), problem: RegularFile.obstacle(to: path) ?? "cannot be read")
    }
    guard let text = String(bytes: data, encoding: .utf8) else {
      throw DocumentError(place: .file(name), problem: "is not UTF-8 text")
    }
    try self.init(yaml: text) { .file(name, line: $0, column: $1) }
  }

  /// Reads one YAML value, such as the right side of `--set key=value`, or throws `DocumentError`.
  public init(yaml text: String, option: String) throws(DocumentError) {
    try self.init(yaml: text) { _, _ in .option(option) }
  }

  private init(yaml text: String, place: (Int, Int) -> Place) throws(DocumentError) {
    let composed: Yams.Node?
    do {
      try YAMLTags.refuse(in: text)
      try YAMLExpansion.check(text)
      composed = try Yams.compose(yaml: text)
    } catch let refusal as YAMLExpansion.Refusal {
      throw DocumentError(place: place(refusal.line, refusal.column), problem: refusal.problem)
    } catch YamlError.scanner(_, let problem, let mark, _) {
      // A tab is invisible, so the message names it.
      let isTab = Self.character(of: text, line: mark.line, column: mark.column) == "\t"
      throw DocumentError(
        place: place(mark.line, mark.column),
        problem: "is not valid YAML: \(isTab ? "there is a tab here, where spaces were expected" : problem)")
    } catch YamlError.reader(let problem, _, let value, _) where value >= 0 {
      let scalar = Unicode.Scalar(UInt32(value))
      let (line, column) = Self.place(of: scalar, in: text)
      let code = String(value, radix: 16, uppercase: true)
      let name = "U+" + String(repeating: "0", count: max(0, 4 - code.count)) + code
      throw DocumentError(
        place: place(line, column), problem: "is not valid YAML: the character \(name) is not allowed here (\(problem))"
      )
    } catch YamlError.parser(_, let problem, let mark, _) {
      throw DocumentError(place: place(mark.line, mark.column), problem: "is not valid YAML: \(problem)")
    } catch YamlError.composer(_, let problem, let mark, _) {
      throw DocumentError(place: place(mark.line, mark.column), problem: "is not valid YAML: \(problem)")
    } catch YamlError.duplicatedKeysInMapping(let duplicates, let context) {
      let keys = duplicates.map { "'\($0)'" }.joined(separator: ", ")
      throw DocumentError(
        place: place(context.mark.line, context.mark.column), problem: "the key \(keys) occurs twice here")
    } catch YamlError.reader(let problem, let offset, _, _) {
      let before = text.utf8.prefix(offset ?? 0)
      let column = before.reversed().prefix { $0 != UInt8(ascii: "\n") }.count + 1
      throw DocumentError(
        place: place(before.count { $0 == UInt8(ascii: "\n") } + 1, column), problem: "is not valid YAML: \(problem)")
    } catch {
      throw DocumentError(place: place(1, 1), problem: "is not valid YAML")
    }
    guard let composed else {
      self.init(.scalar(.null), at: place(1, 1))
      return
    }
    self = try Self.convert(composed, place: place)
  }

  private static func character(of text: String, line: Int, column: Int) -> Unicode.Scalar? {
    let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.indices.contains(line - 1) else { return nil }
    return lines[line - 1].dropFirst(column - 1).first
  }

  /// Finds the first occurrence of a character, with line and column counted from 1.
  private static func place(of character: Unicode.Scalar?, in text: String) -> (line: Int, column: Int) {
    let lines = text.unicodeScalars.prefix { $0 != character }.split(separator: "\n", omittingEmptySubsequences: false)
    return (lines.count, (lines.last?.count ?? 0) + 1)
  }

  private static func convert(_ node: Yams.Node, place: (Int, Int) -> Place) throws(DocumentError) -> Self {
    let here = place(node.mark?.line ?? 1, node.mark?.column ?? 1)
    switch node {
    case .scalar(let scalar):
      return Self(.scalar(try scalarValue(scalar, at: here)), at: here)
    case .sequence(let sequence):
      var nodes: [Self] = []
      for element in sequence { nodes.append(try convert(element, place: place)) }
      return Self(.sequence(nodes), at: here)
    case .mapping(let mapping):
      var members: [Member] = []
      for (key, value) in mapping {
        let keyPlace = place(key.mark?.line ?? 1, key.mark?.column ?? 1)
        guard let word = key.scalar else { throw DocumentError(place: keyPlace, problem: "a key must be a plain word") }
        let name = try text(of: word, at: keyPlace)
        if name == "<<", word.style == .plain || word.style == .any {
          throw DocumentError(place: keyPlace, problem: "the merge key '<<' is not supported; write the keys out")
        }
        if members.contains(where: { $0.key == name }) {
          throw DocumentError(place: keyPlace, problem: "the key '\(name)' occurs twice here")
        }
        members.append(Member(key: name, place: keyPlace, value: try convert(value, place: place)))
      }
      return Self(.mapping(members), at: here)
    case .alias:
      throw DocumentError(place: here, problem: "aliases are not supported")
    }
  }

  /// Returns a text without control characters and with uniform line ends, since it goes into tables, pages, and
  /// terminals.
  private static func text(of scalar: Yams.Node.Scalar, at place: Place) throws(DocumentError) -> String {
    let text = scalar.string.replacing("\r\n", with: "\n")
    guard
      let found = text.unicodeScalars.first(where: {
        $0.properties.generalCategory == .control && $0 != "\n" && $0 != "\t"
      })
    else {
      return text
    }
    let code = String(found.value, radix: 16, uppercase: true)
    throw DocumentError(
      place: place,
      problem:
        "holds the control character U+\(String(repeating: "0", count: 4 - code.count))\(code), which is not allowed")
  }

  private static func scalarValue(_ scalar: Yams.Node.Scalar, at place: Place) throws(DocumentError) -> Value {
    let text = try text(of: scalar, at: place)
    guard scalar.style == .plain || scalar.style == .any else { return .string(text) }
    switch text {
    case "", "~", "null": return .null
    case "true": return .bool(true)
    case "false": return .bool(false)
    case ".inf", "+.inf": return .number(.infinity)
    case "-.inf": return .number(-.infinity)
    case ".nan": throw DocumentError(place: place, problem: "'.nan' is not a number that can be used")
    default: break
    }
    if text.lowercased() == "null" {
      throw DocumentError(place: place, problem: "'\(text)' is ambiguous; write null, or put it in quotes")
    }
    if ["yes", "no", "on", "off"].contains(text.lowercased()) || ["true", "false"].contains(text.lowercased()) {
      throw DocumentError(place: place, problem: "'\(text)' is ambiguous; write true or false, or put it in quotes")
    }
    let digits = text.drop { $0 == "-" || $0 == "+" }
    if digits.count > 1, digits.first == "0", digits.allSatisfy(\.isASCIIDigit) {
      throw DocumentError(
        place: place,
        problem: "'\(text)' is ambiguous (octal or decimal?); write it without leading zeros, or in quotes")
    }
    if let integer = Int(text) { return .integer(integer) }
    let looksNumeric = digits.first.map { $0.isASCIIDigit || $0 == "." } ?? false
    if looksNumeric, digits.allSatisfy({ $0.isASCIIDigit || ".eE+-".contains($0) }), let number = Double(text) {
      guard number.isFinite else { throw DocumentError(place: place, problem: "'\(text)' is too large a number") }
      // −0 becomes 0: no reader distinguishes them, but a run's key would.
      return .number(number == 0 ? 0 : number)
    }
    return .string(text)
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
