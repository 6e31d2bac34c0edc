import LinearAlgebra

/// The directions of largest variance of a point set. Signs are fixed so that each direction's largest component is positive.
public struct PrincipalComponents: Sendable {
  public let mean: [Double]
  /// One unit direction a row, by falling variance.
  public let directions: Matrix
  /// The variance along each direction (divisor n).
  public let variances: [Double]

  /// Keeps the first `count` directions, or as many as there are coordinates. O(n d² + d³).
  public init(_ points: Matrix, count: Int) {
    precondition(points.rows > 0 && points.columns > 0, "no points have no principal components")
    let n = Double(points.rows)
    let mean = points.columnSums.map { $0 / n }
    let centered = Matrix(rows: points.rows, columns: points.columns) { points[$0, $1] - mean[$1] }
    let covariance = (centered.transposed * centered).map { $0 / n }
    guard let eigen = SymmetricEigen(covariance) else { preconditionFailure("principal components need finite points") }
    let kept = (0..<min(count, points.columns)).map { points.columns - 1 - $0 }
    var directions = eigen.vectors.selectingRows(kept)
    for i in 0..<directions.rows {
      let row = directions[row: i]
      if let largest = row.max(by: { abs($0) < abs($1) }), largest < 0 {
        for k in 0..<directions.columns { directions[i, k] = -directions[i, k] }
      }
    }
    self.mean = mean
    self.directions = directions
    self.variances = kept.map { max(0, eigen.values[$0]) }
  }

  /// The coordinates of points along the directions: n×count.
  public func project(_ points: Matrix) -> Matrix {
    precondition(points.columns == mean.count, "the points have other coordinates than the fitted ones")
    return Matrix(rows: points.rows, columns: points.columns) { points[$0, $1] - mean[$1] } * directions.transposed
  }
}
