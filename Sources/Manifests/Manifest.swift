import Documents

/// An experiment as its manifest declares it, in one tier and with all overrides laid over it. What `data`, `params` and `solver` may hold
/// is the business of the experiment's kind; everything else is read and checked here.
public struct Manifest: Sendable {
  /// Equals the folder.
  public let name: String
  public let title: String
  public let paper: Paper
  /// The experiment kind that runs it.
  public let kind: String
  public let tier: Tier
  public let cases: [Case]
  public let metrics: [MetricRule]
  public let tables: [TableSpec]
  /// Threads of one run.
  public let threads: Int
  public let path: String

  public struct Paper: Sendable {
    public let cite: String
    public let reproduces: [String]
  }

  public init(_ source: ManifestSource, tier: Tier = .smoke, overrides: [Override] = []) throws(DocumentError) {
    let top = try Fields(try source.resolved(tier: tier))
    guard try top.integer("schema") == 1 else { throw top.error("schema", "is not 1, the only version this build reads") }
    name = try top.string("name")
    if name != source.name { throw top.error("name", "is '\(name)', but the folder is called '\(source.name)'") }
    title = try top.string("title")
    let paper = try top.fieldsOrEmpty("paper")
    self.paper = Paper(cite: try paper.string("cite", default: ""), reproduces: try paper.strings("reproduces"))
    kind = try top.string("kind")
    self.tier = tier
    path = source.path
    threads = try top.fieldsOrEmpty("limits").integer("threads", default: 2, in: 1...64)
    metrics = try MetricRule.read(top.node("metrics"))
    tables = try TableSpec.read(top.node("tables"))
    let seed = try top.integer("seed", default: 0, in: 0...Int.max)
    let shared = Self.shared(top)
    cases = try Case.read(top.node("cases"), shared: shared, seed: seed, overrides: overrides, at: top.place)
    try top.finish()
  }

  /// What all cases start from.
  private static func shared(_ top: Fields) -> Node {
    let members = Case.bodyKeys.compactMap { key in top.node(key).map { Node.Member(key: key, place: $0.place, value: $0) } }
    return Node(.mapping(members), at: top.place)
  }
}

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
      guard let part = fields.node(each.rawValue), part.members != nil, each == tier else { continue }
      result = result.merging(part)
    }
    try fields.finish()
    return result
  }
}
