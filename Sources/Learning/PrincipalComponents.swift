import LinearAlgebra

/// Principal component analysis: the orthogonal directions of largest variance of a point set.
///
/// The sign of each direction is fixed by making its component of largest magnitude positive.
public struct PrincipalComponents: Sendable {
  /// The mean of the points, subtracted before projection.
  public let mean: [Double]
  /// The unit directions, one per row, by decreasing variance (count×d).
  public let directions: Matrix
  /// The variance of the points along each direction, with divisor n.
  public let variances: [Double]

  /// Computes the leading directions of `points` (n×d), at most `count` and at most d.
  ///
  /// If n < d, the n×n Gram matrix is diagonalized instead of the d×d covariance.
  ///
  /// - Complexity: O(n d min(n, d) + min(n, d)³)
  public init(_ points: Matrix, count: Int) {
    precondition(
      points.rows > 0 && points.columns > 0, "principal components need at least one point and one coordinate")
    let n = Double(points.rows)
    let mean = points.columnSums.map { $0 / n }
    let centered = Matrix(rows: points.rows, columns: points.columns) { points[$0, $1] - mean[$1] }
    let count = min(count, points.columns)
    var (directions, variances) =
      points.rows < points.columns ? Self.byProducts(centered, count) : Self.byCovariance(centered, count)
    for i in 0..<directions.rows {
      let row = directions[row: i]
      if let largest = row.max(by: { abs($0) < abs($1) }), largest < 0 {
        for k in 0..<directions.columns { directions[i, k] = -directions[i, k] }
      }
    }
    self.mean = mean
    self.directions = directions
    self.variances = variances
  }

  private static func byCovariance(_ centered: Matrix, _ count: Int) -> (directions: Matrix, variances: [Double]) {
    let n = Double(centered.rows)
    let eigen = Self.eigen((centered.transposed * centered).map { $0 / n }, largest: count)
    let kept = Array(eigen.values.indices.reversed())
    return (eigen.vectors.selectingRows(kept), kept.map { max(0, eigen.values[$0]) })
  }

  /// Computes the directions from the n×n Gram matrix.
  ///
  /// An eigenvector u of X Xᵀ/n with eigenvalue λ gives the direction Xᵀu/√(nλ). Once no variance is left, any
  /// direction orthogonal to the earlier ones is taken.
  private static func byProducts(_ centered: Matrix, _ count: Int) -> (directions: Matrix, variances: [Double]) {
    let n = Double(centered.rows)
    var products = Matrix(rows: centered.rows, columns: centered.rows)
    products.addTransposedProduct(centered, centered, scale: 1 / n, overwriting: true)
    let eigen = Self.eigen(products, largest: count)
    let largest = max(eigen.values.last ?? 0, 0)
    let kept = eigen.values.indices.reversed().filter { eigen.values[$0] > 1e-10 * largest }
    var directions = (eigen.vectors.selectingRows(kept) * centered).elements
    for position in kept.indices {
      scaleToUnit(&directions, position * centered.columns..<(position + 1) * centered.columns)
    }
    var axis = 0
    while directions.count < count * centered.columns {
      var next = [Double](repeating: 0, count: centered.columns)
      next[axis] = 1
      axis += 1
      // Two passes of Gram–Schmidt give orthogonality to machine precision.
      for _ in 0..<2 {
        for start in stride(from: 0, to: directions.count, by: centered.columns) {
          let before = directions[start..<start + centered.columns]
          let share = zip(before, next).reduce(0) { $0 + $1.0 * $1.1 }
          for (k, value) in before.enumerated() { next[k] -= share * value }
        }
      }
      // A vector in the span of the earlier directions gives no new one.
      guard next.reduce(0, { $0 + $1 * $1 }) > 1e-3 / Double(centered.columns) else { continue }
      scaleToUnit(&next, next.indices)
      directions += next
    }
    let variances = kept.map { eigen.values[$0] } + [Double](repeating: 0, count: count - kept.count)
    return (Matrix(rows: count, columns: centered.columns, elements: directions), variances)
  }

  private static func scaleToUnit(_ x: inout [Double], _ range: Range<Int>) {
    let length = x[range].reduce(0) { $0 + $1 * $1 }.squareRoot()
    for index in range { x[index] /= length }
  }

  private static func eigen(_ matrix: Matrix, largest count: Int) -> SymmetricEigen {
    guard let eigen = SymmetricEigen(matrix, largest: count) else {
      preconditionFailure("principal components need finite points")
    }
    return eigen
  }

  /// Returns the coordinates of points along the directions, n×count.
  public func project(_ points: Matrix) -> Matrix {
    precondition(points.columns == mean.count, "the number of coordinates differs from that of the fitted points")
    return Matrix(rows: points.rows, columns: points.columns) { points[$0, $1] - mean[$1] } * directions.transposed
  }
}
