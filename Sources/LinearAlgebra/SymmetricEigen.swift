import COpenBLAS

/// The eigenvalues and eigenvectors of a symmetric matrix, in ascending order of the eigenvalues.
///
/// Only the lower triangle is read. Computed by LAPACK's divide and conquer (`dsyevd`), O(n³).
public struct SymmetricEigen: Sendable {
  /// Ascending.
  public let values: [Double]
  /// Row k is the unit eigenvector to `values[k]`.
  public let vectors: Matrix

  /// Returns nil when LAPACK does not converge, which happens only for matrices with NaN or infinite elements.
  public init?(_ matrix: Matrix) {
    precondition(matrix.isSquare, "only a square matrix has eigenvalues")
    var n = Int32(matrix.rows)
    // LAPACK works by columns, so that its upper triangle is our lower one and its eigenvector columns are our rows.
    var a = matrix.elements
    var values = [Double](repeating: 0, count: matrix.rows)
    var work = [0.0]
    var integerWork: [Int32] = [0]
    var query: Int32 = -1
    var info: Int32 = 0
    dsyevd_("V", "U", &n, &a, &n, &values, &work, &query, &integerWork, &query, &info)
    var workCount = Int32(work[0])
    var integerCount = integerWork[0]
    work = [Double](repeating: 0, count: Int(workCount))
    integerWork = [Int32](repeating: 0, count: Int(integerCount))
    dsyevd_("V", "U", &n, &a, &n, &values, &work, &workCount, &integerWork, &integerCount, &info)
    guard info == 0 else { return nil }
    self.values = values
    self.vectors = Matrix(rows: matrix.rows, columns: matrix.rows, elements: a)
  }
}
