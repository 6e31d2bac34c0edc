import LinearAlgebra

/// Semi-relaxed Gromov–Wasserstein transport with square loss or another, fused and kernel-weighted too (Vincent-Cuaz, Flamary, Corneli,
/// Vayer, Courty 2022, arXiv:2110.02753): the source's points keep their weights, the target's get what suits them best, so that a source
/// can match a part of the target:
///
///     min  f(P) = (1 − α) ⟨M, P⟩ + α Σ_{ijkl} K_ik (D1_ik − D2_jl)² P_ij P_kl      over P ≥ 0 with P1 = a.
///
/// Target weights b say where mass may go, which is where they are positive; beyond that they matter for the start alone. Their sum need not be that of a.
///
/// Algorithm: the conditional gradient (`GromovWasserstein` says how), whose linear problems are solved row by row: each source point goes to its
/// cheapest target point. The objective never rises. The problem is not convex: the iteration ends in a stationary point that depends on the start,
/// often a vertex, at which each source point has one partner.
///
/// The starts are the product plan a bᵀ/m(b), unless one is given; then the answer of the balanced problem from the same start, so that with two
/// starts the value is at most that of `GromovWasserstein`; then seeded ones, alternately noisy product plans and vertices. The lowest solution is kept.
///
/// The residual is the duality gap ⟨∇f(P), P − S⟩ between the plan and the best vertex S, as a fraction of the product plan's quadratic part and what P
/// or S pays of |M|. Pairs with M_ij = ∞ get no mass; zero weights get none on either side.
///
/// Time an iteration: one n×m×m product (points with squared Euclidean distances: O(nmd)); memory n² + m² + 6nm.
///
///     let problem = try QuadraticProblem(source: .init(distances: d1), target: .init(distances: d2), relaxation: .semiRelaxed)
///     let solution = try SemiRelaxedGromovWasserstein(starts: 4).solve(problem)
///     print(solution.value, solution.coupling.target)
public struct SemiRelaxedGromovWasserstein: Sendable {
  /// How many starts, at least 1.
  public var starts: Int
  /// Of the seeded starts.
  public var seed: UInt64
  /// Tolerance on the relative gap, iteration limit of each start, and how often to look.
  public var stopping: StoppingRule

  public init(starts: Int = 1, seed: UInt64 = 1, stopping: StoppingRule = StoppingRule(tolerance: 1e-9, iterationLimit: 1000)) {
    self.starts = starts
    self.seed = seed
    self.stopping = stopping
  }

  /// Solves the problem.
  ///
  /// - Parameters:
  ///   - problem: relaxed as `MarginalRelaxation.semiRelaxed` says.
  ///   - start: n×m, with the source marginal a to 1e-6 of the mass, and without mass on forbidden pairs and at targets of weight zero.
  ///   - monitor: is asked at recorded steps whether to go on.
  /// - Returns: iterations and trace are those of the start whose answer is kept; the coupling's target is the marginal that the plan has.
  /// - Throws: `ProblemError` when a parameter makes no sense, the problem is relaxed in another way, the start does not fit, or all pairs of a source
  ///   point with mass are forbidden.
  public func solve(
    _ problem: QuadraticProblem, from start: Matrix? = nil, monitor: Monitor? = nil
  ) throws(ProblemError) -> GromovWassersteinSolution {
    try stopping.validate()
    let posed = try SemiRelaxedPlans.posed(problem, starts: starts)
    let descent = ConditionalGradient(
      stopping: stopping,
      oracle: RowwiseOracle(source: posed.source.weights, columns: posed.target.weights.indices.filter { posed.target.weights[$0] > 0 }))
    let plans = SemiRelaxedPlans(posed)
    if let start { try plans.validate(start) }
    var first = try plans.product()
    if let start { first = start }
    let watch = Watch(monitor)
    var search = StartSearch(
      try descent.descend(posed, from: first, monitor: watch.monitor), watch: watch, by: \.regularizedValue, margin: startMargin)
    var random = SemiRelaxedStarts(posed, seed: seed)
    for index in 1..<starts {
      try search.attempt { monitor throws(ProblemError) in
        let next = index == 1 ? try balancedAnswer(posed, from: start, monitor: monitor) : try random.next(descent.oracle)
        guard let plan = next, !watch.hasStopped else { return nil }
        return try descent.descend(posed, from: plan, monitor: monitor)
      }
    }
    return search.answer
  }

  /// Nil where no plan of both marginals does without forbidden pairs.
  private func balancedAnswer(
    _ problem: QuadraticProblem, from start: Matrix?, monitor: Monitor?
  ) throws(ProblemError) -> Matrix? {
    let (a, b) = (problem.source.weights, problem.target.weights)
    // A start of another target marginal is none of the balanced problem's.
    let fitting = start.flatMap { Coupling(plan: $0, source: a, target: b).marginalError <= 1e-6 * compensatedSum(a) ? $0 : nil }
    do throws(ProblemError) {
      return try GromovWasserstein(stopping: stopping).solve(problem, from: fitting, monitor: monitor).coupling.plan
    } catch {
      if case .infeasible = error { return nil }
      throw error
    }
  }
}
