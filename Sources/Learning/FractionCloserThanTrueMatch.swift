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
    precondition(x.rows > 1, "one pair alone has no FOSCTTM")
    let distances = squaredDistances(x, y)
    var closer = (fromX: 0, fromY: 0)
    var tied = 0
    for i in 0..<x.rows {
      let own = distances[i, i]
      let (below, above) = (own * (1 - 1e-9), own * (1 + 1e-9))
      for j in 0..<x.rows where j != i {
        if distances[i, j] < below { closer.fromX += 1 } else if distances[i, j] <= above { tied += 1 }
        if distances[j, i] < below { closer.fromY += 1 } else if distances[j, i] <= above { tied += 1 }
      }
    }
    let comparisons = Double(x.rows) * Double(x.rows - 1)
    twoSided = (Double(closer.fromX + closer.fromY) + 0.5 * Double(tied)) / (2 * comparisons)
    oneSidedStrict = Double(closer.fromX) / comparisons
    ties = tied
  }
}
