import COpenBLAS

/// Eigenvalues and unit eigenvectors of a symmetric matrix, all of them or the largest, in ascending order of the eigenvalues.
///
/// Only the lower triangle is read. All of them are computed by LAPACK's divide and conquer (`dsyevd`), or, where its work would have more numbers
/// than 32 bits can count, by relatively robust representations (`dsyevr`), which need n² numbers more and work of O(n); the largest always by the
/// latter. O(n³) on one thread; for few of many most of that is the reduction to a tridiagonal matrix, 4/3 n³. The signs of eigenvectors are LAPACK's.
public struct SymmetricEigen: Sendable {
  /// Ascending.
  public let values: [Double]
  /// Row k is the unit eigenvector to `values[k]`.
  public let vectors: Matrix

  /// The largest n of which 1 + 6n + 2n², the work of divide and conquer, is below 2³¹.
  static let largestByDivision = 32_766

  /// All eigenvalues and eigenvectors. Returns nil when LAPACK does not converge, which happens only for matrices with NaN or infinite elements.
  public init?(_ matrix: Matrix) { self.init(matrix, largestByDivision: Self.largestByDivision) }

  /// The largest eigenvalues and their eigenvectors. Returns nil for matrices with NaN or infinite elements.
  ///
  /// - Parameter count: how many; all where the matrix has no more.
  public init?(_ matrix: Matrix, largest count: Int) {
    precondition(matrix.isSquare && count >= 0, "only a square matrix has eigenvalues")
    BLAS.prepare()
    self.init(Self.byRobustRepresentations(matrix, largest: min(count, matrix.rows)), size: matrix.rows)
  }

  /// - Parameter largestByDivision: the largest size that is left to divide and conquer.
  init?(_ matrix: Matrix, largestByDivision: Int) {
    precondition(matrix.isSquare, "only a square matrix has eigenvalues")
    BLAS.prepare()
    let found =
      matrix.rows <= largestByDivision ? Self.dividing(matrix) : Self.byRobustRepresentations(matrix, largest: matrix.rows)
    self.init(found, size: matrix.rows)
  }

  private init?(_ found: (values: [Double], vectors: [Double])?, size: Int) {
    guard let found else { return nil }
    values = found.values
    vectors = Matrix(rows: found.values.count, columns: size, elements: found.vectors)
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

  private static func byRobustRepresentations(_ matrix: Matrix, largest count: Int) -> (values: [Double], vectors: [Double])? {
    // It may not come to an end with numbers that are none.
    if matrix.firstNonFinite != nil { return nil }
    if count == 0 { return ([], []) }
    var n = Int32(matrix.rows)
    var a = matrix.elements
    var values = [Double](repeating: 0, count: matrix.rows)
    var vectors = [Double](repeating: 0, count: matrix.rows * count)
    var support = [Int32](repeating: 0, count: 2 * max(count, 1))
    var (work, integerWork): ([Double], [Int32]) = ([0], [0])
    var (unused, tolerance, query): (Double, Double, Int32) = (0, 0, -1)
    var (first, last) = (Int32(matrix.rows - count + 1), n)
    var (found, info): (Int32, Int32) = (0, 0)
    let range = count == matrix.rows ? "A" : "I"
    dsyevr_(
      "V", range, "U", &n, &a, &n, &unused, &unused, &first, &last, &tolerance, &found, &values, &vectors, &n, &support, &work, &query,
      &integerWork, &query, &info)
    var workCount = Int32(work[0])
    var integerCount = integerWork[0]
    work = [Double](repeating: 0, count: Int(workCount))
    integerWork = [Int32](repeating: 0, count: Int(integerCount))
    dsyevr_(
      "V", range, "U", &n, &a, &n, &unused, &unused, &first, &last, &tolerance, &found, &values, &vectors, &n, &support, &work, &workCount,
      &integerWork, &integerCount, &info)
    return info == 0 && found == count ? (Array(values.prefix(count)), vectors) : nil
  }
}
