import LinearAlgebra

/// Semi-relaxed Gromov–Wasserstein transport with square or KL loss, optionally fused and kernel-weighted.
///
/// The source marginal is prescribed and the target marginal is free, so that a source can match a part of the
/// target:
///
///     min  f(P) = (1 − α) ⟨M, P⟩ + α Σ_{ijkl} K_ik (D1_ik − D2_jl)² P_ij P_kl      over P ≥ 0 with P1 = a
///
/// (Vincent-Cuaz, Flamary, Corneli, Vayer, and Courty, 2022, arXiv:2110.02753). Mass can go to target points with
/// positive weights b; otherwise b only affects the start, and its sum need not be that of a.
///
/// The algorithm is the conditional gradient method of `GromovWasserstein`, whose linear problems separate by rows:
/// each source point sends its mass to its cheapest target point. The objective never increases. The problem is not
/// convex: the iteration ends in a stationary point that depends on the start, often a vertex, at which each source
/// point has one partner.
///
/// The starts are the product plan a bᵀ/m(b) or the given plan; then the solution of the balanced problem from the
/// same start, so that with at least two starts the value is at most that of `GromovWasserstein`; then random plans,
/// alternating between noisy product plans and vertices. The solution of lowest value is kept.
///
/// The residual is the duality gap ⟨∇f(P), P − S⟩ of the best vertex S, as a fraction of the product plan's quadratic
/// term and the |M| that P or S pays. Pairs with M_ij = ∞ and points of weight zero on either side receive no mass.
///
///     let problem = try QuadraticProblem(
///       source: .init(distances: d1), target: .init(distances: d2), relaxation: .semiRelaxed)
///     let solution = try SemiRelaxedGromovWasserstein(starts: 4).solve(problem)
///     print(solution.value, solution.coupling.target)
///
/// - Complexity: one product of n·m·m operations per iteration (O(nmd) for points with squared Euclidean distances);
///   memory for n² + m² + 6nm numbers.
public struct SemiRelaxedGromovWasserstein: Sendable {
  /// The number of starts, at least 1.
  public var starts: Int
  /// The seed of the random starts.
  public var seed: UInt64
  /// The tolerance on the relative gap, the iteration limit of each start, and the check interval.
  public var stopping: StoppingRule

  /// Creates a solver.
  ///
  /// - Parameters:
  ///   - starts: the number of starts, at least 1.
  ///   - seed: the seed of the random starts.
  ///   - stopping: the tolerance on the relative gap and the iteration limit of each start.
  public init(
    starts: Int = 1, seed: UInt64 = 1, stopping: StoppingRule = StoppingRule(tolerance: 1e-9, iterationLimit: 1000)
  ) {
    self.starts = starts
    self.seed = seed
    self.stopping = stopping
  }

  /// Solves the problem from all starts.
  ///
  /// - Parameters:
  ///   - problem: a problem with `MarginalRelaxation.semiRelaxed`.
  ///   - start: the initial plan, n×m, with source marginal a to 1e-6 of the mass, and no mass on forbidden pairs or
  ///     at targets of weight zero; the product plan if nil.
  ///   - monitor: receives the recorded steps and may stop the search.
  /// - Returns: the best solution; its iterations and trace are those of the start that gave it, and the target
  ///   marginal of its coupling is that of the plan.
  /// - Throws: `ProblemError` if a parameter is out of range, the problem is relaxed in another way, the start does
  ///   not fit, or all pairs of a source point with mass are forbidden.
  public func solve(
    _ problem: QuadraticProblem, from start: Matrix? = nil, monitor: Monitor? = nil
  ) throws(ProblemError) -> GromovWassersteinSolution {
    try stopping.validate()
    let posed = try SemiRelaxedPlans.posed(problem, starts: starts)
    let descent = ConditionalGradient(
      stopping: stopping,
      oracle: RowwiseOracle(
        source: posed.source.weights, columns: posed.target.weights.indices.filter { posed.target.weights[$0] > 0 }))
    let plans = SemiRelaxedPlans(posed)
    if let start { try plans.validate(start) }
    var first = try plans.product()
    if let start { first = start }
    let watch = Watch(monitor)
    var search = StartSearch(
      try descent.descend(posed, from: first, monitor: watch.monitor), watch: watch, by: \.regularizedValue,
      margin: startMargin)
    var random = SemiRelaxedStarts(posed, seed: seed)
    for index in 1..<starts {
      try search.attempt { monitor throws(ProblemError) in
        let next =
          index == 1 ? try balancedAnswer(posed, from: start, monitor: monitor) : try random.next(descent.oracle)
        guard let plan = next, !watch.hasStopped else { return nil }
        return try descent.descend(posed, from: plan, monitor: monitor)
      }
    }
    return search.answer
  }

  /// The solution of the balanced problem; nil if every plan with both marginals has mass on forbidden pairs.
  private func balancedAnswer(
    _ problem: QuadraticProblem, from start: Matrix?, monitor: Monitor?
  ) throws(ProblemError) -> Matrix? {
    let (a, b) = (problem.source.weights, problem.target.weights)
    // A start with a different target marginal is not feasible for the balanced problem.
    let fitting = start.flatMap {
      Coupling(plan: $0, source: a, target: b).marginalError <= 1e-6 * compensatedSum(a) ? $0 : nil
    }
    do throws(ProblemError) {
      return try GromovWasserstein(stopping: stopping).solve(problem, from: fitting, monitor: monitor).coupling.plan
    } catch {
      if case .infeasible = error { return nil }
      throw error
    }
  }
}
