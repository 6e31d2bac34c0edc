import LinearAlgebra

/// The transfer operator of a plan π between two points in time, f ↦ πᵀ(f / π1), with 0/0 = 0.
///
/// It moves the mass at each source point as the plan does, and conserves the mass of f on points that carry mass of
/// the plan. On a chain of plans, apply the operators one after another (Beier, Beinert, and Steidl, 2023,
/// arXiv:2205.06725, Equation 24).
public struct TransferOperator: Sendable {
  /// The operator as an n×m matrix: the plan with rows normalized to sum 1; zero in rows without mass.
  public let matrix: Matrix

  /// Creates the transfer operator of a plan, n×m with nonnegative entries.
  public init(plan: Matrix) {
    let sums = plan.rowSums
    matrix = Matrix(rows: plan.rows, columns: plan.columns) { sums[$0] > 0 ? plan[$0, $1] / sums[$0] : 0 }
  }

  /// Pushes n values forward to m values.
  public func push(_ values: [Double]) -> [Double] { matrix.transposedProduct(values) }
}
