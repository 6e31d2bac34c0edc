import Documents
import YAML

/// The two sizes of an experiment.
public enum Tier: String, Sendable, CaseIterable {
  /// Small generated or embedded data; takes seconds.
  case smoke
  /// The paper's sizes and real data.
  case paper
}

/// A manifest file that has been read but not resolved for a tier.
public struct ManifestSource: Sendable {
  /// The name of the experiment.
  public let name: String
  /// The path of the manifest.
  public let path: String
  private let document: Node

  /// Reads `folder/name/manifest.yaml`, or throws `DocumentError` if it is missing or not a YAML mapping.
  public init(name: String, in folder: String) throws(DocumentError) {
    self.name = name
    path = "\(folder)/\(name)/manifest.yaml"
    try ExperimentName.check(name, at: .file(path))
    document = try Node(yamlFile: path)
    if document.members == nil { throw DocumentError(place: document.place, problem: "the manifest is not a mapping") }
  }

  /// The title, for lists; nil if there is none.
  public var title: String? { document["title"]?.value.string }
  /// The paper with the tables and figures that the experiment reproduces, for lists.
  public var reproduces: String {
    let paper = document["paper"]
    let items = paper?["reproduces"]?.value.array?.compactMap(\.string) ?? []
    return ([paper?["cite"]?.value.string].compactMap(\.self) + items).joined(separator: ", ")
  }

  /// Returns the document with the tier's section merged into it and all tiers removed.
  func resolved(tier: Tier) throws(DocumentError) -> Node {
    var result = Self.withRows(
      Node(.mapping((document.members ?? []).filter { $0.key != "tiers" }), at: document.place))
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

  /// Returns the document with a mapping for every row that is left empty.
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
