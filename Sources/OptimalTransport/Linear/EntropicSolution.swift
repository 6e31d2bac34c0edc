import LinearAlgebra

/// The solution of an entropic linear transport problem, balanced or unbalanced.
public struct EntropicSolution: Sendable {
  /// The plan P, with the weights a and b of the problem.
  public let coupling: Coupling
  /// The dual potentials φ (n) and ψ (m), with P_ij = a_i b_j exp((φ_i + ψ_j − C_ij)/ε).
  ///
  /// If both marginals are prescribed, a constant can be added to one potential and subtracted from the other.
  public let potentials: Potentials
  /// The transport cost ⟨C, P⟩.
  public let transportCost: Double
  /// The primal objective ⟨C, P⟩ + ε KL(P | a⊗b) + ρ1 KL(P1 | a) + ρ2 KL(Pᵀ1 | b) at the plan.
  ///
  /// A prescribed marginal has no penalty term.
  public let value: Double
  /// The dual objective at φ and ψ, a lower bound of the optimum at any accuracy.
  ///
  /// `value − dualValue` therefore bounds the suboptimality of a plan that meets its prescribed marginals.
  public let dualValue: Double
  /// The residual of the optimality conditions, ‖P1 − a exp(−φ/ρ1)‖₁ + ‖Pᵀ1 − b exp(−ψ/ρ2)‖₁, as a fraction of the
  /// plan's mass.
  public let optimalityError: Double
  /// Whether the solver converged, and if not, why it ended.
  public let status: Status
  /// The number of Sinkhorn iterations over all stages of ε-scaling.
  public let iterations: Int
  /// The history of the iteration, with the residual that `Sinkhorn` documents.
  public let trace: Trace

  /// Evaluates a plan.
  ///
  /// - Parameters:
  ///   - problem: the problem as the user posed it.
  ///   - pose: the problem as the iteration solved it.
  ///   - plan: the plan, which both problems share.
  ///   - found: the potentials of the pose.
  ///   - epsilon: ε.
  ///   - tolerance: the tolerance of the iteration.
  ///   - run: how the iteration ended.
  init(
    problem: LinearProblem, pose: EntropicPose, plan: Matrix, found: Potentials, epsilon: Double,
    tolerance: Double, run: Run
  ) {
    coupling = Coupling(plan: plan, source: problem.source, target: problem.target)
    // A cost that every plan pays cancels in the entropy, but would cancel its digits too.
    let small = pose.completed(found, of: problem)
    potentials = pose.restored(small, epsilon: epsilon)
    (iterations, trace) = (run.iterations, run.trace)
    let sides = [
      (MarginalSide(problem.source, rho: problem.relaxation.source, epsilon: epsilon), plan.rowSums, small.source),
      (MarginalSide(problem.target, rho: problem.relaxation.target, epsilon: epsilon), plan.columnSums, small.target),
    ]
    let product = sides[0].0.mass * sides[1].0.mass
    let mass = compensatedSum(sides[0].1)
    transportCost = Self.paid(problem.cost, plan)
    // log(P_ij / a_i b_j) = (φ_i + ψ_j − C_ij)/ε exactly, so the entropy needs no logarithm.
    var paired = sides.reduce(0) { $0 + dot($1.1, $1.2) }
    if pose.offset != nil { paired += transportCost - Self.paid(pose.cost, plan) }
    value = sides.reduce(paired - epsilon * (mass - product)) { $0 + $1.0.penalty($1.1) }
    dualValue = sides.reduce(-epsilon * (mass - product)) { $0 + $1.0.dualValue($1.2) } + (pose.offset?.value ?? 0)
    optimalityError = MarginalSide.optimalityError(sides[0], sides[1])
    let culprit = Self.culprit(problem.relaxation, epsilon: epsilon, potentials: small, tolerance: tolerance)
    status = run.status.confirmed(error: optimalityError, tolerance: tolerance, because: culprit)
  }

  /// The transport cost ⟨C, P⟩, in which forbidden pairs have no mass.
  private static func paid(_ cost: Matrix, _ plan: Matrix) -> Double {
    guard cost.elements.contains(.infinity) else { return dot(cost.elements, plan.elements) }
    return dot(cost.elements.map { $0 < .infinity ? $0 : 0 }, plan.elements)
  }

  /// The parameter for which the rounding of the potentials is too coarse; nil if none is.
  private static func culprit(
    _ relaxation: MarginalRelaxation, epsilon: Double, potentials: Potentials, tolerance: Double
  ) -> String? {
    let rounding = (potentials.source + potentials.target).reduce(0) { max($0, abs($1)) } * 0x1p-52
    let prices = [("ρ1", relaxation.source), ("ρ2", relaxation.target)].filter { $0.1 > 0 && $0.1 < .infinity }
    if let (name, rho) = prices.min(by: { $0.1 < $1.1 }), rho < epsilon,
      max(rounding, epsilon * 0x1p-52) > 1e-2 * tolerance * rho
    {
      return "\(name) = \(rho) is too small for ε = \(epsilon); 0 frees the marginal"
    }
    if let (name, rho) = prices.max(by: { $0.1 < $1.1 }), rho > 1e9 * epsilon {
      return "\(name) = \(rho) is too large for ε = \(epsilon); inf prescribes the marginal"
    }
    return rounding > 1e-2 * tolerance * epsilon ? "ε = \(epsilon) is too small for costs of this size" : nil
  }
}
