import LinearAlgebra

/// Gromov–Wasserstein transport with square loss or another (`QuadraticLoss`), fused and kernel-weighted too, without entropy:
///
///     min  f(P) = (1 − α) ⟨M, P⟩ + α Σ_{ijkl} K_ik (D1_ik − D2_jl)² P_ij P_kl      over P ≥ 0 with P1 = a, Pᵀ1 = b.
///
/// Algorithm: conditional gradient (Vayer, Chapel, Flamary, Tavenard, Courty 2019, arXiv:1805.09114): the vertex S that minimises the
/// linearised objective by the network simplex, started from the basis of the step before, then the exact minimum of the quadratic on the
/// segment from P to S. Where no step gains to first order, the curvature is looked at (`SecondOrder`): f(S) itself, and unless P is that
/// vertex, vertices that are best after small seeded perturbations. The iteration goes on from one that is lower.
///
/// Without a start the iteration begins at the product plan; where the spaces are symmetric (`SymmetricStart` says what counts as that), again
/// from a plan that breaks the symmetry, and the lower answer is kept. A space against a permutation of itself then ends at 0. Spaces without
/// symmetry are solved once.
///
/// The objective never rises. The problem is not convex: the iteration ends in a stationary point that depends on the start, often a
/// vertex, and says nothing about others (`MultiStart` looks for them). α = 0 is linear transport, solved in one step; the proximity kernel
/// as h → ∞ is fused Gromov–Wasserstein.
///
/// The residual is the duality gap ⟨∇f(P), P − S⟩, zero exactly at stationary points, as a fraction of the product plan's quadratic part and what
/// P or S pays of |M|. Pairs with M_ij = ∞ get no mass; the start is then the nearest plan to the product plan that does without them. Where the
/// quadratic is convex along the way the gap falls only like 1/k, and the limit may be reached first: the status says so. Zero weights get
/// no mass. Values of plans with few entries are summed over pairs of entries, so that they are never negative and right at any offset of the
/// distances.
///
/// Time an iteration: one n×m×m product (points with squared Euclidean distances: O(nmd)) and the network simplex; memory n² + m² + 5nm.
///
///     let problem = try QuadraticProblem(source: .init(distances: d1), target: .init(distances: d2))
///     let solution = try GromovWasserstein().solve(problem)
///     print(solution.status, solution.value)
public struct GromovWasserstein: Sendable {
  /// Tolerance on the relative gap, iteration limit, and how often to look.
  public var stopping: StoppingRule

  public init(stopping: StoppingRule = StoppingRule(tolerance: 1e-9, iterationLimit: 1000)) { self.stopping = stopping }

  /// Solves the problem from `start`, or as said above without one.
  ///
  /// - Parameters:
  ///   - problem: a balanced problem.
  ///   - start: n×m with the problem's marginals, to 1e-6 of the mass.
  ///   - monitor: is asked at recorded steps whether to go on.
  /// - Returns: iterations and trace are those of the start whose answer is kept.
  /// - Throws: `ProblemError` when the stopping rule makes no sense, the problem is not balanced, or the start does not fit.
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
