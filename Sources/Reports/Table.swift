import Documents
import Manifests
import Runs

/// A table as values; `TableFormat` renders it.
public struct Table: Sendable {
  public struct Column: Sendable {
    public let title: String
    /// Numbers stand to the right.
    public let isNumeric: Bool

    public init(title: String, isNumeric: Bool) {
      self.title = title
      self.isNumeric = isNumeric
    }
  }

  public let name: String
  public let title: String
  public let columns: [Column]
  /// Texts; empty where there is nothing to show.
  public let rows: [[String]]

  public init(name: String, title: String, columns: [Column], rows: [[String]]) {
    precondition(rows.allSatisfy { $0.count == columns.count }, "each row has a cell for each column")
    self.name = name
    self.title = title
    self.columns = columns
    self.rows = rows
  }

  /// Builds a manifest's table from the finished runs of its cases: published values stand in a column after ours, a run that has not
  /// converged shows its status, and a run that is missing shows dashes. Several repetitions show as mean ± standard deviation.
  public init(_ spec: TableSpec, manifest: Manifest, results: [CaseResult]) {
    var columns: [Column] = []
    for column in spec.columns {
      let isNumeric = if case .metric = column.source { true } else { false }
      columns.append(Column(title: column.title, isNumeric: isNumeric))
      if column.showsPublished { columns.append(Column(title: "published", isNumeric: true)) }
    }
    let rows = zip(manifest.cases, results).map { each, result in
      spec.columns.flatMap { column -> [String] in
        switch column.source {
        case .row(let key): return [each.row[key] ?? each.label]
        case .metric(let metric):
          let own = Self.text(result, metric, digits: column.digits)
          let published = each.published[metric].map { Self.text(.number($0), digits: column.digits) } ?? ""
          return column.showsPublished ? [own, published] : [own]
        }
      }
    }
    self.init(name: spec.name, title: "\(spec.title) (\(manifest.tier.rawValue) tier)", columns: columns, rows: rows)
  }

  private static func text(_ result: CaseResult, _ metric: String, digits: Int?) -> String {
    guard result.isComplete else { return result.records.isEmpty ? "–" : "\(result.records.count) of \(result.expected) runs" }
    guard let deviation = result.deviation(of: metric), let mean = result.value(of: metric)?.number else {
      return text(result.value(of: metric), digits: digits)
    }
    return fixed(mean, digits: digits ?? 3) + " ± " + fixed(deviation, digits: digits ?? 3)
  }

  private static func text(_ value: Value?, digits: Int?) -> String {
    switch value {
    case .number(let number)?: fixed(number, digits: digits ?? 3)
    case .integer(let integer)?: digits.map { fixed(Double(integer), digits: $0) } ?? "\(integer)"
    case .bool(let flag)?: flag ? "yes" : "no"
    case .string(let text)?: text
    case nil, .null?: "n/a"
    case let other?: other.text
    }
  }
}

/// A number with a fixed count of digits after the point.
public func fixed(_ number: Double, digits: Int) -> String {
  guard number.isFinite else { return "\(number)" }
  guard abs(number) < 1e15 else { return "\(number)" }
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  let scaled = (abs(number) * scale).rounded()
  guard scaled < 9e18 else { return "\(number)" }
  let whole = UInt64(scaled)
  let sign = number < 0 && whole > 0 ? "−" : ""
  guard digits > 0 else { return sign + "\(whole)" }
  let text = String(repeating: "0", count: max(0, digits + 1 - "\(whole)".count)) + "\(whole)"
  return sign + text.dropLast(digits) + "." + text.suffix(digits)
}
