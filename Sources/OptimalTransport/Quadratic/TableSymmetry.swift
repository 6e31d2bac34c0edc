import LinearAlgebra

/// Whether the product of the weights is too uninformative to be the only start for two tables.
///
/// This is the case if all rows of X or all rows of Y have the same mean, so that every plan between rows has the
/// same cost for the product plan between columns. It is also the case if the values, row means, and column means of
/// both tables are equally distributed, so that the tables may be equal up to permutations. Both are judged to 1e-4
/// of the tables' variance. Constant tables need no search.
struct TableSymmetry {
  let isSuspected: Bool

  /// Compares two tables.
  ///
  /// - Parameters:
  ///   - x: the table X, n×d.
  ///   - y: the table Y, m×e.
  ///   - rows: the weights of the rows of both tables.
  ///   - columns: the weights of the columns of both tables.
  init(
    _ x: Matrix, _ y: Matrix, rows: (source: [Double], target: [Double]), columns: (source: [Double], target: [Double])
  ) {
    let (first, second) = (Distributions(x, rows.source, columns.source), Distributions(y, rows.target, columns.target))
    let (p, q) = (first.variances, second.variances)
    let scale = p.values + q.values
    guard p.values > 0, q.values > 0, scale.isFinite else {
      isSuspected = false
      return
    }
    let allowed = 1e-4 * scale
    let isStationary = p.rows * q.rows <= 1e-8 * p.values * q.values
    isSuspected =
      isStationary
      || first.rows.squaredDistance(to: second.rows) <= allowed
        && first.columns.squaredDistance(to: second.columns) <= allowed
        && first.values.squaredDistance(to: second.values) <= allowed
  }

  /// The distributions of a table's values, row means, and column means.
  private struct Distributions {
    let values: ThirdLowerBound.Profile
    let rows: ThirdLowerBound.Profile
    let columns: ThirdLowerBound.Profile
    let variances: (values: Double, rows: Double)

    init(_ table: Matrix, _ rowWeights: [Double], _ columnWeights: [Double]) {
      let (rowMass, columnMass) = (compensatedSum(rowWeights), compensatedSum(columnWeights))
      let (a, c) = (rowWeights.map { $0 / rowMass }, columnWeights.map { $0 / columnMass })
      let weights = Matrix(outer: a, c).elements
      let (rowMeans, columnMeans) = (table * c, table.transposedProduct(a))
      values = .init(table.elements, weights: weights)
      rows = .init(rowMeans, weights: a)
      columns = .init(columnMeans, weights: c)
      func variance(_ numbers: [Double], _ weights: [Double]) -> Double {
        let mean = dot(numbers, weights)
        return zip(numbers, weights).reduce(0) { $0 + $1.1 * ($1.0 - mean) * ($1.0 - mean) }
      }
      variances = (variance(table.elements, weights), variance(rowMeans, a))
    }
  }
}
