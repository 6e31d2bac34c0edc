import LinearAlgebra

extension QuadraticProblem {
  /// (1 − α) ⟨M, P⟩ + α Σ K_ik (D1_ik − D2_jl)² P_ij P_kl of any plan: over pairs of its entries where these are few,
  /// else by two matrix products.
  public func distortion(of plan: Matrix) -> Double {
    precondition(plan.rows == source.count && plan.columns == target.count, "the plan does not fit the problem")
    var objective = QuadraticObjective(self)
    return objective.report(plan).value
  }
}
