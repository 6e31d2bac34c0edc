import Documents

/// An experiment as its manifest declares it, for one tier and with all overrides applied.
///
/// The experiment's kind reads the sections `data`, `params`, and `solver`; everything else is read and checked here.
public struct Manifest: Sendable {
  /// The name of the experiment, which equals that of its folder.
  public let name: String
  /// The title for lists and pages.
  public let title: String
  /// The paper that the experiment reproduces.
  public let paper: Paper
  /// The name of the kind that runs the experiment.
  public let kind: String
  /// The tier that was asked for.
  public let tier: Tier
  /// The rows: the entries of `cases`, each combined with the points of its sweep.
  public let cases: [Case]
  /// The expectations for the metrics.
  public let metrics: [MetricRule]
  /// The tables that the manifest declares, in order.
  public let tables: [TableSpec]
  /// The figures about several rows.
  public let figures: [FigureSpec]
  /// The limits of each run.
  public let limits: Limits
  /// The path of the manifest.
  public let path: String

  /// A paper and the parts of it that are reproduced.
  public struct Paper: Sendable {
    /// The citation, such as `author2025`; empty if there is none.
    public let cite: String
    /// The tables and figures that are reproduced.
    public let reproduces: [String]
  }

  /// Resolves a manifest for a tier.
  ///
  /// Later layers win: the document, the tier, the case, the point of a sweep, and finally `--set`.
  ///
  /// - Parameters:
  ///   - source: the manifest file.
  ///   - tier: the tier.
  ///   - overrides: the values from `--set`.
  ///   - sweeps: the axes from `--sweep`.
  /// - Throws: `DocumentError` with file, line, and column.
  public init(
    _ source: ManifestSource, tier: Tier = .smoke, overrides: [Override] = [], sweeps: [SweepOption] = []
  ) throws(DocumentError) {
    let top = try Fields(try source.resolved(tier: tier))
    guard try top.integer("schema") == 1 else {
      throw top.error("schema", "is not 1, the only version this build reads")
    }
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
      top.node("cases"), shared: shared, defaults: (seed, repetitions),
      changes: try .init(overrides: overrides, sweeps: sweeps),
      at: top.place)
    try Self.add(try top.mapping("published"), to: &cases)
    self.cases = cases
    try top.finish()
  }

  /// The sections that all cases start from.
  private static func shared(_ top: Fields) -> Node {
    let members = Case.sharedKeys.compactMap { key in
      top.node(key).map { Node.Member(key: key, place: $0.place, value: $0) }
    }
    return Node(.mapping(members), at: top.place)
  }

  /// Adds the numbers that the manifest's own `published` gives by label.
  private static func add(_ published: [Node.Member], to cases: inout [Case]) throws(DocumentError) {
    for member in published {
      guard let index = cases.firstIndex(where: { $0.label == member.key }) else {
        let hint = nearest(to: member.key, among: cases.map(\.label)).map { "; did you mean '\($0)'?" } ?? ""
        throw DocumentError(
          place: member.place, problem: "'published' names '\(member.key)', but no row has this label\(hint)")
      }
      guard let numbers = member.value.members else {
        throw DocumentError(
          place: member.value.place,
          problem: "'published.\(member.key)' is \(member.value.kindName), but a mapping of metrics was expected"
        )
      }
      cases[index].published.merge(try Case.published(numbers)) { $1 }
    }
  }
}
