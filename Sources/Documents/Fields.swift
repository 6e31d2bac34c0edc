/// Reads a mapping against a schema: each key is asked for by name, type and range, what remains is an unknown key, and what was read,
/// defaults included, is recorded as the resolved document.
///
/// Use: ask for every key the schema knows, then call `finish()`.
public final class Fields {
  public let place: Place
  private let path: String
  private var remaining: [Node.Member]
  private var asked: [String] = []
  private var values: [String: Value] = [:]
  private var children: [(key: String, fields: Fields)] = []

  /// - Throws: `DocumentError` when the node is not a mapping.
  public init(_ node: Node, path: String = "") throws(DocumentError) {
    guard let members = node.members else {
      throw .unexpected(node.kindName, at: path.isEmpty ? "the document" : path, place: node.place, expected: "a mapping")
    }
    self.place = node.place
    self.path = path
    self.remaining = members
  }

  /// Everything read so far, defaults included.
  public var resolved: Value {
    .object(children.reduce(into: values) { $0[$1.key] = $1.fields.resolved })
  }

  /// Checks that nothing is left unread, here and below.
  public func finish() throws(DocumentError) {
    if let member = remaining.first {
      throw .unknownKey(member.key, in: path, place: member.place, known: asked)
    }
    for child in children { try child.fields.finish() }
  }

  /// Takes the node at a key out, unread; nil when it is absent.
  public func node(_ key: String) -> Node? {
    asked.append(key)
    guard let index = remaining.firstIndex(where: { $0.key == key }) else { return nil }
    return remaining.remove(at: index).value
  }

  /// The mapping at a key; nil when it is absent.
  public func fields(_ key: String) throws(DocumentError) -> Fields? {
    guard let node = node(key) else { return nil }
    let fields = try Fields(node, path: full(key))
    children.append((key, fields))
    return fields
  }

  /// The mapping at a key; an empty one when it is absent, so that all of its defaults hold.
  public func fieldsOrEmpty(_ key: String) throws(DocumentError) -> Fields {
    if let fields = try fields(key) { return fields }
    let fields = try Fields(Node(.mapping([]), at: place), path: full(key))
    children.append((key, fields))
    return fields
  }

  public func string(_ key: String, default fallback: String? = nil) throws(DocumentError) -> String {
    try read(key, default: fallback, expected: "a text", convert: \.string, record: Value.string)
  }

  public func optionalString(_ key: String) throws(DocumentError) -> String? {
    try hasNode(key) ? string(key) : skip(key)
  }

  public func bool(_ key: String, default fallback: Bool? = nil) throws(DocumentError) -> Bool {
    try read(key, default: fallback, expected: "true or false", convert: \.bool, record: Value.bool)
  }

  public func integer(
    _ key: String, default fallback: Int? = nil, in range: ClosedRange<Int> = 1...Int.max
  ) throws(DocumentError) -> Int {
    let expected =
      range.upperBound == Int.max
      ? "a whole number from \(range.lowerBound) up" : "a whole number in \(range.lowerBound)…\(range.upperBound)"
    return try read(
      key, default: fallback, expected: expected, convert: { $0.integer.flatMap { range.contains($0) ? $0 : nil } }, record: Value.integer)
  }

  public func optionalInteger(_ key: String, in range: ClosedRange<Int> = 1...Int.max) throws(DocumentError) -> Int? {
    try hasNode(key) ? integer(key, in: range) : skip(key)
  }

  /// A positive finite number.
  public func positiveNumber(_ key: String, default fallback: Double? = nil) throws(DocumentError) -> Double {
    try number(key, default: fallback, expected: "a positive number") { $0 > 0 && $0.isFinite }
  }

  /// A number that satisfies a condition; `expected` says which.
  public func number(
    _ key: String, default fallback: Double? = nil, expected: String = "a number", where isValid: (Double) -> Bool = { _ in true }
  ) throws(DocumentError) -> Double {
    try read(
      key, default: fallback, expected: expected, convert: { $0.number.flatMap { isValid($0) ? $0 : nil } }, record: Value.number)
  }

  public func optionalNumber(_ key: String) throws(DocumentError) -> Double? {
    try hasNode(key) ? number(key) : skip(key)
  }

  /// One of the cases of an enumeration, by its raw value.
  public func choice<T: RawRepresentable<String> & CaseIterable>(
    _ key: String, default fallback: T? = nil
  ) throws(DocumentError) -> T {
    let names = T.allCases.map(\.rawValue)
    return try read(
      key, default: fallback, expected: "one of \(names.joined(separator: ", "))", convert: { $0.string.flatMap(T.init) },
      record: { .string($0.rawValue) })
  }

  /// A list of texts; empty when absent.
  public func strings(_ key: String) throws(DocumentError) -> [String] {
    try read(
      key, default: [], expected: "a list of texts",
      convert: { $0.array.flatMap { list in list.allSatisfy { $0.string != nil } ? list.compactMap(\.string) : nil } },
      record: { .array($0.map(Value.string)) })
  }

  /// Says that the value read at `key` is not acceptable after all.
  public func error(_ key: String, _ problem: String) -> DocumentError {
    DocumentError(place: place, problem: "'\(full(key))' \(problem)")
  }

  private func read<T>(
    _ key: String, default fallback: T?, expected: String, convert: (Value) -> T?, record: (T) -> Value
  ) throws(DocumentError) -> T {
    let node = node(key)
    guard let node else {
      guard let fallback else {
        // A key that is one slip away from a known one was most likely meant to be it.
        if let slip = remaining.first(where: { $0.key.count > 3 && nearest(to: $0.key, among: asked, within: 1) != nil }) {
          throw .unknownKey(slip.key, in: path, place: slip.place, known: asked)
        }
        throw DocumentError(place: place, problem: "the key '\(full(key))' is missing; \(expected) was expected")
      }
      values[key] = record(fallback)
      return fallback
    }
    guard let result = convert(node.value) else {
      throw .unexpected(node.kindName, at: full(key), place: node.place, expected: expected)
    }
    values[key] = record(result)
    return result
  }

  private func hasNode(_ key: String) -> Bool { remaining.contains { $0.key == key } }

  private func skip<T>(_ key: String) -> T? {
    asked.append(key)
    return nil
  }

  private func full(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}
