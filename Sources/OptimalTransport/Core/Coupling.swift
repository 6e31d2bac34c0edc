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

  /// The plan with the given entries.
  public init(entries: [PlanEntry], source: [Double], target: [Double]) {
    var plan = Matrix(rows: source.count, columns: target.count)
    for entry in entries { plan[entry.row, entry.column] += entry.mass }
    self.init(plan: plan, source: source, target: target)
  }

  /// The positive entries of the plan, by row and column.
  public var entries: [PlanEntry] {
    (0..<plan.rows).flatMap { i in
      (0..<plan.columns).compactMap { j in plan[i, j] > 0 ? PlanEntry(row: i, column: j, mass: plan[i, j]) : nil }
    }
  }

  /// ‖P1 − a‖₁ + ‖Pᵀ1 − b‖₁.
  public var marginalError: Double {
    absoluteDifference(plan.rowSums, source) + absoluteDifference(plan.columnSums, target)
  }

  /// The status of a solver between fixed marginals whose residual says `status`, once the finished plan is looked at.
  func confirming(_ status: Status, tolerance: Double) -> Status {
    status.confirmed(error: marginalError / compensatedSum(source), tolerance: tolerance)
  }

  /// Whether the marginals fit as well as `confirming` asks of a plan whose solver stops at the tolerance.
  func meetsMarginals(_ tolerance: Double) -> Bool { confirming(.converged, tolerance: tolerance).isConverged }

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

/// One entry of a sparse plan.
public struct PlanEntry: Sendable, Equatable {
  public let row: Int
  public let column: Int
  public let mass: Double

  public init(row: Int, column: Int, mass: Double) {
    self.row = row
    self.column = column
    self.mass = mass
  }
}
