import Documents

/// A table of the paper: which columns, in which order.
public struct TableSpec: Sendable {
  public struct Column: Sendable {
    public let title: String
    /// Where the cell comes from: a key of the case's `row`, or a metric.
    public let source: Source
    /// Digits after the point; nil shows whole numbers as they are and others with three.
    public let digits: Int?
    /// Whether the published value and the difference to it follow in columns of their own.
    public let showsPublished: Bool
    public let place: Place
  }

  public enum Source: Sendable, Equatable {
    case row(String)
    case metric(String)
  }

  public let name: String
  public let title: String
  public let columns: [Column]
  /// Only rows with these cells are shown.
  public let filter: [String: Value]
  public let place: Place

  static let digitRange = 0...15

  static func read(_ node: Node?) throws(DocumentError) -> [TableSpec] {
    guard let node else { return [] }
    guard case .sequence(let nodes) = node.content else { throw DocumentError(place: node.place, problem: "'tables' is not a list") }
    var specs: [TableSpec] = []
    for node in nodes { specs.append(try TableSpec(node)) }
    return specs
  }

  private init(_ node: Node) throws(DocumentError) {
    let fields = try Fields(node, path: "tables")
    name = try fields.string("name")
    place = node.place
    title = try fields.string("title")
    guard case .sequence(let nodes)? = fields.node("columns")?.content else {
      throw DocumentError(place: node.place, problem: "the table '\(name)' has no list of columns")
    }
    var columns: [Column] = []
    for node in nodes {
      let column = try Fields(node, path: "tables.columns")
      let source: Source
      if let row = try column.optionalString("row") { source = .row(row) } else { source = .metric(try column.string("metric")) }
      let fallback =
        switch source {
        case .row(let key): key;
        case .metric(let metric): metric
        }
      columns.append(
        Column(
          title: try column.string("title", default: fallback), source: source,
          digits: try column.optionalInteger("digits", in: TableSpec.digitRange),
          showsPublished: try column.bool("published", default: false), place: node.place))
      try column.finish()
    }
    self.columns = columns
    filter = try fields.rowFilter()
    try fields.finish()
  }
}

extension Fields {
  /// `where`: the cells that rows must have to be shown.
  func rowFilter() throws(DocumentError) -> [String: Value] {
    guard let filter = (node("where")?.value ?? [:]).object else { throw error("where", "is no mapping of keys to values") }
    return filter
  }
}
