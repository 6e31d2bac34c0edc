import LinearAlgebra

/// A transport plan between n source and m target points, together with its prescribed marginals.
public struct Coupling: Sendable {
  /// The plan P, n×m, with nonnegative entries.
  public let plan: Matrix
  /// The prescribed row marginal a, n weights.
  public let source: [Double]
  /// The prescribed column marginal b, m weights.
  public let target: [Double]

  /// Creates a coupling from a dense plan and its prescribed marginals, whose lengths must match the plan.
  public init(plan: Matrix, source: [Double], target: [Double]) {
    precondition(
      plan.rows == source.count && plan.columns == target.count,
      "a plan has a row for each source and a column for each target point")
    self.plan = plan
    self.source = source
    self.target = target
  }

  /// Creates a coupling from the nonzero entries of a plan; masses of repeated entries are added.
  public init(entries: [PlanEntry], source: [Double], target: [Double]) {
    var plan = Matrix(rows: source.count, columns: target.count)
    for entry in entries { plan[entry.row, entry.column] += entry.mass }
    self.init(plan: plan, source: source, target: target)
  }

  /// The positive entries of the plan, ordered by row and column.
  public var entries: [PlanEntry] {
    (0..<plan.rows).flatMap { i in
      (0..<plan.columns).compactMap { j in plan[i, j] > 0 ? PlanEntry(row: i, column: j, mass: plan[i, j]) : nil }
    }
  }

  /// The L1 error of both marginals, ‖P1 − a‖₁ + ‖Pᵀ1 − b‖₁.
  public var marginalError: Double {
    absoluteDifference(plan.rowSums, source) + absoluteDifference(plan.columnSums, target)
  }

  /// Replaces the status of a balanced solver if the finished plan violates the marginals more than its residual
  /// suggests.
  func confirming(_ status: Status, tolerance: Double) -> Status {
    status.confirmed(error: marginalError / compensatedSum(source), tolerance: tolerance)
  }

  /// Whether the marginals are met within what `confirming(_:tolerance:)` accepts.
  func meetsMarginals(_ tolerance: Double) -> Bool { confirming(.converged, tolerance: tolerance).isConverged }

  /// The transposed plan, from target to source.
  public var transposed: Coupling { Coupling(plan: plan.transposed, source: target, target: source) }

  /// Maps the source points into the target space by barycentric projection: row i is Σ_j P_ij y_j / Σ_j P_ij.
  ///
  /// - Parameter points: the target points, m×d, one per row.
  /// - Returns: the images of the source points, n×d. A point without mass is mapped to the mean of the target points
  ///   under the plan's column marginal, so that the result is finite.
  public func barycentricProjection(onto points: Matrix) -> Matrix {
    precondition(
      points.rows == plan.columns, "the plan has \(plan.columns) columns, but there are \(points.rows) target points")
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

/// One nonzero entry of a sparse plan.
public struct PlanEntry: Sendable, Equatable {
  /// The index of the source point.
  public let row: Int
  /// The index of the target point.
  public let column: Int
  /// The transported mass.
  public let mass: Double

  /// Creates an entry from its indices and its mass.
  public init(row: Int, column: Int, mass: Double) {
    self.row = row
    self.column = column
    self.mass = mass
  }
}
