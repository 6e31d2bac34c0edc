import Documents
import Manifests
import Runs

/// A table as a value that `TableFormat` renders.
public struct Table: Sendable {
  /// A column of a table.
  public struct Column: Sendable {
    /// The title of the column.
    public let title: String
    /// Whether the column holds numbers, which are aligned to the right.
    public let isNumeric: Bool
    /// The title of the column that this one belongs to, which CSV and JSON files put before its own title.
    public let owner: String?

    /// Creates a column from its title; numeric columns are aligned to the right.
    public init(title: String, isNumeric: Bool, owner: String? = nil) {
      self.title = title
      self.isNumeric = isNumeric
      self.owner = owner
    }

    /// A title that is unique in the table.
    var fullTitle: String { owner.map { "\($0) \(title)" } ?? title }
  }

  /// The name of the table, which is used for files.
  public let name: String
  /// The title of the table.
  public let title: String
  /// The columns of the table in order.
  public let columns: [Column]
  /// The cells of each row.
  public let rows: [[Cell]]
  /// Whether all runs of each row have converged; nil if rows do not stand for runs.
  public let converged: [Bool]?
  /// Sentences that are shown below the table.
  public let notes: [String]

  /// Creates a table; each row must have a cell for each column.
  public init(
    name: String, title: String, columns: [Column], rows: [[Cell]], converged: [Bool]? = nil, notes: [String] = []
  ) {
    precondition(rows.allSatisfy { $0.count == columns.count }, "each row has a cell for each column")
    self.name = name
    self.title = title
    self.columns = columns
    self.rows = rows
    self.converged = converged
    self.notes = notes
  }

  /// Creates a table of texts.
  public init(name: String, title: String, columns: [Column], rows: [[String]]) {
    self.init(name: name, title: title, columns: columns, rows: rows.map { $0.map(Cell.text) })
  }
}

extension Table {
  /// Creates a table that a manifest declares from the finished runs of its rows.
  ///
  /// Published values and the differences to them follow in columns of their own. Values of runs that did not
  /// converge are marked and explained in a note, and missing runs show a dash. Repetitions are shown as mean ±
  /// standard deviation, or as all equal.
  ///
  /// - Parameters:
  ///   - spec: the table.
  ///   - manifest: the manifest.
  ///   - all: the results of all rows.
  public init(_ spec: TableSpec, manifest: Manifest, results all: [CaseResult]) {
    let results = all.filter { $0.fits(spec.filter) }
    let rows = results.map { result in spec.columns.flatMap { Self.cells($0, result, of: results) } }
    let unconverged = results.filter { $0.unconverged > 0 }
    var notes: [String] = []
    if !unconverged.isEmpty {
      let rows = unconverged.prefix(6).map { result in
        let outcomes = Set(result.runs.filter { !$0.isConverged }.map(\.outcome)).sorted().joined(separator: ", ")
        return
          """
          \(result.label) \
          (\(result.expected > 1 ? "\(result.unconverged) of \(result.expected) runs: " : "")\(outcomes))
          """
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

  /// Returns the columns for one column of a specification.
  ///
  /// - Parameters:
  ///   - column: the specification.
  ///   - results: the results of the rows.
  ///   - isRepeated: whether another column has the same title, so that files for programs need the key.
  /// - Returns: The column, followed by those of published values and differences if they are shown.
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
      // Trailing zeros of a published number are lost when it is read; the other numbers of the column show how many
      // digits the paper gives.
      let digits = min(column.digits ?? 3, all.compactMap { $0.published[metric] }.map(digits).max() ?? 0)
      return [
        own, .number(published, digits: digits), mean.map { .difference($0 - published, digits: digits) } ?? .empty,
      ]
    }
  }

  private static func cell(_ result: CaseResult, _ metric: String, digits: Int?) -> Cell {
    guard result.isComplete else {
      return .text(result.runs.isEmpty ? "–" : "\(result.runs.count) of \(result.expected) runs")
    }
    guard let value = result.value(of: metric) else { return .text("n/a") }
    guard let number = value.number else { return plain(value, digits: digits) }
    let spread = result.deviation(of: metric).map { Cell.Spread(deviation: $0, repetitions: result.expected) }
    let isWhole = value.integer != nil && spread == nil
    return .number(number, digits: digits ?? (isWhole ? 0 : 3), spread: spread, isFlagged: result.unconverged > 0)
  }

  /// Returns the digits after the point that a paper gives for a number, so that it does not look more precise than
  /// it is.
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
