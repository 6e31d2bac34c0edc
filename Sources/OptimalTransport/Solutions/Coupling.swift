import LinearAlgebra

/// A transport plan between n and m points together with the marginals it was asked to have.
public struct Coupling: Sendable {
  /// P, n×m, non-negative.
  public let plan: Matrix
  /// The prescribed marginal a of the rows.
  public let source: [Double]
  /// The prescribed marginal b of the columns.
  public let target: [Double]

  public init(plan: Matrix, source: [Double], target: [Double]) {
    precondition(
      plan.rows == source.count && plan.columns == target.count, "a plan has a row for each source and a column for each target point")
    self.plan = plan
    self.source = source
    self.target = target
  }

  /// ‖P1 − a‖₁ + ‖Pᵀ1 − b‖₁.
  public var marginalError: Double {
    absoluteDifference(plan.rowSums, source) + absoluteDifference(plan.columnSums, target)
  }

  /// The status of a solver between fixed marginals whose residual says `status`, once the finished plan is looked at.
  func confirming(_ status: Status, tolerance: Double) -> Status {
    status.confirmed(error: marginalError / compensatedSum(source), tolerance: tolerance)
  }

  /// The same plan read from target to source.
  public var transposed: Coupling { Coupling(plan: plan.transposed, source: target, target: source) }

  /// The barycentric projection of the source points into the space of the target points: row i is Σ_j P_ij y_j / Σ_j P_ij.
  ///
  /// - Parameter points: m points, one a row.
  /// - Returns: n points. A source point without mass has no image; it is sent to the mean of the target points under the plan's
  ///   column marginal, so that the result is finite.
  public func barycentricProjection(onto points: Matrix) -> Matrix {
    precondition(points.rows == plan.columns, "the plan has \(plan.columns) columns, but there are \(points.rows) target points")
    var image = plan * points
    let mass = plan.rowSums
    let total = compensatedSum(mass)
    let mean = points.transposedProduct(plan.columnSums).map { $0 / total }
    for i in 0..<image.rows {
      for k in 0..<image.columns { image[i, k] = mass[i] > 0 ? image[i, k] / mass[i] : mean[k] }
    }
    return image
  }
}
