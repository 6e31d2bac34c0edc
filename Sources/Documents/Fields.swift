/// Reads a mapping against a schema and records what was read as the resolved document.
///
/// A reader asks for every key that its schema has, by name, type, and range (see `integer`, `number`, `choice`, …),
/// and then calls `finish()`, which reports unknown keys. The record includes all defaults. The same questions, put
/// to a `SchemaProbe` instead of a document, give the schema itself.
public final class Fields {
  /// The place of the mapping in the document.
  public let place: Place
  let path: [String]
  private var remaining: [Node.Member]
  private var asked: [String] = []
  private var values: [String: Value] = [:]
  private var styles: [String: Value] = [:]
  private var children: [(key: String, fields: Fields)] = []
  private let probe: SchemaProbe?
  /// The seed of the run that these settings belong to; it is the default of solvers' random choices.
  public var runSeed: Int?

  /// Creates a reader of a node, or throws `DocumentError` if the node is not a mapping.
  public convenience init(_ node: Node, path: String = "") throws(DocumentError) {
    try self.init(node, path: path.isEmpty ? [] : path.split(separator: ".").map(String.init), probe: nil)
  }

  /// Creates a reader whose questions a probe answers.
  public init(probe: SchemaProbe, path: String) {
    place = .option("schema")
    self.path = [path]
    remaining = []
    self.probe = probe
  }

  private init(_ node: Node, path: [String], probe: SchemaProbe?) throws(DocumentError) {
    guard let members = node.members else {
      throw .unexpected(
        node.kindName, at: path.isEmpty ? "the document" : path.joined(separator: "."), place: node.place,
        expected: "a mapping")
    }
    place = node.place
    self.path = path
    remaining = members
    self.probe = probe
  }

  /// Everything read so far that can change a result, with all defaults.
  public var resolved: Value {
    .object(children.reduce(into: values) { $0[$1.key] = $1.fields.resolved })
  }

  /// Everything read so far that only changes how results look, by key; mappings without such values are left out.
  public var styling: [String: Value] {
    children.reduce(into: styles) { if !$1.fields.styling.isEmpty { $0[$1.key] = .object($1.fields.styling) } }
  }

  /// Throws `DocumentError` if this mapping or one inside it has a key that nobody asked for.
  public func finish() throws(DocumentError) {
    if let member = remaining.first {
      throw .unknownKey(member.key, in: path.joined(separator: "."), place: member.place, known: asked)
    }
    for child in children { try child.fields.finish() }
  }

  /// Returns a reader of the mapping at a key, or nil if the key is absent.
  public func fields(_ key: String, about: String = "") throws(DocumentError) -> Fields? {
    guard let node = take(Question(path: path + [key], kind: .mapping, fallback: nil, isOptional: true, about: about))
    else { return nil }
    return try child(key, node)
  }

  /// Returns a reader of the mapping at a key; if the key is absent the mapping is empty and all its defaults apply.
  public func fieldsOrEmpty(_ key: String, about: String = "") throws(DocumentError) -> Fields {
    let question = Question(path: path + [key], kind: .mapping, fallback: [:], isOptional: false, about: about)
    return try child(key, take(question) ?? Node(.mapping([]), at: place))
  }

  private func child(_ key: String, _ node: Node) throws(DocumentError) -> Fields {
    let fields = try Fields(node, path: path + [key], probe: probe)
    children.append((key, fields))
    return fields
  }

  /// Takes out the node at a key without reading or recording it; nil if the key is absent.
  public func node(_ key: String) -> Node? {
    take(Question(path: path + [key], kind: .anything, fallback: nil, isOptional: true, about: ""))
  }

  /// Returns the members of a mapping whose keys the user chooses; there are none if the key is absent.
  public func mapping(_ key: String) throws(DocumentError) -> [Node.Member] {
    guard let node = node(key) else { return [] }
    guard let members = node.members else {
      throw .unexpected(node.kindName, at: full(key), place: node.place, expected: "a mapping")
    }
    return members
  }

  /// Throws an error if the document has a key that is no longer supported.
  ///
  /// - Parameters:
  ///   - key: the former key.
  ///   - since: makes the rest of the sentence that begins with the key, such as "is now 'iterations'", from the
  ///     key's value.
  /// - Throws: `DocumentError` if the key is present.
  public func refuse(_ key: String, because since: (Value) -> String) throws(DocumentError) {
    guard probe == nil, let member = remaining.first(where: { $0.key == key }) else { return }
    throw DocumentError(place: member.place, problem: "'\(full(key))' \(since(member.value.value))")
  }

  /// Throws an error with a fixed sentence if the document has a key that is no longer supported.
  public func refuse(_ key: String, since: String) throws(DocumentError) { try refuse(key, because: { _ in since }) }

  /// Takes a key that nobody has read yet for another name of `key`, if `key` itself is absent.
  public func alias(_ other: String, for key: String) {
    guard probe == nil, !remaining.contains(where: { $0.key == key }) else { return }
    guard let index = remaining.firstIndex(where: { $0.key == other }) else { return }
    let member = remaining[index]
    remaining[index] = Node.Member(key: key, place: member.place, value: member.value)
  }

  /// Returns the error for a value that was read but turned out not to be acceptable.
  public func error(_ key: String, _ problem: String) -> DocumentError {
    DocumentError(place: place, problem: "'\(full(key))' \(problem)")
  }

  func full(_ key: String) -> String { (path + [key]).joined(separator: ".") }

  /// The part of the record that a value is written to.
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

  /// Takes out the answer to a question; nil if the key is absent.
  func take(_ question: Question) -> Node? {
    guard let key = question.path.last else { return nil }
    asked.append(key)
    if let probe { return probe.answer(question).map { Node($0, at: place) } }
    guard let index = remaining.firstIndex(where: { $0.key == key }) else { return nil }
    return remaining.remove(at: index).value
  }

  /// The error for a missing required key.
  ///
  /// An unknown key that is nearly the same was probably meant to be this key, and the error says so.
  ///
  /// - Parameter question: the question that has no answer.
  /// - Returns: An error about the misspelled key if there is one, otherwise about the missing key.
  func missing(_ question: Question) -> DocumentError {
    if let slip = remaining.first(where: { $0.key.count > 3 && nearest(to: $0.key, among: asked, within: 1) != nil }) {
      return .unknownKey(slip.key, in: path.joined(separator: "."), place: slip.place, known: asked)
    }
    let key = question.path.last ?? ""
    if let slip = remaining.first(where: { $0.key.count > 1 && key.hasPrefix($0.key) }) {
      return .unknownKey(slip.key, in: path.joined(separator: "."), place: slip.place, known: [key])
    }
    return DocumentError(
      place: place,
      problem: "the key '\(question.path.joined(separator: "."))' is missing; \(question.expected) was expected")
  }
}
