import LinearAlgebra

/// Unbalanced Gromov–Wasserstein transport with KL penalties on the marginals, optionally fused.
///
/// It seeks a plan π = γ that minimizes
///
///     F(π, γ) = α Σ (D1_ik − D2_jl)² π_ij γ_kl + (1 − α)/2 (m(γ) ⟨M, π⟩ + m(π) ⟨M, γ⟩)
///             + ρ1 D(π1⊗γ1 | a⊗a) + ρ2 D(π2⊗γ2 | b⊗b) + ε KL(π⊗γ | (a⊗b)⊗(a⊗b)),      KL(p|q) = Σ p log(p/q) − p + q,
///
/// where D is KL or, without entropy, ½‖p − q‖² (`ProductPenalty`).
///
/// with KL(p|q) = Σ p log(p/q) − p + q and marginals π1 and π2 (Séjourné, Vialard, and Peyré, 2021,
/// arXiv:2009.04266). The algorithm is alternating minimization. For fixed γ this is unbalanced linear transport in
/// π, solved by `Sinkhorn` from the previous potentials; then π is scaled by √(m(γ)/m(π)), which leaves F unchanged
/// unless a marginal is prescribed, and replaces γ.
///
/// F(πₖ₊₁, πₖ) never increases, up to the accuracy of inner solves. The alternation can cycle between two plans π ≠ γ
/// with F(π, γ) below F(π, π). If such a cycle is detected, each step uses the mean of its cost and the previous one,
/// whose fixed points satisfy π = γ, and F(πₖ₊₁, πₖ) may increase from then on. ρ = ∞ prescribes a marginal, and ρ =
/// 0 leaves it free; with both prescribed, the iteration is the mirror descent of `EntropicGromovWasserstein` with
/// the same ε.
///
/// Without entropy (ε = 0) plans are vertices and the alternation need not end on the diagonal. There F(π, π) itself is
/// descended: the best answer s to π, found as by `UnbalancedTransport`, is a direction, along which the plan goes as
/// far as F(π, π) falls most. The residual is F(π, π) − F(s, π), the most that any plan gains against π, as a fraction
/// of what the start is worth: 0 where π is stationary.
///
/// The problem is not convex: the limit depends on the start. Without one the iteration begins at a bᵀ/√(m(a) m(b)),
/// and between symmetric or isometric spaces again at the plan of `SymmetricStart`, as `EntropicGromovWasserstein`
/// does; the lower F(π, π) is kept.
///
/// With entropy the residual is Σ|πₖ₊₁ − πₖ| as a fraction of the mass; `converged` also asks that the last inner solve
/// met its tolerance. When the mass falls to zero, as large distances at small ρ may ask for, the status is `stalled`
/// and the last plan with mass is returned. Zero weights get no mass. Never NaN.
///
/// POT's `fused_unbalanced_gromov_wasserstein(reg_marginals=(ρ1, ρ2), epsilon=ε)` without features agrees in plan and
/// value; its value is F with entropy and all mass terms, which is `regularizedValue` here.
///
/// - Complexity: time and memory per iteration as for `EntropicGromovWasserstein`
public struct UnbalancedGromovWasserstein: Sendable {
  /// The weighting of the feature term.
  public enum FeatureTerm: String, Sendable, CaseIterable {
    /// (1 − α)/2 (m(γ) ⟨M, π⟩ + m(π) ⟨M, γ⟩), which is homogeneous in the mass like all other terms.
    case massWeighted = "mass-weighted"
    /// (1 − α)/2 (⟨M, π⟩ + ⟨M, γ⟩), as in POT, which is a different functional if the mass is not 1.
    case unweighted
  }

  /// ε ≥ 0, in units of squared distances; 0 takes no entropy.
  public var epsilon: Double
  /// The weighting of the feature term.
  public var featureTerm: FeatureTerm
  /// The penalty of the marginals of π⊗π.
  public var penalty: ProductPenalty
  /// The tolerance on the relative L1 change of the plan and the iteration limit.
  public var stopping: StoppingRule
  /// The stopping rule of each inner solve, with a tolerance on the residual of `Sinkhorn`.
  public var innerStopping: StoppingRule

  /// Creates a solver.
  ///
  /// - Parameters:
  ///   - epsilon: the regularization ε ≥ 0, in units of squared distances; 0 takes no entropy.
  ///   - featureTerm: the weighting of the feature term.
  ///   - penalty: the penalty of the marginals of π⊗π.
  ///   - stopping: the tolerance on the relative L1 change of the plan and the iteration limit.
  ///   - innerStopping: the stopping rule of inner Sinkhorn solves.
  public init(
    epsilon: Double, featureTerm: FeatureTerm = .massWeighted, penalty: ProductPenalty = .kl,
    stopping: StoppingRule = StoppingRule(tolerance: 1e-9, iterationLimit: 1000),
    innerStopping: StoppingRule = StoppingRule(tolerance: 1e-10, iterationLimit: 3000)
  ) {
    self.epsilon = epsilon
    self.featureTerm = featureTerm
    self.penalty = penalty
    self.stopping = stopping
    self.innerStopping = innerStopping
  }

  /// Solves the problem from one start, or from several if the spaces are symmetric and no start is given.
  ///
  /// - Parameters:
  ///   - problem: a problem with finite or infinite penalty weights.
  ///   - start: the initial plan, n×m, of any mass; a bᵀ/√(m(a) m(b)) if nil.
  ///   - monitor: receives the recorded steps and may stop the iteration.
  /// - Returns: the best solution; its iterations and trace are those of the start that gave it.
  /// - Throws: `ProblemError` if ε or a stopping rule is out of range, or the start has the wrong shape or is not
  ///   finite.
  public func solve(
    _ problem: QuadraticProblem, from start: Matrix? = nil, monitor: Monitor? = nil
  ) throws(ProblemError) -> UnbalancedGromovWassersteinSolution {
    try penalty.validate(epsilon: epsilon)
    try problem.requireNoForbiddenPairs()
    try problem.requireSquareLoss()
    try stopping.validate()
    try innerStopping.validate()
    if let start { try ProblemError.validate(start: start, rows: problem.source.count, columns: problem.target.count) }
    return try SymmetricStart.best(
      problem, from: start, isEntropic: epsilon > 0, by: \.regularizedValue, monitor: monitor
    ) {
      plan, monitor throws(ProblemError) in
      epsilon > 0
        ? try descend(problem, from: plan, monitor: monitor)
        : try descendOnDiagonal(problem, from: plan, monitor: monitor)
    }
  }

  private func descend(
    _ problem: QuadraticProblem, from start: Matrix?, monitor: Monitor?
  ) throws(ProblemError) -> UnbalancedGromovWassersteinSolution {
    let (a, b) = (problem.source.weights, problem.target.weights)
    let side = BiconvexSide(
      source: a, target: b, epsilon: epsilon, relaxation: problem.relaxation, stopping: innerStopping)
    var objective = QuadraticObjective(problem)
    var plan = RelaxedPlan(start ?? problem.productPlan, a, b)
    var before: RelaxedPlan?
    var averaging = CycleAveraging()
    var averagedCost: BiconvexSide.LinearCost?

    let run = try iterate(stopping, monitor: monitor) { _ throws(ProblemError) in
      let parts = objective.evaluate(plan.plan, featureWeight: featureWeight(plan))
      var cost = objective.halfGradient
      if featureTerm == .massWeighted, problem.features != nil {
        let constant = (1 - problem.alpha) / 2 * parts.linear
        cost = cost.map { $0 + constant }
      }
      var linear = side.cost(plan, quadratic: cost)
      if let averagedCost { linear = linear.averaged(with: averagedCost, kept: averaging.oldWeight) }
      guard var next = try side.answer(linear) else {
        return .stalled(reason: "the best plan has no mass that a number can hold; ρ is too small for such distances")
      }
      let value = dot(objective.halfGradient.elements, next.plan.elements)
      let penalties = side.penalties(next, plan, otherSide: side)
      let labels = (1 - problem.alpha) / 2 * parts.linear * (featureTerm == .massWeighted ? next.mass : 1)
      if problem.relaxation.leavesMassFree { next.scale(by: (plan.mass / next.mass).squareRoot()) }
      let change = next.change(from: plan)
      if let before {
        averaging.note(
          change: change, isCycling: CycleAveraging.isCycle(change: change, changeOfTwo: next.change(from: before)))
      }
      if averaging.isActive { averagedCost = linear }
      (before, plan) = (plan, next)
      return .advanced(
        residual: change, objective: value + labels + penalties.marginals + penalties.entropy, isSettled: side.isSettled
      )
    }
    return UnbalancedGromovWassersteinSolution(
      coupling: Coupling(plan: plan.plan, source: a, target: b), mass: plan.mass,
      parts: objective.report(plan.plan), penalties: side.penalties(plan, plan, otherSide: side),
      featureMass: featureWeight(plan), potentials: side.potentials, run: run, innerIterations: side.innerIterations)
  }

  func featureWeight(_ plan: RelaxedPlan) -> Double { featureTerm == .massWeighted ? plan.mass : 1 }
}

/// The solution of an unbalanced Gromov–Wasserstein problem: a stationary point with π = γ.
public struct UnbalancedGromovWassersteinSolution: Sendable, Interruptible {
  /// The plan π with the problem's weights, which are not its marginals unless ρ = ∞.
  public let coupling: Coupling
  /// The mass m(π) of the plan.
  public let mass: Double
  /// The objective without entropy, α GW²(π) + (1 − α) m(π) ⟨M, π⟩ plus the marginal penalty, with mass-weighted
  /// features.
  public let value: Double
  /// The objective F(π, π) with entropy.
  public let regularizedValue: Double
  /// The quadratic term GW²(π) and the linear term ⟨M, π⟩.
  public let parts: QuadraticParts
  /// ρ1 D(π1⊗π1 | a⊗a) + ρ2 D(π2⊗π2 | b⊗b).
  public let marginalPenalty: Double
  /// The dual potentials of the last linear problem.
  public let potentials: Potentials
  /// Whether the solver converged, and if not, why it ended.
  public package(set) var status: Status
  /// The number of outer iterations.
  public let iterations: Int
  /// Of inner solves, over all steps.
  public let innerIterations: Int
  /// The history of the iteration; the objective is F(πₖ₊₁, πₖ).
  public let trace: Trace

  init(
    coupling: Coupling, mass: Double, parts: QuadraticParts, penalties: (marginals: Double, entropy: Double),
    featureMass: Double,
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
