import LinearAlgebra

/// The solution of an entropic linear problem, balanced or not.
public struct EntropicSolution: Sendable {
  public let coupling: Coupling
  /// φ (n) and ψ (m) with P_ij = a_i b_j exp((φ_i + ψ_j − C_ij)/ε); between fixed marginals determined up to a constant moved from one to
  /// the other.
  public let potentials: Potentials
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

  /// - Parameters:
  ///   - plan: of the problem, and of the pose that the iteration took.
  ///   - found: the potentials of the pose.
  init(
    problem: LinearProblem, pose: EntropicPose, plan: Matrix, found: Potentials, epsilon: Double,
    tolerance: Double, run: Run
  ) {
    coupling = Coupling(plan: plan, source: problem.source, target: problem.target)
    // Costs that every plan pays drop out of the entropy, and would take its digits along.
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

  /// ⟨C, P⟩, where forbidden pairs have no mass.
  private static func paid(_ cost: Matrix, _ plan: Matrix) -> Double {
    guard cost.elements.contains(.infinity) else { return dot(cost.elements, plan.elements) }
    return dot(cost.elements.map { $0 < .infinity ? $0 : 0 }, plan.elements)
  }

  /// Which parameter the potentials' rounding is too coarse for; nil when it is none of them.
  private static func culprit(
    _ relaxation: MarginalRelaxation, epsilon: Double, potentials: Potentials, tolerance: Double
  ) -> String? {
    let rounding = (potentials.source + potentials.target).reduce(0) { max($0, abs($1)) } * 0x1p-52
    let prices = [("ρ1", relaxation.source), ("ρ2", relaxation.target)].filter { $0.1 > 0 && $0.1 < .infinity }
    if let (name, rho) = prices.min(by: { $0.1 < $1.1 }), rho < epsilon, max(rounding, epsilon * 0x1p-52) > 1e-2 * tolerance * rho {
      return "\(name) = \(rho) is too small for ε = \(epsilon); 0 frees the marginal"
    }
    if let (name, rho) = prices.max(by: { $0.1 < $1.1 }), rho > 1e9 * epsilon {
      return "\(name) = \(rho) is too large for ε = \(epsilon); inf prescribes the marginal"
    }
    return rounding > 1e-2 * tolerance * epsilon ? "ε = \(epsilon) is too small for costs of this size" : nil
  }
}
