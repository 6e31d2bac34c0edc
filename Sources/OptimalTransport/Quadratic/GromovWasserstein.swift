import LinearAlgebra

/// Gromov–Wasserstein transport with square or KL loss (`QuadraticLoss`), optionally fused and kernel-weighted, by the
/// conditional gradient method.
///
/// It solves
///
///     min  f(P) = (1 − α) ⟨M, P⟩ + α Σ_{ijkl} K_ik (D1_ik − D2_jl)² P_ij P_kl      over P ≥ 0 with P1 = a, Pᵀ1 = b
///
/// (Vayer, Chapel, Flamary, Tavenard, and Courty, 2019, arXiv:1805.09114). Each step finds the vertex S that
/// minimizes the linearized objective, by the network simplex from the previous basis, and then the exact minimum of
/// the quadratic on the segment from P to S. If no step improves to first order, curvature is used (`SecondOrder`):
/// the vertex S itself is tried, and, unless P is that vertex, vertices that are optimal after small seeded
/// perturbations. The iteration continues from a lower one.
///
/// Without a given start the iteration begins at the product plan. If the spaces are symmetric, as `SymmetricStart`
/// defines it, a second descent begins at a plan that breaks the symmetry, and the better result is kept. A space
/// against a permutation of itself then ends at 0. Spaces without symmetry are solved once.
///
/// The objective never increases. The problem is not convex: the iteration ends in a stationary point that depends on
/// the start, often a vertex; `MultiStart` searches for others. α = 0 is linear transport, solved in one step, and a
/// proximity kernel with h → ∞ is fused Gromov–Wasserstein.
///
/// The residual is the duality gap ⟨∇f(P), P − S⟩, which is zero exactly at stationary points, as a fraction of the
/// product plan's quadratic term and the |M| that P or S pays. Pairs with M_ij = ∞ receive no mass; the start is then
/// the closest plan to the product plan without them. If the quadratic is convex along the path, the gap decreases
/// only like 1/k, and the iteration limit may be reached first, as the status then says. Points of weight zero
/// receive no mass. Values of plans with few entries are summed over pairs of entries, so that they are never
/// negative and accurate at any offset of the distances.
///
///     let problem = try QuadraticProblem(source: .init(distances: d1), target: .init(distances: d2))
///     let solution = try GromovWasserstein().solve(problem)
///     print(solution.status, solution.value)
///
/// - Complexity: one product of n·m·m operations (O(nmd) for points with squared Euclidean distances) and one network
///   simplex per iteration; memory for n² + m² + 5nm numbers.
public struct GromovWasserstein: Sendable {
  /// The tolerance on the relative gap, the iteration limit, and the check interval.
  public var stopping: StoppingRule

  /// Creates a solver with a tolerance on the relative gap and an iteration limit.
  public init(stopping: StoppingRule = StoppingRule(tolerance: 1e-9, iterationLimit: 1000)) { self.stopping = stopping }

  /// Solves the problem from one start, or from several if the spaces are symmetric and no start is given.
  ///
  /// - Parameters:
  ///   - problem: a balanced problem.
  ///   - start: the initial plan, n×m, with the problem's marginals to 1e-6 of the mass; the product plan if nil.
  ///   - monitor: receives the recorded steps and may stop the iteration.
  /// - Returns: the best solution; its iterations and trace are those of the start that gave it.
  /// - Throws: `ProblemError` if the stopping rule is invalid, the problem is not balanced, or the start does not
  ///   fit.
  public func solve(
    _ problem: QuadraticProblem, from start: Matrix? = nil, monitor: Monitor? = nil
  ) throws(ProblemError) -> GromovWassersteinSolution {
    try stopping.validate()
    try problem.relaxation.requireBalanced()
    if let start { try Self.validate(start, problem) }
    let descent = ConditionalGradient(
      stopping: stopping, oracle: BalancedOracle(source: problem.source.weights, target: problem.target.weights))
    return try SymmetricStart.best(problem, from: start, isEntropic: false, by: \.regularizedValue, monitor: monitor) {
      plan, monitor throws(ProblemError) in
      try descent.descend(problem, from: plan, monitor: monitor)
    }
  }

  private static func validate(_ plan: Matrix, _ problem: QuadraticProblem) throws(ProblemError) {
    let (a, b) = (problem.source.weights, problem.target.weights)
    try ProblemError.validate(start: plan, rows: a.count, columns: b.count)
    let error = Coupling(plan: plan, source: a, target: b).marginalError
    if error > 1e-6 * compensatedSum(a) {
      throw .parameter(name: "the marginal error of the start", found: "\(error)", expected: "at most 1e-6 of the mass")
    }
    try problem.requireNoForbiddenMass(plan)
  }
}
