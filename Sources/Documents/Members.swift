/// The members of a JSON object that a program has written, read by name and type. What is missing or of another type is an error that names it.
///
/// Unlike `Fields` it knows no defaults, ranges or schema; members that nobody asks for are left alone, so that newer and older programs read
/// each other's files.
public struct Members {
  private let members: [String: Value]
  /// Of the object in its file; empty for the whole file.
  private let path: String
  /// The file.
  public let place: Place

  /// - Parameters:
  ///   - value: the object.
  ///   - place: the file.
  ///   - path: where in the file it stands, as in `environment`; empty for the whole file.
  /// - Throws: `DocumentError` when it is no object.
  public init(_ value: Value, at place: Place, path: String = "") throws(DocumentError) {
    guard let members = value.object else {
      throw DocumentError(place: place, problem: path.isEmpty ? "is not a JSON object" : "'\(path)' is not a JSON object")
    }
    (self.members, self.place, self.path) = (members, place, path)
  }

  public func string(_ key: String) throws(DocumentError) -> String { try required(optionalString(key), key) }

  /// Nil when it is missing or null, as with all that are optional.
  public func optionalString(_ key: String) throws(DocumentError) -> String? { try optional(key, "a text", \.string) }

  public func integer(_ key: String) throws(DocumentError) -> Int { try required(optionalInteger(key), key) }

  public func optionalInteger(_ key: String) throws(DocumentError) -> Int? { try optional(key, "a whole number", \.integer) }

  public func optionalNumber(_ key: String) throws(DocumentError) -> Double? { try optional(key, "a number", \.number) }

  /// A member of any type, null included.
  public func value(_ key: String) throws(DocumentError) -> Value { try required(members[key], key) }

  /// An object of its own, by name; none when it is missing.
  public func object(_ key: String) throws(DocumentError) -> [String: Value] { try optional(key, "an object", \.object) ?? [:] }

  public func optionalMembers(_ key: String) throws(DocumentError) -> Members? {
    guard let value = members[key], value != .null else { return nil }
    return try Members(value, at: place, path: fullPath(key))
  }

  /// The elements of an array; none when it is missing.
  public func array(_ key: String) throws(DocumentError) -> [Value] { try optional(key, "an array", \.array) ?? [] }

  /// The texts of an array; none when it is missing.
  public func strings(_ key: String) throws(DocumentError) -> [String] {
    try array(key).enumerated().map { index, element throws(DocumentError) in
      guard let text = element.string else { throw unexpected("\(key)[\(index)]", element, "a text") }
      return text
    }
  }

  /// An object's texts by name; none when it is missing.
  public func texts(_ key: String) throws(DocumentError) -> [String: String] {
    var texts: [String: String] = [:]
    for (name, value) in try object(key) {
      guard let text = value.string else { throw unexpected("\(key).\(name)", value, "a text") }
      texts[name] = text
    }
    return texts
  }

  /// The objects of an array; none when it is missing.
  public func objects(_ key: String) throws(DocumentError) -> [Members] {
    try array(key).enumerated().map { index, element throws(DocumentError) in
      try Members(element, at: place, path: fullPath("\(key)[\(index)]"))
    }
  }

  private func fullPath(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  private func optional<T>(_ key: String, _ expected: String, _ read: (Value) -> T?) throws(DocumentError) -> T? {
    guard let value = members[key], value != .null else { return nil }
    guard let result = read(value) else { throw unexpected(key, value, expected) }
    return result
  }

  private func required<T>(_ value: T?, _ key: String) throws(DocumentError) -> T {
    guard let value else { throw DocumentError(place: place, problem: "has no '\(fullPath(key))'") }
    return value
  }

  private func unexpected(_ key: String, _ value: Value, _ expected: String) -> DocumentError {
    let text = value.text
    return .unexpected(text.count > 40 ? text.prefix(40) + "…" : text, at: fullPath(key), place: place, expected: expected)
  }
}
