/// A value together with the place where the user wrote it.
public struct Node: Sendable {
  /// The content of a node.
  public enum Content: Sendable {
    /// A text, a number, a flag, or null.
    case scalar(Value)
    /// A list of nodes.
    case sequence([Node])
    /// Members with unique keys, in the order of the file.
    case mapping([Member])
  }

  /// A key of a mapping with its value.
  public struct Member: Sendable {
    /// The key, which is unique in its mapping.
    public let key: String
    /// The place of the key.
    public let place: Place
    /// The node that the key holds.
    public var value: Node

    /// Creates a member from its key, the key's place, and its value.
    public init(key: String, place: Place, value: Node) {
      self.key = key
      self.place = place
      self.value = value
    }
  }

  /// What the node holds: a scalar, a list of nodes, or the members of a mapping.
  public var content: Content
  /// The place where the node begins.
  public let place: Place

  /// Creates a node from its content and place.
  public init(_ content: Content, at place: Place) {
    self.content = content
    self.place = place
  }

  /// Creates a tree of nodes from a plain value; all of them get the same place.
  public init(_ value: Value, at place: Place) {
    self.place = place
    content =
      switch value {
      case .array(let elements): .sequence(elements.map { Node($0, at: place) })
      case .object(let members):
        .mapping(
          members.sorted { $0.key < $1.key }.map { Member(key: $0.key, place: place, value: Node($0.value, at: place)) }
        )
      default: .scalar(value)
      }
  }

  /// The members of a mapping; nil if the node is not a mapping.
  public var members: [Member]? {
    if case .mapping(let members) = content { members } else { nil }
  }

  /// The value of a mapping's member; nil if there is no such member.
  public subscript(key: String) -> Node? { members?.first { $0.key == key }?.value }

  /// The node's value as plain data, without places.
  public var value: Value {
    switch content {
    case .scalar(let value): value
    case .sequence(let nodes): .array(nodes.map(\.value))
    case .mapping(let members): .object(Dictionary(members.map { ($0.key, $0.value.value) }) { $1 })
    }
  }

  /// The kind of value as errors name it, such as "a list" or "the number 3".
  public var kindName: String {
    switch content {
    case .sequence: "a list"
    case .mapping: "a mapping"
    case .scalar(.null): "empty"
    case .scalar(.string(let text)):
      Self.looksLikeNumber(text) || ["true", "false"].contains(text) ? "'\(text)', a text by its quotes" : "'\(text)'"
    case .scalar(let value): value.text
    }
  }

  private static func looksLikeNumber(_ text: String) -> Bool {
    text.allSatisfy { $0.isASCII && ($0.isNumber || ".eE+-".contains($0)) } && Double(text) != nil
  }

  /// Returns this node with another laid over it: mappings are merged key by key, and anything else is replaced.
  ///
  /// - Parameters:
  ///   - override: the node whose values win.
  ///   - path: the dotted path of both nodes, for errors.
  /// - Returns: The merged node.
  /// - Throws: `DocumentError` if only one of the two is a mapping, since one would silently replace the other.
  public func merging(_ override: Node, at path: String = "") throws(DocumentError) -> Node {
    guard var members else {
      if override.members == nil { return override }
      throw Self.mismatch(self, mapping: override, at: path)
    }
    guard let newer = override.members else {
      if members.isEmpty { return override }
      throw Self.mismatch(override, mapping: self, at: path)
    }
    for member in newer {
      if let index = members.firstIndex(where: { $0.key == member.key }) {
        let merged = try members[index].value.merging(
          member.value, at: path.isEmpty ? member.key : "\(path).\(member.key)")
        members[index] = Member(key: member.key, place: member.place, value: merged)
      } else {
        members.append(member)
      }
    }
    return Node(.mapping(members), at: place)
  }

  private static func mismatch(_ node: Node, mapping: Node, at path: String) -> DocumentError {
    DocumentError(
      place: node.place,
      problem: "'\(path)' is \(node.kindName), but a mapping by \(mapping.place); one of them would replace the other")
  }

  /// Returns this node with the values that `override` has for its keys; other keys of `override` are ignored.
  public func updating(from override: Node) -> Node {
    guard let members, let newer = override.members else { return override }
    let updated = members.map { member in
      guard let value = newer.first(where: { $0.key == member.key })?.value else { return member }
      return Member(key: member.key, place: member.place, value: member.value.updating(from: value))
    }
    return Node(.mapping(updated), at: place)
  }

  /// Returns a dotted path at which merging the two nodes would lose a value of one of them; nil if there is none.
  public func clash(with other: Node) -> String? {
    guard let members, let others = other.members else { return "" }
    for member in members {
      guard let same = others.first(where: { $0.key == member.key }), let path = member.value.clash(with: same.value)
      else { continue }
      return path.isEmpty ? member.key : "\(member.key).\(path)"
    }
    return nil
  }

  /// Creates nested mappings that hold a value at a dotted path such as `solver.epsilon`.
  public static func nested(_ path: String, _ value: Node, at place: Place) -> Node {
    path.split(separator: ".", omittingEmptySubsequences: false).reversed().reduce(value) { inner, key in
      Node(.mapping([Member(key: String(key), place: place, value: inner)]), at: place)
    }
  }
}
