import Glibc
import LinearAlgebra

/// Gromov–Wasserstein transport with square loss or another (`QuadraticLoss`), fused and kernel-weighted too, by entropic steps. With f(P)
/// = (1 − α)⟨M, P⟩ + α⟨T(P), P⟩ and half its gradient H(P) = αT(P) + (1 − α)/2 M, which is T(P)_ij = Σ_kl (D1_ik − D2_jl)² P_kl where
/// nothing is fused, each iteration solves
///
///     mirror descent:   P⁺ = argmin ⟨H(P), Q⟩ + ε KL(Q | a⊗b)      over Q ≥ 0 with Q1 = a, Qᵀ1 = b
///     proximal point:   P⁺ = argmin ⟨H(P), Q⟩ + ε KL(Q | P)
///
/// by Sinkhorn scaling from the previous potentials. Mirror descent (Peyré, Cuturi, Solomon 2016) seeks stationary points of
/// f(P) + 2ε KL(P | a⊗b); the proximal point method (Xu, Luo, Zha, Carin 2019, arXiv:1901.06003) seeks stationary points of f itself,
/// and ε is only its step length.
///
/// Both are heuristics for a non-convex problem: they end in a stationary point that depends on the start, not in a certified minimum.
/// Without a start they begin at the product plan a⊗b. Between symmetric spaces that plan is stationary whatever ε, though below some ε no minimum:
/// where `SymmetricStart` finds such spaces, or isometric ones, a second descent begins at the plan that it gives, and the lower answer is kept.
/// So a space against a permutation of itself ends no higher than from the permutation.
///
/// Conventions: ε is absolute, in units of T, hence of squared distances. POT (and SCOT) step along the gradient 2T instead: **their ε
/// is twice ours** (`init(gradientEpsilon:)` takes theirs). Their entropy −H differs from KL(· | a⊗b) by a constant on feasible plans.
///
/// The residual is the change ‖P⁺ − P‖_F. The status is `converged` only if the change fell to the tolerance *and* the last inner solve
/// met its own tolerance, or the plan's marginals, which is what counts, fit to four times that; else the iteration goes on. When ε is so
/// small that the plan is nearly a permutation, Sinkhorn's marginals converge slower than linearly, and the limit may be reached first: the
/// status says so. Zero weights get no mass. Never NaN.
///
/// Time 2nm(n+m) for the two products (points with squared Euclidean distances: O(nmd)) and O(nm) per inner iteration; memory n² + m²
/// + 6nm numbers, and (n² + m²)/2 + 2½ nm more where products are in single precision.
public struct EntropicGromovWasserstein: Sendable {
  public enum Step: String, Sendable, CaseIterable {
    case mirrorDescent = "mirror-descent"
    case proximalPoint = "proximal-point"
  }

  /// ε > 0 as above.
  public var epsilon: Double
  public var step: Step
  /// Tolerance on ‖P⁺ − P‖_F, iteration limit, and how often to look.
  public var stopping: StoppingRule
  /// Tolerance on ‖Pᵀ1 − b‖₁ and iteration limit of each inner solve. Inner solves may end early: they start from the potentials of the
  /// one before, so that a fixed point of the whole has accurate marginals all the same.
  public var innerStopping: StoppingRule

  /// Whether problems of 65 536 plan entries and more may refresh T by the product of the plan's change in single precision. Intermediate
  /// plans then carry an error of 1e-4 of the last change, which vanishes as the plan converges; the reported values are always computed in
  /// double. It halves the time of large problems.
  public var usesMixedPrecision = true

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

  /// Takes ε in the convention of POT and SCOT, whose steps go along the gradient 2T: half of it is ours.
  public init(gradientEpsilon: Double, step: Step = .mirrorDescent) {
    self.init(epsilon: gradientEpsilon / 2, step: step)
  }

  /// Solves the problem from `start` (n×m, its marginals need not fit), or as said above without one.
  ///
  /// - Returns: iterations and trace are those of the start whose answer is kept.
  /// - Throws: `ProblemError` when ε or a stopping rule makes no sense, the problem is not balanced, or the start has another shape or
  ///   is not finite.
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
    // The proximal reference P is exp(potentials − all former costs): its inner cost is the sum of H over all steps.
    var cost = step == .proximalPoint ? plan.map { -epsilon * log(max($0, 1e-300)) } : Matrix(rows: plan.rows, columns: plan.columns)
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
      // A plan that no longer changes, but whose marginals are not met yet, is not done.
      let isSettled =
        inner.status.isConverged
        || change <= stopping.tolerance && Coupling(plan: plan, source: a, target: b).meetsMarginals(innerStopping.tolerance)
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
