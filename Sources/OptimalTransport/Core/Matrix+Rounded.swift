import LinearAlgebra

extension Matrix {
  /// A plan near this one whose marginals are the weights: rows and columns that hold too much are scaled down, and what is missing then is added as
  /// a product (Altschuler, Weed, Rigollet 2017, arXiv:1705.09634, algorithm 2). Its distance to this one (L1) is at most twice the marginal error. O(nm).
  ///
  /// - Parameters:
  ///   - a, b: not negative, of equal sums.
  func rounded(toMarginals a: [Double], _ b: [Double]) -> Matrix {
    let rowScales = zip(a, rowSums).map { $1 > $0 ? $0 / $1 : 1 }
    var plan = Matrix(rows: rows, columns: columns) { self[$0, $1] * rowScales[$0] }
    let columnScales = zip(b, plan.columnSums).map { $1 > $0 ? $0 / $1 : 1 }
    plan = Matrix(rows: rows, columns: columns) { plan[$0, $1] * columnScales[$1] }
    let missing = (
      rows: zip(a, plan.rowSums).map { max($0 - $1, 0) }, columns: zip(b, plan.columnSums).map { max($0 - $1, 0) }
    )
    let total = compensatedSum(missing.rows)
    guard total > 0 else { return plan }
    return Matrix(rows: rows, columns: columns) { plan[$0, $1] + missing.rows[$0] * missing.columns[$1] / total }
  }
}
