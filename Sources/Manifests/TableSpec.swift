import Documents

/// A table as the manifest declares it: its columns, in order.
public struct TableSpec: Sendable {
  /// A column of a table.
  public struct Column: Sendable {
    /// The title of the column.
    public let title: String
    /// The content of the column: a key of the rows, or a metric.
    public let source: Source
    /// The digits after the point; if nil, whole numbers are shown as they are and others with three digits.
    public let digits: Int?
    /// Whether two more columns show the published value and the difference to it.
    public let showsPublished: Bool
    /// The place of the column in the manifest.
    public let place: Place
  }

  /// The content of a column.
  public enum Source: Sendable, Equatable {
    /// A cell of the row: a key of the case's `row`, or the path of a parameter.
    case row(String)
    /// A metric.
    case metric(String)
  }

  /// The name of the table, which is used for files.
  public let name: String
  /// The title of the table.
  public let title: String
  /// The columns of the table in order.
  public let columns: [Column]
  /// The table shows only rows with these cells.
  public let filter: [String: Value]
  /// The place of the table in the manifest.
  public let place: Place

  static let digitRange = 0...15

  static func read(_ node: Node?) throws(DocumentError) -> [TableSpec] {
    guard let node else { return [] }
    guard case .sequence(let nodes) = node.content else {
      throw DocumentError(place: node.place, problem: "'tables' is not a list")
    }
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
      if let row = try column.optionalString("row") {
        source = .row(row)
      } else {
        source = .metric(try column.string("metric"))
      }
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
  /// Reads `where`, the cells that a row must have to be shown.
  func rowFilter() throws(DocumentError) -> [String: Value] {
    guard let filter = (node("where")?.value ?? [:]).object else {
      throw error("where", "is not a mapping of keys to values")
    }
    return filter
  }
}
