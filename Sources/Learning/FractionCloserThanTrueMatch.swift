import LinearAlgebra

/// FOSCTTM, the fraction of samples closer than the true match (Liu, Huang, Singh, Vert, Noble 2019, DOI 10.4230/LIPIcs.WABI.2019.10):
/// how well two point sets whose rows belong together lie on each other. 0 is perfect, ½ is chance.
public struct FractionCloserThanTrueMatch: Sendable, Equatable {
  /// Mean over both directions and all points of #{j≠i : |x_i−y_j| < |x_i−y_i|} + ½ #{j≠i : |x_i−y_j| = |x_i−y_i|}, over n − 1.
  /// A collapsed alignment, in which everything is tied, scores ½.
  public let twoSided: Double
  /// The mean over the points of x of #{j≠i : |x_i−y_j| < |x_i−y_i|}/(n − 1): ties count nothing, so that a collapsed alignment scores 0.
  public let oneSidedStrict: Double
  /// The number of ties |x_i−y_j| = |x_i−y_i|, j ≠ i, in both directions together. Squared distances that agree to 1e-9 relative are tied:
  /// projections that are equal in truth differ by rounding.
  public let ties: Int

  /// Compares row i of `x` with row i of `y`. O(n² d).
  public init(_ x: Matrix, _ y: Matrix) {
    precondition(x.rows == y.rows && x.columns == y.columns, "only rows that pair can be scored")
    self.init(squaredDistances: squaredDistances(x, y), rows: Array(0..<x.rows))
  }

  /// Compares some rows of x with the same rows of y, as if there were no others.
  ///
  /// - Parameters:
  ///   - distances: |x_i − y_j|² of all rows.
  ///   - rows: at least two.
  public init(squaredDistances distances: Matrix, rows: [Int]) {
    precondition(rows.count > 1, "one pair alone has no FOSCTTM")
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
