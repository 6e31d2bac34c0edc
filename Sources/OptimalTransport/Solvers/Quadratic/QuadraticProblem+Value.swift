import LinearAlgebra

extension QuadraticProblem {
  /// (1 − α) ⟨M, P⟩ + α Σ K_ik (D1_ik − D2_jl)² P_ij P_kl of any plan. Two matrix products.
  public func distortion(of plan: Matrix) -> Double {
    precondition(plan.rows == source.count && plan.columns == target.count, "the plan does not fit the problem")
    var objective = QuadraticObjective(self)
    return objective.evaluate(plan).value
  }
}
