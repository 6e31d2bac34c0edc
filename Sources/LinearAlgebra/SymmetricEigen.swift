import COpenBLAS

/// The eigenvalues and eigenvectors of a symmetric matrix, in ascending order of the eigenvalues.
///
/// Only the lower triangle is read. Computed by LAPACK's divide and conquer (`dsyevd`), or, where its work would have more numbers than 32 bits can
/// count, by relatively robust representations (`dsyevr`), which need n² numbers more and work of O(n). O(n³), on one thread.
public struct SymmetricEigen: Sendable {
  /// Ascending.
  public let values: [Double]
  /// Row k is the unit eigenvector to `values[k]`.
  public let vectors: Matrix

  /// The largest n of which 1 + 6n + 2n², the work of divide and conquer, is below 2³¹.
  static let largestByDivision = 32_766

  /// Returns nil when LAPACK does not converge, which happens only for matrices with NaN or infinite elements.
  public init?(_ matrix: Matrix) { self.init(matrix, largestByDivision: Self.largestByDivision) }

  /// - Parameter largestByDivision: the largest size that is left to divide and conquer.
  init?(_ matrix: Matrix, largestByDivision: Int) {
    precondition(matrix.isSquare, "only a square matrix has eigenvalues")
    BLAS.prepare()
    let found = matrix.rows <= largestByDivision ? Self.dividing(matrix) : Self.byRobustRepresentations(matrix)
    guard let found else { return nil }
    values = found.values
    vectors = Matrix(rows: matrix.rows, columns: matrix.rows, elements: found.vectors)
  }

  // LAPACK works by columns, so that its upper triangle is our lower one and its eigenvector columns are our rows.

  private static func dividing(_ matrix: Matrix) -> (values: [Double], vectors: [Double])? {
    var n = Int32(matrix.rows)
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
    return info == 0 ? (values, a) : nil
  }

  private static func byRobustRepresentations(_ matrix: Matrix) -> (values: [Double], vectors: [Double])? {
    // It may not come to an end with numbers that are none.
    if matrix.firstNonFinite != nil { return nil }
    var n = Int32(matrix.rows)
    var a = matrix.elements
    var values = [Double](repeating: 0, count: matrix.rows)
    var vectors = [Double](repeating: 0, count: a.count)
    var support = [Int32](repeating: 0, count: 2 * matrix.rows)
    var (work, integerWork): ([Double], [Int32]) = ([0], [0])
    var (unused, index, tolerance, query): (Double, Int32, Double, Int32) = (0, 0, 0, -1)
    var (found, info): (Int32, Int32) = (0, 0)
    dsyevr_(
      "V", "A", "U", &n, &a, &n, &unused, &unused, &index, &index, &tolerance, &found, &values, &vectors, &n, &support, &work, &query,
      &integerWork, &query, &info)
    var workCount = Int32(work[0])
    var integerCount = integerWork[0]
    work = [Double](repeating: 0, count: Int(workCount))
    integerWork = [Int32](repeating: 0, count: Int(integerCount))
    dsyevr_(
      "V", "A", "U", &n, &a, &n, &unused, &unused, &index, &index, &tolerance, &found, &values, &vectors, &n, &support, &work, &workCount,
      &integerWork, &integerCount, &info)
    return info == 0 && found == n ? (values, vectors) : nil
  }
}
