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
  /// The rows: each entry of `cases` times the points of its sweep.
  public let cases: [Case]
  public let metrics: [MetricRule]
  public let tables: [TableSpec]
  public let figures: [FigureSpec]
  public let limits: Limits
  public let path: String

  public struct Paper: Sendable {
    public let cite: String
    public let reproduces: [String]
  }

  public init(
    _ source: ManifestSource, tier: Tier = .smoke, overrides: [Override] = [], sweeps: [SweepOption] = []
  ) throws(DocumentError) {
    let top = try Fields(try source.resolved(tier: tier))
    guard try top.integer("schema") == 1 else { throw top.error("schema", "is not 1, the only version this build reads") }
    let written = try top.string("name")
    if written != source.name { throw top.error("name", "is '\(written)', but the folder is called '\(source.name)'") }
    name = source.name
    title = try top.string("title")
    let paper = try top.fieldsOrEmpty("paper")
    self.paper = Paper(cite: try paper.string("cite", default: ""), reproduces: try paper.strings("reproduces"))
    kind = try top.string("kind")
    self.tier = tier
    path = source.path
    limits = try Limits(try top.fieldsOrEmpty("limits"))
    metrics = try MetricRule.read(top.node("metrics"))
    tables = try TableSpec.read(top.node("tables"))
    figures = try FigureSpec.read(top.node("figures"))
    let seed = try top.integer("seed", default: 0, in: Case.seedRange)
    let repetitions = try top.integer("repeat", default: 1, in: Case.repetitionRange)
    let shared = Self.shared(top)
    var cases = try Case.read(
      top.node("cases"), shared: shared, defaults: (seed, repetitions), changes: try .init(overrides: overrides, sweeps: sweeps),
      at: top.place)
    try Self.add(try top.mapping("published"), to: &cases)
    self.cases = cases
    try top.finish()
  }

  /// What all cases start from.
  private static func shared(_ top: Fields) -> Node {
    let members = Case.sharedKeys.compactMap { key in top.node(key).map { Node.Member(key: key, place: $0.place, value: $0) } }
    return Node(.mapping(members), at: top.place)
  }

  /// The paper's numbers that stand by label, for the rows of a sweep.
  private static func add(_ published: [Node.Member], to cases: inout [Case]) throws(DocumentError) {
    for member in published {
      guard let index = cases.firstIndex(where: { $0.label == member.key }) else {
        let hint = nearest(to: member.key, among: cases.map(\.label)).map { "; did you mean '\($0)'?" } ?? ""
        throw DocumentError(place: member.place, problem: "'published' names '\(member.key)', but no row has this label\(hint)")
      }
      guard let numbers = member.value.members else {
        throw DocumentError(
          place: member.value.place, problem: "'published.\(member.key)' is \(member.value.kindName), but a mapping of metrics was expected"
        )
      }
      cases[index].published.merge(try Case.published(numbers)) { $1 }
    }
  }
}
