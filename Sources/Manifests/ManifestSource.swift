import Documents

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
    var result = Node(.mapping((document.members ?? []).filter { $0.key != "tiers" }), at: document.place)
    guard let tiers = document["tiers"] else { return result }
    let fields = try Fields(tiers, path: "tiers")
    for each in Tier.allCases {
      guard let part = fields.node(each.rawValue), part.value != .null else { continue }
      let keys = try Fields(part, path: "tiers.\(each.rawValue)")
      for key in ManifestShape.tierKeys { _ = keys.node(key) }
      try keys.finish()
      if each == tier { result = result.merging(part) }
    }
    try fields.finish()
    return result
  }
}
