import COpenBLAS

/// Eigenvalues and unit eigenvectors of a real symmetric matrix, all of them or the largest.
///
/// Only the lower triangle is read. Full decompositions use LAPACK's divide and conquer (`dsyevd`), or relatively
/// robust representations (`dsyevr`) if the workspace of the former would exceed 32-bit indexing; `dsyevr` needs n²
/// more numbers and O(n) workspace. Partial decompositions always use `dsyevr`. The signs of the eigenvectors are
/// LAPACK's.
///
/// - Complexity: O(n³) on one thread. For a few of many eigenvalues the reduction to a tridiagonal matrix dominates,
///   with 4/3 n³ operations.
public struct SymmetricEigen: Sendable {
  /// The eigenvalues in ascending order.
  public let values: [Double]
  /// The unit eigenvectors: row k belongs to `values[k]`.
  public let vectors: Matrix

  /// The largest n for which the workspace of divide and conquer, 1 + 6n + 2n² numbers, is below 2³¹.
  static let largestByDivision = 32_766

  /// Computes all eigenvalues and eigenvectors of a square matrix.
  ///
  /// The result is nil if LAPACK does not converge, which happens only for matrices with NaN or infinite elements.
  public init?(_ matrix: Matrix) { self.init(matrix, largestByDivision: Self.largestByDivision) }

  /// Computes the largest eigenvalues and their eigenvectors.
  ///
  /// The result is nil for matrices with NaN or infinite elements.
  ///
  /// - Parameters:
  ///   - matrix: a square matrix, of which the lower triangle is read.
  ///   - count: how many eigenvalues; all of them if the matrix has no more.
  public init?(_ matrix: Matrix, largest count: Int) {
    precondition(matrix.isSquare && count >= 0, "only a square matrix has eigenvalues")
    BLAS.prepare()
    self.init(Self.byRobustRepresentations(matrix, largest: min(count, matrix.rows)), size: matrix.rows)
  }

  /// Computes all eigenvalues and eigenvectors, with a given limit for divide and conquer.
  ///
  /// - Parameters:
  ///   - matrix: a square matrix, of which the lower triangle is read.
  ///   - largestByDivision: the largest n for which divide and conquer is used.
  init?(_ matrix: Matrix, largestByDivision: Int) {
    precondition(matrix.isSquare, "only a square matrix has eigenvalues")
    BLAS.prepare()
    let found =
      matrix.rows <= largestByDivision
      ? Self.dividing(matrix) : Self.byRobustRepresentations(matrix, largest: matrix.rows)
    self.init(found, size: matrix.rows)
  }

  private init?(_ found: (values: [Double], vectors: [Double])?, size: Int) {
    guard let found else { return nil }
    values = found.values
    vectors = Matrix(rows: found.values.count, columns: size, elements: found.vectors)
  }

  // LAPACK is column-major: its upper triangle is our lower one, and its eigenvector columns are our rows.

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

  private static func byRobustRepresentations(_ matrix: Matrix, largest count: Int) -> (
    values: [Double], vectors: [Double]
  )? {
    // LAPACK may not terminate on NaN or infinite elements.
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
      "V", range, "U", &n, &a, &n, &unused, &unused, &first, &last, &tolerance, &found, &values, &vectors, &n, &support,
      &work, &query,
      &integerWork, &query, &info)
    var workCount = Int32(work[0])
    var integerCount = integerWork[0]
    work = [Double](repeating: 0, count: Int(workCount))
    integerWork = [Int32](repeating: 0, count: Int(integerCount))
    dsyevr_(
      "V", range, "U", &n, &a, &n, &unused, &unused, &first, &last, &tolerance, &found, &values, &vectors, &n, &support,
      &work, &workCount,
      &integerWork, &integerCount, &info)
    return info == 0 && found == count ? (Array(values.prefix(count)), vectors) : nil
  }
}
