import Documents
import Manifests
import Runs

/// A table as values; `TableFormat` renders it.
public struct Table: Sendable {
  public struct Column: Sendable {
    public let title: String
    /// Numbers stand to the right.
    public let isNumeric: Bool
    /// The column that this one belongs to, which files for programs name with it.
    public let owner: String?

    public init(title: String, isNumeric: Bool, owner: String? = nil) {
      self.title = title
      self.isNumeric = isNumeric
      self.owner = owner
    }

    /// Unlike any other column's.
    var fullTitle: String { owner.map { "\($0) \(title)" } ?? title }
  }

  public let name: String
  public let title: String
  public let columns: [Column]
  public let rows: [[Cell]]
  /// Whether each row's runs have all converged; nil where rows are no runs.
  public let converged: [Bool]?
  /// Sentences below the table.
  public let notes: [String]

  public init(name: String, title: String, columns: [Column], rows: [[Cell]], converged: [Bool]? = nil, notes: [String] = []) {
    precondition(rows.allSatisfy { $0.count == columns.count }, "each row has a cell for each column")
    self.name = name
    self.title = title
    self.columns = columns
    self.rows = rows
    self.converged = converged
    self.notes = notes
  }

  /// A list of texts.
  public init(name: String, title: String, columns: [Column], rows: [[String]]) {
    self.init(name: name, title: title, columns: columns, rows: rows.map { $0.map(Cell.text) })
  }
}

extension Table {
  /// Builds a manifest's table from the finished runs of its rows: published values and the difference to them stand in columns after ours, a
  /// value whose run has not converged is marked and explained below, and a run that is missing shows a dash. Several repetitions show as
  /// mean ± standard deviation, or as being all equal.
  public init(_ spec: TableSpec, manifest: Manifest, results all: [CaseResult]) {
    let results = all.filter { $0.fits(spec.filter) }
    let rows = results.map { result in spec.columns.flatMap { Self.cells($0, result, of: results) } }
    let unconverged = results.filter { $0.unconverged > 0 }
    var notes: [String] = []
    if !unconverged.isEmpty {
      let rows = unconverged.prefix(6).map { result in
        let outcomes = Set(result.runs.filter { !$0.isConverged }.map(\.outcome)).sorted().joined(separator: ", ")
        return "\(result.label) (\(result.expected > 1 ? "\(result.unconverged) of \(result.expected) runs: " : "")\(outcomes))"
      }
      notes.append("\(Cell.flag) not converged: \(rows.joined(separator: "; "))\(unconverged.count > 6 ? "; …" : "")")
    }
    self.init(
      name: spec.name, title: "\(spec.title) (\(manifest.tier.rawValue) tier)",
      columns: spec.columns.flatMap { column in
        Self.columns(column, results, isRepeated: spec.columns.count { $0.title == column.title } > 1)
      },
      rows: rows,
      converged: results.map { $0.isComplete && $0.unconverged == 0 }, notes: notes)
  }

  /// - Parameter isRepeated: whether another column has the same title, so that its key tells them apart for programs.
  private static func columns(_ column: TableSpec.Column, _ results: [CaseResult], isRepeated: Bool) -> [Column] {
    let (isNumeric, key) =
      switch column.source {
      case .metric(let key): (true, key)
      case .row(let key): (results.contains { $0.cell(key)?.number != nil }, key)
      }
    let own = Column(title: column.title, isNumeric: isNumeric, owner: isRepeated ? key : nil)
    return column.showsPublished
      ? [own] + ["published", "difference"].map { Column(title: $0, isNumeric: true, owner: column.title) } : [own]
  }

  private static func cells(_ column: TableSpec.Column, _ result: CaseResult, of all: [CaseResult]) -> [Cell] {
    switch column.source {
    case .row(let key): return [plain(result.cell(key), digits: column.digits)]
    case .metric(let metric):
      let own = cell(result, metric, digits: column.digits)
      guard column.showsPublished else { return [own] }
      guard let published = result.published[metric] else { return [own, .empty, .empty] }
      let mean = result.value(of: metric)?.number
      // Zeros at a number's end are lost to us; the column's other numbers show how many digits its paper gives.
      let digits = min(column.digits ?? 3, all.compactMap { $0.published[metric] }.map(digits).max() ?? 0)
      return [own, .number(published, digits: digits), mean.map { .difference($0 - published, digits: digits) } ?? .empty]
    }
  }

  private static func cell(_ result: CaseResult, _ metric: String, digits: Int?) -> Cell {
    guard result.isComplete else { return .text(result.runs.isEmpty ? "–" : "\(result.runs.count) of \(result.expected) runs") }
    guard let value = result.value(of: metric) else { return .text("n/a") }
    guard let number = value.number else { return plain(value, digits: digits) }
    let spread = result.deviation(of: metric).map { Cell.Spread(deviation: $0, repetitions: result.expected) }
    let isWhole = value.integer != nil && spread == nil
    return .number(number, digits: digits ?? (isWhole ? 0 : 3), spread: spread, isFlagged: result.unconverged > 0)
  }

  /// How many digits after the point a paper gives, so that its number is not shown as better known than it is.
  private static func digits(_ published: Double) -> Int {
    let text = "\(published)"
    return text.contains("e") ? 15 : text.split(separator: ".").dropFirst().first?.count ?? 0
  }

  private static func plain(_ value: Value?, digits: Int?) -> Cell {
    switch value {
    case nil, .null?: .empty
    case .bool(let flag)?: .text(flag ? "yes" : "no")
    case .number(let number)?: digits.map { .number(number, digits: $0) } ?? .text(value?.text ?? "")
    case .integer(let integer)?: .text("\(integer)")
    case let other?: .text(other.text)
    }
  }
}
