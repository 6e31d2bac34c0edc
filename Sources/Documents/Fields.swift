/// Reads a mapping against a schema: each key is asked for by name, type and range, what remains is an unknown key, and what was read,
/// defaults included, is recorded as the resolved document.
///
/// Use: ask for every key the schema knows (`Fields+Reading.swift`), then call `finish()`. The same questions, put to a `SchemaProbe`
/// instead of a document, are the schema itself.
public final class Fields {
  public let place: Place
  let path: [String]
  private var remaining: [Node.Member]
  private var asked: [String] = []
  private var values: [String: Value] = [:]
  private var styles: [String: Value] = [:]
  private var children: [(key: String, fields: Fields)] = []
  private let probe: SchemaProbe?
  /// The seed of the run whose settings these are, for readers whose random choices take it where they are given none.
  public var runSeed: Int?

  /// - Throws: `DocumentError` when the node is not a mapping.
  public convenience init(_ node: Node, path: String = "") throws(DocumentError) {
    try self.init(node, path: path.isEmpty ? [] : path.split(separator: ".").map(String.init), probe: nil)
  }

  /// Fields whose questions are answered by a probe.
  public init(probe: SchemaProbe, path: String) {
    place = .option("schema")
    self.path = [path]
    remaining = []
    self.probe = probe
  }

  private init(_ node: Node, path: [String], probe: SchemaProbe?) throws(DocumentError) {
    guard let members = node.members else {
      throw .unexpected(
        node.kindName, at: path.isEmpty ? "the document" : path.joined(separator: "."), place: node.place, expected: "a mapping")
    }
    place = node.place
    self.path = path
    remaining = members
    self.probe = probe
  }

  /// Everything read so far that can change a result, defaults included.
  public var resolved: Value {
    .object(children.reduce(into: values) { $0[$1.key] = $1.fields.resolved })
  }

  /// What was read that changes only how results look. Branches without any are left out.
  public var styling: [String: Value] {
    children.reduce(into: styles) { if !$1.fields.styling.isEmpty { $0[$1.key] = .object($1.fields.styling) } }
  }

  /// Checks that nothing is left unread, here and below.
  public func finish() throws(DocumentError) {
    if let member = remaining.first {
      throw .unknownKey(member.key, in: path.joined(separator: "."), place: member.place, known: asked)
    }
    for child in children { try child.fields.finish() }
  }

  /// The mapping at a key; nil when it is absent.
  public func fields(_ key: String, about: String = "") throws(DocumentError) -> Fields? {
    guard let node = take(Question(path: path + [key], kind: .mapping, fallback: nil, isOptional: true, about: about)) else { return nil }
    return try child(key, node)
  }

  /// The mapping at a key; an empty one when it is absent, so that all of its defaults hold.
  public func fieldsOrEmpty(_ key: String, about: String = "") throws(DocumentError) -> Fields {
    let question = Question(path: path + [key], kind: .mapping, fallback: [:], isOptional: false, about: about)
    return try child(key, take(question) ?? Node(.mapping([]), at: place))
  }

  private func child(_ key: String, _ node: Node) throws(DocumentError) -> Fields {
    let fields = try Fields(node, path: path + [key], probe: probe)
    children.append((key, fields))
    return fields
  }

  /// Takes the node at a key out, unread and unrecorded; nil when it is absent.
  public func node(_ key: String) -> Node? {
    take(Question(path: path + [key], kind: .anything, fallback: nil, isOptional: true, about: ""))
  }

  /// The members of a mapping whose keys are the user's own; none when it is absent.
  public func mapping(_ key: String) throws(DocumentError) -> [Node.Member] {
    guard let node = node(key) else { return [] }
    guard let members = node.members else {
      throw .unexpected(node.kindName, at: full(key), place: node.place, expected: "a mapping")
    }
    return members
  }

  /// Refuses a key that is no longer read.
  ///
  /// - Parameter since: makes of its value what goes on the sentence that begins with the key, as in "is now 'iterations'".
  public func refuse(_ key: String, because since: (Value) -> String) throws(DocumentError) {
    guard probe == nil, let member = remaining.first(where: { $0.key == key }) else { return }
    throw DocumentError(place: member.place, problem: "'\(full(key))' \(since(member.value.value))")
  }

  public func refuse(_ key: String, since: String) throws(DocumentError) { try refuse(key, because: { _ in since }) }

  /// Says that the value read at `key` is not acceptable after all.
  public func error(_ key: String, _ problem: String) -> DocumentError {
    DocumentError(place: place, problem: "'\(full(key))' \(problem)")
  }

  func full(_ key: String) -> String { (path + [key]).joined(separator: ".") }

  /// Where a value that was read is written down.
  enum Record {
    case resolved, styling, nowhere
  }

  func record(_ key: String, _ value: Value, as record: Record) {
    switch record {
    case .resolved: values[key] = value
    case .styling: styles[key] = value
    case .nowhere: break
    }
  }

  /// Takes the answer to a question out; nil when the key is absent.
  func take(_ question: Question) -> Node? {
    guard let key = question.path.last else { return nil }
    asked.append(key)
    if let probe { return probe.answer(question).map { Node($0, at: place) } }
    guard let index = remaining.firstIndex(where: { $0.key == key }) else { return nil }
    return remaining.remove(at: index).value
  }

  /// The error for a key that must be there. A key that is one slip away from a known one was most likely meant to be it.
  func missing(_ question: Question) -> DocumentError {
    if let slip = remaining.first(where: { $0.key.count > 3 && nearest(to: $0.key, among: asked, within: 1) != nil }) {
      return .unknownKey(slip.key, in: path.joined(separator: "."), place: slip.place, known: asked)
    }
    let key = question.path.last ?? ""
    if let slip = remaining.first(where: { $0.key.count > 1 && key.hasPrefix($0.key) }) {
      return .unknownKey(slip.key, in: path.joined(separator: "."), place: slip.place, known: [key])
    }
    return DocumentError(
      place: place, problem: "the key '\(question.path.joined(separator: "."))' is missing; \(question.expected) was expected")
  }
}
