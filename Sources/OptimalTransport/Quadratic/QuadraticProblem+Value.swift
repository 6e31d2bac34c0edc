import LinearAlgebra

extension QuadraticProblem {
  /// Returns (1 − α) ⟨M, P⟩ + α Σ K_ik (D1_ik − D2_jl)² P_ij P_kl for any plan P.
  ///
  /// The sum runs over pairs of entries if there are few, and otherwise takes two matrix products.
  public func distortion(of plan: Matrix) -> Double {
    precondition(plan.rows == source.count && plan.columns == target.count, "the plan does not fit the problem")
    var objective = QuadraticObjective(self)
    return objective.report(plan).value
  }
}
