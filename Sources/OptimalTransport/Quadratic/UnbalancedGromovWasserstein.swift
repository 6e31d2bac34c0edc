import LinearAlgebra

/// Unbalanced Gromov–Wasserstein transport, fused too (Séjourné, Vialard, Peyré 2021, arXiv:2009.04266): the diagonal π = γ of
///
///     F(π, γ) = α Σ (D1_ik − D2_jl)² π_ij γ_kl + (1 − α)/2 (m(γ) ⟨M, π⟩ + m(π) ⟨M, γ⟩)
///             + ρ1 KL(π1⊗γ1 | a⊗a) + ρ2 KL(π2⊗γ2 | b⊗b) + ε KL(π⊗γ | (a⊗b)⊗(a⊗b)),      KL(p|q) = Σ p log(p/q) − p + q.
///
/// Algorithm: alternating minimisation. For fixed γ this is unbalanced linear transport in π, solved by `Sinkhorn` from the previous
/// potentials; then π is scaled by √(m(γ)/m(π)), which leaves F as it is unless a marginal is prescribed, and takes the place of γ.
///
/// F(πₖ₊₁, πₖ) never rises (as far as inner solves are exact). It can settle between two plans π ≠ γ with F(π, γ) below F(π, π); when that
/// shows, each step uses the mean of its cost and the one used before, whose fixed points lie on the diagonal, and F(πₖ₊₁, πₖ) may rise
/// from then on. ρ = ∞ prescribes a
/// marginal: with both, the iteration is mirror descent of `EntropicGromovWasserstein` with the same ε; ρ = 0 leaves it free.
///
/// The problem is not convex: the limit depends on the start. Without one the iteration begins at a bᵀ/√(m(a) m(b)), and between symmetric or isometric
/// spaces again at the plan of `SymmetricStart`, as `EntropicGromovWasserstein` does; the lower F(π, π) is kept.
///
/// The residual is Σ|πₖ₊₁ − πₖ| as a fraction of the mass; `converged` also asks that the last inner solve met its tolerance. When the
/// mass falls to zero, as large distances at small ρ may ask for, the status is `stalled` and the last plan with mass is returned.
/// Zero weights get no mass. Never NaN.
///
/// Time and memory an iteration as for `EntropicGromovWasserstein`.
///
/// POT's `fused_unbalanced_gromov_wasserstein(reg_marginals=(ρ1, ρ2), epsilon=ε)` without features agrees in plan and value (theirs is
/// F with entropy and all masses, our `regularizedValue`).
public struct UnbalancedGromovWasserstein: Sendable {
  /// How features enter.
  public enum FeatureTerm: String, Sendable, CaseIterable {
    /// As above: homogeneous in the mass like all other terms.
    case massWeighted = "mass-weighted"
    /// (1 − α)/2 (⟨M, π⟩ + ⟨M, γ⟩), as POT does it: another functional wherever the mass is not 1.
    case unweighted
  }

  /// ε > 0, in units of squared distances.
  public var epsilon: Double
  public var featureTerm: FeatureTerm
  public var stopping: StoppingRule
  /// Of each inner solve; its tolerance is on the residual of `Sinkhorn`.
  public var innerStopping: StoppingRule

  public init(
    epsilon: Double, featureTerm: FeatureTerm = .massWeighted,
    stopping: StoppingRule = StoppingRule(tolerance: 1e-9, iterationLimit: 1000),
    innerStopping: StoppingRule = StoppingRule(tolerance: 1e-10, iterationLimit: 3000)
  ) {
    self.epsilon = epsilon
    self.featureTerm = featureTerm
    self.stopping = stopping
    self.innerStopping = innerStopping
  }

  /// Solves the problem from `start` (n×m, of any mass), or as said above without one.
  ///
  /// - Returns: iterations and trace are those of the start whose answer is kept.
  /// - Throws: `ProblemError` when ε or a stopping rule makes no sense, or the start has another shape or is not finite.
  public func solve(
    _ problem: QuadraticProblem, from start: Matrix? = nil, monitor: Monitor? = nil
  ) throws(ProblemError) -> UnbalancedGromovWassersteinSolution {
    try ProblemError.validate(positive: epsilon, named: "ε")
    try problem.requireNoForbiddenPairs()
    try problem.requireSquareLoss()
    try stopping.validate()
    try innerStopping.validate()
    if let start { try ProblemError.validate(start: start, rows: problem.source.count, columns: problem.target.count) }
    return try SymmetricStart.best(problem, from: start, isEntropic: true, by: \.regularizedValue, monitor: monitor) {
      plan, monitor throws(ProblemError) in
      try descend(problem, from: plan, monitor: monitor)
    }
  }

  private func descend(
    _ problem: QuadraticProblem, from start: Matrix?, monitor: Monitor?
  ) throws(ProblemError) -> UnbalancedGromovWassersteinSolution {
    let (a, b) = (problem.source.weights, problem.target.weights)
    let side = BiconvexSide(source: a, target: b, epsilon: epsilon, relaxation: problem.relaxation, stopping: innerStopping)
    var objective = QuadraticObjective(problem)
    var plan = RelaxedPlan(start ?? problem.productPlan, a, b)
    var before: RelaxedPlan?
    var averaging = CycleAveraging()
    var averagedCost: BiconvexSide.LinearCost?

    let run = iterate(stopping, monitor: monitor) { _ in
      let parts = objective.evaluate(plan.plan, featureWeight: featureWeight(plan))
      var cost = objective.halfGradient
      if featureTerm == .massWeighted, problem.features != nil {
        let constant = (1 - problem.alpha) / 2 * parts.linear
        cost = cost.map { $0 + constant }
      }
      var linear = side.cost(plan, quadratic: cost)
      if let averagedCost { linear = linear.averaged(with: averagedCost, kept: averaging.kept) }
      guard var next = side.answer(linear) else {
        return .stalled(reason: "the best plan has no mass that a number can hold; ρ is too small for such distances")
      }
      let value = dot(objective.halfGradient.elements, next.plan.elements)
      let penalties = side.penalties(next, plan, otherSide: side)
      let labels = (1 - problem.alpha) / 2 * parts.linear * (featureTerm == .massWeighted ? next.mass : 1)
      if problem.relaxation.leavesMassFree { next.scale(by: (plan.mass / next.mass).squareRoot()) }
      let change = next.change(from: plan)
      if let before {
        averaging.note(change: change, isCycling: CycleAveraging.isCycle(change: change, changeOfTwo: next.change(from: before)))
      }
      if averaging.isActive { averagedCost = linear }
      (before, plan) = (plan, next)
      return .advanced(residual: change, objective: value + labels + penalties.marginals + penalties.entropy, isSettled: side.isSettled)
    }
    return UnbalancedGromovWassersteinSolution(
      coupling: Coupling(plan: plan.plan, source: a, target: b), mass: plan.mass,
      parts: objective.report(plan.plan), penalties: side.penalties(plan, plan, otherSide: side),
      featureMass: featureWeight(plan), potentials: side.potentials, run: run, innerIterations: side.innerIterations)
  }

  private func featureWeight(_ plan: RelaxedPlan) -> Double { featureTerm == .massWeighted ? plan.mass : 1 }
}

/// The solution of an unbalanced Gromov–Wasserstein problem: a stationary point on the diagonal.
public struct UnbalancedGromovWassersteinSolution: Sendable, Interruptible {
  /// Its marginals are not those of the problem unless ρ = ∞.
  public let coupling: Coupling
  /// m(π).
  public let mass: Double
  /// α GW²(π) + (1 − α) m(π) ⟨M, π⟩ + the marginal penalty: F(π, π) at ε = 0.
  public let value: Double
  /// F(π, π), entropy included.
  public let regularizedValue: Double
  /// GW²(π) and ⟨M, π⟩.
  public let parts: QuadraticParts
  /// ρ1 KL(π1⊗π1 | a⊗a) + ρ2 KL(π2⊗π2 | b⊗b).
  public let marginalPenalty: Double
  /// Of the last linear problem solved.
  public let potentials: Potentials
  public package(set) var status: Status
  public let iterations: Int
  /// Sinkhorn iterations over all steps.
  public let innerIterations: Int
  /// The objective is F(πₖ₊₁, πₖ).
  public let trace: Trace

  init(
    coupling: Coupling, mass: Double, parts: QuadraticParts, penalties: (marginals: Double, entropy: Double), featureMass: Double,
    potentials: Potentials, run: Run, innerIterations: Int
  ) {
    self.coupling = coupling
    self.mass = mass
    self.parts = parts
    marginalPenalty = penalties.marginals
    value = parts.alpha * parts.quadratic + (1 - parts.alpha) * featureMass * parts.linear + penalties.marginals
    regularizedValue = value + penalties.entropy
    self.potentials = potentials
    (status, iterations, trace) = (run.status, run.iterations, run.trace)
    self.innerIterations = innerIterations
  }
}
