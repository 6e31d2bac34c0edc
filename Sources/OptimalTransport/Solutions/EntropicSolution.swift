import LinearAlgebra

/// The solution of an entropic linear problem, balanced or not.
public struct EntropicSolution: Sendable {
  public let coupling: Coupling
  /// φ (n) and ψ (m) with P_ij = a_i b_j exp((φ_i + ψ_j − C_ij)/ε); between fixed marginals determined up to a constant moved from one to
  /// the other.
  public let potentials: (source: [Double], target: [Double])
  /// ⟨C, P⟩.
  public let transportCost: Double
  /// ⟨C, P⟩ + ε KL(P | a⊗b) + ρ1 KL(P1 | a) + ρ2 KL(Pᵀ1 | b): the primal objective at the returned plan; a fixed marginal has no term.
  public let value: Double
  /// The dual objective at φ, ψ. It is at most the optimum whatever the accuracy, so that `value − dualValue` bounds the error of a plan
  /// whose fixed marginals are met.
  public let dualValue: Double
  /// ‖P1 − a exp(−φ/ρ1)‖₁ + ‖Pᵀ1 − b exp(−ψ/ρ2)‖₁ as a fraction of the plan's mass: zero at the solution.
  public let optimalityError: Double
  public let status: Status
  public let iterations: Int
  /// The residual is what `Sinkhorn` says.
  public let trace: Trace

  init(
    problem: LinearProblem, plan: Matrix, potentials: (source: [Double], target: [Double]), epsilon: Double, tolerance: Double,
    status: Status, iterations: Int, trace: Trace
  ) {
    coupling = Coupling(plan: plan, source: problem.source, target: problem.target)
    self.potentials = potentials
    self.iterations = iterations
    self.trace = trace
    let sides = [
      (MarginalSide(problem.source, rho: problem.relaxation.source, epsilon: epsilon), plan.rowSums, potentials.source),
      (MarginalSide(problem.target, rho: problem.relaxation.target, epsilon: epsilon), plan.columnSums, potentials.target),
    ]
    let product = sides[0].0.mass * sides[1].0.mass
    let mass = compensatedSum(sides[0].1)
    transportCost = dot(problem.cost.elements, plan.elements)
    // log(P_ij / a_i b_j) = (φ_i + ψ_j − C_ij)/ε exactly, so the entropy needs no logarithm.
    let paired = sides.reduce(0) { $0 + dot($1.1, $1.2) }
    value = sides.reduce(paired - epsilon * (mass - product)) { $0 + $1.0.penalty($1.1) }
    dualValue = sides.reduce(-epsilon * (mass - product)) { $0 + $1.0.dualValue($1.2) }
    optimalityError = MarginalSide.optimalityError(sides[0], sides[1])
    self.status = status.confirmed(error: optimalityError, tolerance: tolerance)
  }
}
