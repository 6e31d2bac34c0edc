import LinearAlgebra

/// FOSCTTM, the fraction of samples closer than the true match: an error of an alignment of two paired point sets.
///
/// 0 is a perfect alignment and ½ is chance. Source: Liu, Huang, Singh, Vert, and Noble (2019), DOI
/// 10.4230/LIPIcs.WABI.2019.10.
public struct FractionCloserThanTrueMatch: Sendable, Equatable {
  /// The error averaged over both directions, with ties counted by half.
  ///
  /// It is the mean over all points of #{j≠i : |x_i−y_j| < |x_i−y_i|} + ½ #{j≠i : |x_i−y_j| = |x_i−y_i|}, divided by
  /// n − 1. A collapsed alignment, in which all distances are tied, scores ½.
  public let twoSided: Double
  /// The error of x against y alone, the mean over the points of x of #{j≠i : |x_i−y_j| < |x_i−y_i|}/(n − 1).
  ///
  /// Ties count 0, so that a collapsed alignment scores 0.
  public let oneSidedStrict: Double
  /// The number of ties |x_i−y_j| = |x_i−y_i|, j ≠ i, summed over both directions.
  ///
  /// Squared distances that agree to a relative 1e-9 count as tied, because projections that are mathematically equal
  /// differ by rounding.
  public let ties: Int

  /// Compares row i of `x` with row i of `y`, for two matrices of the same shape (n×d).
  ///
  /// - Complexity: O(n² d)
  public init(_ x: Matrix, _ y: Matrix) {
    precondition(x.rows == y.rows && x.columns == y.columns, "both point sets must have the same shape")
    self.init(squaredDistances: squaredDistances(x, y), rows: Array(0..<x.rows))
  }

  /// Compares some rows of x with the same rows of y, ignoring all other points.
  ///
  /// - Parameters:
  ///   - distances: the squared distances |x_i − y_j|² of all points, n×n.
  ///   - rows: the indices of the points that are compared, at least two.
  public init(squaredDistances distances: Matrix, rows: [Int]) {
    precondition(rows.count > 1, "FOSCTTM needs at least two pairs")
    var closer = (fromX: 0, fromY: 0)
    var tied = 0
    let n = distances.columns
    let bounds = rows.map { i in (below: distances[i, i] * (1 - 1e-9), above: distances[i, i] * (1 + 1e-9)) }
    distances.withUnsafeElements { distances in
      for (a, i) in rows.enumerated() {
        for (b, j) in rows.enumerated() where j != i {
          let distance = distances[i * n + j]
          if distance < bounds[a].below { closer.fromX += 1 } else if distance <= bounds[a].above { tied += 1 }
          if distance < bounds[b].below { closer.fromY += 1 } else if distance <= bounds[b].above { tied += 1 }
        }
      }
    }
    let comparisons = Double(rows.count) * Double(rows.count - 1)
    twoSided = (Double(closer.fromX + closer.fromY) + 0.5 * Double(tied)) / (2 * comparisons)
    oneSidedStrict = Double(closer.fromX) / comparisons
    ties = tied
  }
}
