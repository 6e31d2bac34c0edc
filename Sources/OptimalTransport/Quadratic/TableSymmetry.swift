import LinearAlgebra

/// Whether the product of the weights says too little of two tables to be the only start.
///
/// It does where rows of X or of Y have all one mean, so that every plan between rows costs the same for the product plan between columns; and where
/// values, means of rows and means of columns are distributed alike, so that nothing excludes that the tables are one up to the order of rows
/// and columns. Both are judged to a ten-thousandth of the tables' variance. Tables of one value have nothing to be found.
struct TableSymmetry {
  let isSuspected: Bool

  /// - Parameters:
  ///   - rows: weights of the rows of both tables.
  ///   - columns: weights of their columns.
  init(_ x: Matrix, _ y: Matrix, rows: (source: [Double], target: [Double]), columns: (source: [Double], target: [Double])) {
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
        && first.columns.squaredDistance(to: second.columns) <= allowed && first.values.squaredDistance(to: second.values) <= allowed
  }

  /// How the values of a table, and the means of its rows and columns, are distributed.
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
