import Glibc
import LinearAlgebra

/// Gromov–Wasserstein transport with square or KL loss (`QuadraticLoss`), optionally fused and kernel-weighted, by
/// entropic steps.
///
/// With f(P) = (1 − α)⟨M, P⟩ + α⟨T(P), P⟩ and half its gradient H(P) = αT(P) + (1 − α)/2 M, where T(P)_ij = Σ_kl
/// (D1_ik − D2_jl)² P_kl, each iteration solves one of
///
///     mirror descent:   P⁺ = argmin ⟨H(P), Q⟩ + ε KL(Q | a⊗b)      over Q ≥ 0 with Q1 = a, Qᵀ1 = b
///     proximal point:   P⁺ = argmin ⟨H(P), Q⟩ + ε KL(Q | P)
///
/// by Sinkhorn's algorithm, warm-started from the previous potentials. Mirror descent (Peyré, Cuturi, and Solomon,
/// 2016) finds stationary points of f(P) + 2ε KL(P | a⊗b). The proximal point method (Xu, Luo, Zha, and Carin, 2019,
/// arXiv:1901.06003) finds stationary points of f itself, and ε is only its step size.
///
/// The problem is not convex: both methods end in a stationary point that depends on the start, not in a certified
/// minimum. Without a given start they begin at the product plan a⊗b. Between symmetric spaces this plan is
/// stationary for every ε, though not a minimum for small ε. If `SymmetricStart` finds that spaces are symmetric or
/// isometric, a second descent begins at its plan, and the better result is kept. A space against a permutation of
/// itself therefore ends no higher than from the permutation.
///
/// ε is absolute, in units of T, hence of squared distances. POT and SCOT take steps along the gradient 2T instead:
/// **their ε is twice this one**, and `init(gradientEpsilon:)` takes theirs. Their entropy −H differs from KL(· |
/// a⊗b) by a constant on feasible plans.
///
/// The residual is the change ‖P⁺ − P‖_F. The status is `converged` only if the change fell to the tolerance *and*
/// either the last inner solve met its own tolerance or the plan's marginals agree to four times that; otherwise the
/// iteration continues. If ε is so small that the plan is nearly a permutation, the marginals converge sublinearly
/// and the iteration limit may be reached first, as the status then says. Points of weight zero receive no mass. The
/// result is never NaN.
///
/// - Complexity: 2nm(n+m) operations per iteration for the products (O(nmd) for points with squared Euclidean
///   distances), and O(nm) per inner iteration. Memory is n² + m² + 6nm numbers, and (n² + m²)/2 + 2½ nm more if
///   products are in single precision.
public struct EntropicGromovWasserstein: Sendable {
  /// The reference measure of the entropy in a step.
  public enum Step: String, Sendable, CaseIterable {
    /// Mirror descent: entropy relative to the product plan a⊗b.
    case mirrorDescent = "mirror-descent"
    /// Proximal point steps: entropy relative to the current plan.
    case proximalPoint = "proximal-point"
  }

  /// The regularization ε > 0, in units of squared distances.
  public var epsilon: Double
  /// Whether steps are mirror descent or proximal point steps.
  public var step: Step
  /// The tolerance on ‖P⁺ − P‖_F, the iteration limit, and the check interval.
  public var stopping: StoppingRule
  /// The tolerance on ‖Pᵀ1 − b‖₁ and the iteration limit of each inner solve.
  ///
  /// Inner solves may end early: they are warm-started, so that a fixed point of the whole iteration has accurate
  /// marginals anyway.
  public var innerStopping: StoppingRule

  /// Whether problems with at least 65,536 plan entries may update T by single-precision products with the change of
  /// the plan.
  ///
  /// Intermediate plans then have an error of 1e-4 of the last change, which vanishes as the plan converges; reported
  /// values are always computed in double precision. It halves the time of large problems.
  public var usesMixedPrecision = true

  /// Creates a solver.
  ///
  /// - Parameters:
  ///   - epsilon: the regularization ε > 0, in units of squared distances.
  ///   - step: whether steps are mirror descent or proximal point steps.
  ///   - stopping: the tolerance on the change of the plan and the iteration limit.
  ///   - innerStopping: the stopping rule of inner Sinkhorn solves.
  public init(
    epsilon: Double, step: Step = .mirrorDescent,
    stopping: StoppingRule = StoppingRule(tolerance: 1e-9, iterationLimit: 1000),
    innerStopping: StoppingRule = StoppingRule(tolerance: 1e-9, iterationLimit: 1000)
  ) {
    self.epsilon = epsilon
    self.step = step
    self.stopping = stopping
    self.innerStopping = innerStopping
  }

  /// Creates a solver from ε in the convention of POT and SCOT, which is twice this solver's ε.
  public init(gradientEpsilon: Double, step: Step = .mirrorDescent) {
    self.init(epsilon: gradientEpsilon / 2, step: step)
  }

  /// Solves the problem from one start, or from several if the spaces are symmetric and no start is given.
  ///
  /// - Parameters:
  ///   - problem: a balanced problem.
  ///   - start: the initial plan, n×m, whose marginals need not match; the product plan if nil.
  ///   - monitor: receives the recorded steps and may stop the iteration.
  /// - Returns: the best solution; its iterations and trace are those of the start that gave it.
  /// - Throws: `ProblemError` if ε or a stopping rule is out of range, the problem is not balanced, or the start has
  ///   the wrong shape or is not finite.
  public func solve(
    _ problem: QuadraticProblem, from start: Matrix? = nil, monitor: Monitor? = nil
  ) throws(ProblemError) -> GromovWassersteinSolution {
    try ProblemError.validate(positive: epsilon, named: "ε")
    try problem.requireNoForbiddenPairs()
    try stopping.validate()
    try innerStopping.validate()
    try problem.relaxation.requireBalanced()
    if let start { try ProblemError.validate(start: start, rows: problem.source.count, columns: problem.target.count) }
    let value: (GromovWassersteinSolution) -> Double = step == .mirrorDescent ? { $0.regularizedValue } : { $0.value }
    return try SymmetricStart.best(problem, from: start, isEntropic: true, by: value, monitor: monitor) {
      plan, monitor throws(ProblemError) in
      try descend(problem, from: plan, monitor: monitor)
    }
  }

  private func descend(
    _ problem: QuadraticProblem, from start: Matrix?, monitor: Monitor?
  ) throws(ProblemError) -> GromovWassersteinSolution {
    let (a, b) = (problem.source.weights, problem.target.weights)
    var plan = start ?? problem.productPlan
    let workspace = ScalingWorkspace(source: a, target: b, epsilon: epsilon)
    let isMixed = usesMixedPrecision && a.count * b.count >= mixedPrecisionSize
    var objective = QuadraticObjective(problem, isMixed: isMixed)
    // The proximal reference P is exp(potentials − all previous costs): its inner cost is the sum of H over all
    // steps.
    var cost =
      step == .proximalPoint
      ? plan.map { -epsilon * log(max($0, 1e-300)) } : Matrix(rows: plan.rows, columns: plan.columns)
    var entropy = start == nil ? 0 : relativeEntropy(plan.elements, Matrix(outer: a, b).elements)
    var innerIterations = 0

    let run = iterate(stopping, monitor: monitor) { _ in
      var value = objective.evaluate(plan, exactly: !isMixed).value
      if step == .mirrorDescent { value += 2 * epsilon * entropy }
      switch step {
      case .mirrorDescent: swap(&cost, &objective.halfGradient)
      case .proximalPoint: cost.add(objective.halfGradient)
      }
      let inner = workspace.iterate(cost, stopping: innerStopping)
      innerIterations += inner.iterations
      let change = workspace.writePlan(&plan).squareRoot()
      entropy = workspace.relativeEntropy(of: plan, cost: cost)
      // A plan that no longer changes but does not meet its marginals has not converged.
      let isSettled =
        inner.status.isConverged
        || change <= stopping.tolerance
          && Coupling(plan: plan, source: a, target: b).meetsMarginals(innerStopping.tolerance)
      return .advanced(residual: change, objective: value, isSettled: isSettled)
    }
    try ProblemError.validate(plan: plan)
    let parts = objective.report(plan)
    let coupling = Coupling(plan: plan, source: a, target: b)
    return GromovWassersteinSolution(
      coupling: coupling, parts: parts, regularizedValue: parts.value + 2 * epsilon * entropy,
      potentials: workspace.potentials(cost),
      status: coupling.confirming(run.status, tolerance: innerStopping.tolerance), iterations: run.iterations,
      innerIterations: innerIterations, trace: run.trace)
  }
}
