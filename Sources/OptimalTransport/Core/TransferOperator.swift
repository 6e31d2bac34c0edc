import LinearAlgebra

/// The transfer operator of a plan π between two points in time: f ↦ πᵀ(f / π1), with 0/0 = 0. It sends what lies at x where π sends x, and
/// conserves the mass of f on points that π knows.
///
/// On a chain of plans, apply one after another (Beier, Beinert, Steidl 2023, arXiv:2205.06725, eq. 24).
public struct TransferOperator: Sendable {
  /// Rows scaled to sum 1; zero where the plan has no mass.
  public let matrix: Matrix

  /// - Parameter plan: n×m, non-negative.
  public init(plan: Matrix) {
    let sums = plan.rowSums
    matrix = Matrix(rows: plan.rows, columns: plan.columns) { sums[$0] > 0 ? plan[$0, $1] / sums[$0] : 0 }
  }

  /// Pushes n values forward to m.
  public func push(_ values: [Double]) -> [Double] { matrix.transposedProduct(values) }
}
