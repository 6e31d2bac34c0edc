import LinearAlgebra

extension Matrix {
  /// Rounds this plan to one with prescribed marginals.
  ///
  /// Rows and columns with too much mass are scaled down, and the missing mass is added as a product plan
  /// (Altschuler, Weed, and Rigollet, 2017, arXiv:1705.09634, Algorithm 2). The L1 distance to this plan is at most
  /// twice its marginal error.
  ///
  /// - Parameters:
  ///   - a: the row marginal, not negative.
  ///   - b: the column marginal, not negative, with the same sum.
  /// - Returns: the rounded plan.
  /// - Complexity: O(nm)
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
