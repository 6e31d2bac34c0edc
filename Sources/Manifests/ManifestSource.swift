import Documents
import YAML

/// The sizes of an experiment.
public enum Tier: String, Sendable, CaseIterable {
  /// Small, generated or embedded data, seconds.
  case smoke
  /// The paper's sizes and real data.
  case paper
}

/// A manifest file that was read but not yet resolved.
public struct ManifestSource: Sendable {
  public let name: String
  public let path: String
  private let document: Node

  /// Reads `folder/name/manifest.yaml`; errors name it as it was given.
  public init(name: String, in folder: String) throws(DocumentError) {
    self.name = name
    path = "\(folder)/\(name)/manifest.yaml"
    try ExperimentName.check(name, at: .file(path))
    document = try Node(yamlFile: path)
    if document.members == nil { throw DocumentError(place: document.place, problem: "the manifest is not a mapping") }
  }

  /// The title alone, for lists; nil when there is none.
  public var title: String? { document["title"]?.value.string }
  /// What it reproduces, for lists.
  public var reproduces: String {
    let paper = document["paper"]
    let items = paper?["reproduces"]?.value.array?.compactMap(\.string) ?? []
    return ([paper?["cite"]?.value.string].compactMap(\.self) + items).joined(separator: ", ")
  }

  /// The document with the tier's part laid over it and the tiers taken out.
  func resolved(tier: Tier) throws(DocumentError) -> Node {
    var result = Self.withRows(Node(.mapping((document.members ?? []).filter { $0.key != "tiers" }), at: document.place))
    try Case.requireMappings(result)
    guard let tiers = document["tiers"] else { return result }
    let fields = try Fields(tiers, path: "tiers")
    for each in Tier.allCases {
      guard let part = fields.node(each.rawValue), part.value != .null else { continue }
      let keys = try Fields(part, path: "tiers.\(each.rawValue)")
      for key in ManifestShape.tierKeys { _ = keys.node(key) }
      try keys.finish()
      try Case.requireMappings(part, path: "tiers.\(each.rawValue)")
      if each == tier { result = try result.merging(Self.withRows(part)) }
    }
    try fields.finish()
    return result
  }

  /// The document with a mapping for each row that is left empty.
  private static func withRows(_ document: Node) -> Node {
    let members = (document.members ?? []).map { member -> Node.Member in
      guard member.key == "cases", let rows = member.value.members else { return member }
      let filled = rows.map { row -> Node.Member in
        guard row.value.value == .null else { return row }
        return .init(key: row.key, place: row.place, value: Node(.mapping([]), at: row.value.place))
      }
      return .init(key: member.key, place: member.place, value: Node(.mapping(filled), at: member.value.place))
    }
    return Node(.mapping(members), at: document.place)
  }
}
