/// Reads the members of a JSON object that a program has written, by name and type.
///
/// A missing or mistyped member is an error that names it. Unlike `Fields` this reader has no defaults, ranges, or
/// schema, and it ignores other members, so that older and newer versions can read each other's files.
public struct Members {
  private let members: [String: Value]
  /// The path of the object in its file; empty for the whole file.
  private let path: String
  /// The file that the object comes from.
  public let place: Place

  /// Creates a reader of an object.
  ///
  /// - Parameters:
  ///   - value: the object.
  ///   - place: the file, for errors.
  ///   - path: the dotted path of the object in its file, such as `environment`; empty for the whole file.
  /// - Throws: `DocumentError` if the value is not an object.
  public init(_ value: Value, at place: Place, path: String = "") throws(DocumentError) {
    guard let members = value.object else {
      throw DocumentError(
        place: place, problem: path.isEmpty ? "is not a JSON object" : "'\(path)' is not a JSON object")
    }
    (self.members, self.place, self.path) = (members, place, path)
  }

  /// Returns a text, or throws `DocumentError` if it is missing or has another type.
  public func string(_ key: String) throws(DocumentError) -> String { try required(optionalString(key), key) }

  /// Returns a text, or nil if the member is missing or null.
  public func optionalString(_ key: String) throws(DocumentError) -> String? { try optional(key, "a text", \.string) }

  /// Returns a whole number, or throws `DocumentError` if it is missing or has another type.
  public func integer(_ key: String) throws(DocumentError) -> Int { try required(optionalInteger(key), key) }

  /// Returns a whole number, or nil if the member is missing or null.
  public func optionalInteger(_ key: String) throws(DocumentError) -> Int? {
    try optional(key, "a whole number", \.integer)
  }

  /// Returns a number, or nil if the member is missing or null.
  public func optionalNumber(_ key: String) throws(DocumentError) -> Double? { try optional(key, "a number", \.number) }

  /// Returns a member of any type, null included, or throws `DocumentError` if it is missing.
  public func value(_ key: String) throws(DocumentError) -> Value { try required(members[key], key) }

  /// Returns the members of an object by name; the result is empty if the object is missing.
  public func object(_ key: String) throws(DocumentError) -> [String: Value] {
    try optional(key, "an object", \.object) ?? [:]
  }

  /// Returns a reader of an object, or nil if the object is missing or null.
  public func optionalMembers(_ key: String) throws(DocumentError) -> Members? {
    guard let value = members[key], value != .null else { return nil }
    return try Members(value, at: place, path: fullPath(key))
  }

  /// Returns the elements of an array; the result is empty if the array is missing.
  public func array(_ key: String) throws(DocumentError) -> [Value] { try optional(key, "an array", \.array) ?? [] }

  /// Returns the texts of an array; the result is empty if the array is missing.
  public func strings(_ key: String) throws(DocumentError) -> [String] {
    try array(key).enumerated().map { index, element throws(DocumentError) in
      guard let text = element.string else { throw unexpected("\(key)[\(index)]", element, "a text") }
      return text
    }
  }

  /// Returns the texts of an object by name; the result is empty if the object is missing.
  public func texts(_ key: String) throws(DocumentError) -> [String: String] {
    var texts: [String: String] = [:]
    for (name, value) in try object(key) {
      guard let text = value.string else { throw unexpected("\(key).\(name)", value, "a text") }
      texts[name] = text
    }
    return texts
  }

  /// Returns readers of the objects in an array; the result is empty if the array is missing.
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
    return .unexpected(
      text.count > 40 ? text.prefix(40) + "…" : text, at: fullPath(key), place: place, expected: expected)
  }
}
