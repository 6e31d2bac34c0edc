/// A value together with the place where the user wrote it.
public struct Node: Sendable {
  public enum Content: Sendable {
    case scalar(Value)
    case sequence([Node])
    /// In the order of the file; keys are unique.
    case mapping([Member])
  }

  public struct Member: Sendable {
    public let key: String
    public let place: Place
    public var value: Node

    public init(key: String, place: Place, value: Node) {
      self.key = key
      self.place = place
      self.value = value
    }
  }

  public var content: Content
  public let place: Place

  public init(_ content: Content, at place: Place) {
    self.content = content
    self.place = place
  }

  /// A bare value as if it had been written at one place.
  public init(_ value: Value, at place: Place) {
    self.place = place
    content =
      switch value {
      case .array(let elements): .sequence(elements.map { Node($0, at: place) })
      case .object(let members):
        .mapping(members.sorted { $0.key < $1.key }.map { Member(key: $0.key, place: place, value: Node($0.value, at: place)) })
      default: .scalar(value)
      }
  }

  public var members: [Member]? {
    if case .mapping(let members) = content { members } else { nil }
  }

  public subscript(key: String) -> Node? { members?.first { $0.key == key }?.value }

  /// The bare value.
  public var value: Value {
    switch content {
    case .scalar(let value): value
    case .sequence(let nodes): .array(nodes.map(\.value))
    case .mapping(let members): .object(Dictionary(members.map { ($0.key, $0.value.value) }) { $1 })
    }
  }

  /// What the node is, for a sentence.
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

  /// Lays `override` over this node: mappings are merged key by key, anything else is replaced.
  ///
  /// - Parameter path: where both stand, for a sentence.
  /// - Throws: `DocumentError` when only one of both is a mapping: nothing would be left of the other, and no key takes either.
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
        let merged = try members[index].value.merging(member.value, at: path.isEmpty ? member.key : "\(path).\(member.key)")
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

  /// This node with what `override` gives of its own keys; other keys of `override` are left out.
  public func updating(from override: Node) -> Node {
    guard let members, let newer = override.members else { return override }
    let updated = members.map { member in
      guard let value = newer.first(where: { $0.key == member.key })?.value else { return member }
      return Member(key: member.key, place: member.place, value: member.value.updating(from: value))
    }
    return Node(.mapping(updated), at: place)
  }

  /// A dotted path at which both nodes hold something that merging them would not keep of both; nil when there is none.
  public func clash(with other: Node) -> String? {
    guard let members, let others = other.members else { return "" }
    for member in members {
      guard let same = others.first(where: { $0.key == member.key }), let path = member.value.clash(with: same.value) else { continue }
      return path.isEmpty ? member.key : "\(member.key).\(path)"
    }
    return nil
  }

  /// A mapping that holds `value` at a dotted path such as `solver.epsilon`.
  public static func nested(_ path: String, _ value: Node, at place: Place) -> Node {
    path.split(separator: ".", omittingEmptySubsequences: false).reversed().reduce(value) { inner, key in
      Node(.mapping([Member(key: String(key), place: place, value: inner)]), at: place)
    }
  }
}
