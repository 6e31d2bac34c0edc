import LinearAlgebra

/// What the points of spaces are, beside how far they are from each other: coordinates whose squared distances a fused
/// barycenter pays.
public struct BarycenterFeatures: Sendable {
  /// Y_s, n_s×d: a row for each point of the space.
  public let tables: [Matrix]
  /// X, N×d: the barycenter's own, to start from.
  public let start: Matrix
  /// α in [0, 1], the share of the quadratic part.
  public let alpha: Double

  /// - Parameters:
  ///   - tables: one for each space, of one number of columns.
  ///   - start: N rows of as many columns.
  ///   - alpha: ½ by default.
  public init(tables: [Matrix], start: Matrix, alpha: Double = 0.5) {
    self.tables = tables
    self.start = start
    self.alpha = alpha
  }

  func validate(_ spaces: [MetricMeasureSpace], points: Int) throws(ProblemError) {
    if tables.count != spaces.count {
      throw .shape(name: "the list of features", found: "\(tables.count) tables", expected: "\(spaces.count) (spaces)")
    }
    let wanted =
      zip(tables, spaces.map(\.count)).map { ("a table of features", $0, $1) } + [
        ("the barycenter's features", start, points)
      ]
    for (name, table, rows) in wanted {
      if start.columns == 0 { throw .empty(name: name) }
      try ProblemError.validate(table, named: name, rows: rows, columns: start.columns)
      try ProblemError.validate(table, named: name, atMost: largestDistance.squareRoot() / 2)
    }
  }

  /// Σ_s λ_s P_s Y_s / p: the best features for the plans.
  ///
  /// Points of weight zero keep theirs.
  func means(_ plans: [Matrix], _ lambda: [Double], _ p: [Double], keeping points: Matrix) -> Matrix {
    var sum = Matrix(rows: points.rows, columns: points.columns)
    for ((plan, table), share) in zip(zip(plans, tables), lambda) {
      let shares = plan.rowSums
      let moved = plan * table
      for i in p.indices where shares[i] > 0 {
        for k in 0..<points.columns { sum[i, k] += share * moved[i, k] / shares[i] }
      }
    }
    return Matrix(rows: points.rows, columns: points.columns) { p[$0] > 0 ? sum[$0, $1] : points[$0, $1] }
  }
}
