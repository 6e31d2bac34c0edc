import LinearAlgebra

/// Multi-marginal Gromov–Wasserstein transport on a tree, with prescribed, relaxed, or free marginals, optionally
/// fused.
///
/// It seeks a plan π = γ that minimizes the biconvex functional
///
///     F(π, γ) = Σ_e c_e ∬ [α |d_i − d_j|² + (1 − α)/2 (M_e(x, y) + M_e(x', y'))] dπ_e dγ_e
///             + Σ_i ρ_i KL(π_i⊗γ_i | μ_i⊗μ_i) + ε KL(π⊗γ | R⊗R)
///
/// with KL(p|q) = Σ p log(p/q) − p + q (Beier, Beinert, and Steidl, 2023, arXiv:2205.06725). The algorithm is
/// alternating minimization. For fixed γ this is unbalanced multi-marginal transport in π, with costs between
/// adjacent nodes and one constant k0, solved by messages along the tree (`TreeSinkhorn`) from the previous
/// potentials. Then π is scaled by √(m(γ)/m(π)), which leaves F unchanged, and replaces γ. Only marginals on edges
/// and nodes are stored.
///
/// At fixed ε, F(πₖ₊₁, πₖ) never increases, up to the accuracy of inner solves. The alternation can cycle between two
/// plans π ≠ γ with F(π, γ) below F(π, π). If such a cycle is detected, each step uses a mean of its costs and the
/// previous ones, whose fixed points satisfy π = γ (a proximal step), with more weight on the old costs the longer
/// the cycle persists. The problem is not convex: the limit depends on the start. The product plan is a saddle point
/// if the spaces have symmetries; therefore the initial costs get seeded noise, and ε can be annealed (`Annealing`).
/// The best of a few seeds is a reasonable attempt at the global minimum.
///
/// Depending on `criterion`, the residual is Σ_e ‖π_e − γ_e‖₁ / m or (F(γ, γ) − F(π, γ)) / |F(γ, γ)|. `converged`
/// also requires that the last inner solve met its tolerance and that ε has its final value. On pixel grids, plans
/// keep rotating slowly by 1e-4…1e-3 per step while F is constant; use the gap criterion there. In single precision
/// the residual cannot fall below about 1e-7 max|C|/ε; `Precision.adaptive` then continues in double precision. The
/// result is never NaN; if the mass of the best plan underflows, the status is `stalled` and the last plan is
/// returned.
///
/// - Complexity: two products of n_i × n_i × n_j operations per edge and iteration, without points of negligible
///   mass, and the inner passes; memory of three matrices per edge.
public struct TreeGromovWasserstein: Sendable {
  /// The precision of costs, kernels, and plans of edges.
  ///
  /// Reported values are always computed in double precision.
  public enum Precision: String, Sendable, CaseIterable {
    /// Single precision throughout.
    case single
    /// Double precision throughout.
    case double
    /// Single precision until rounding dominates the residual, then double; double from the start if costs or masses
    /// are near the limits of single precision.
    case adaptive
  }

  /// The quantity that the tolerance bounds.
  public enum Criterion: String, Sendable, CaseIterable {
    /// The change of the plans, Σ_e ‖π_e − γ_e‖₁ / m.
    ///
    /// While costs are averaged, the gap must be within the tolerance as well.
    case plans
    /// The suboptimality (F(γ, γ) − F(π, γ)) / |F(γ, γ)|, which is zero only at stationary points with π = γ.
    ///
    /// While costs are averaged, π is optimal for the averaged costs, and the largest magnitude of the difference
    /// over the last three steps counts.
    case gap
  }

  /// The unit of ε.
  public enum EpsilonUnit: String, Sendable, CaseIterable {
    /// ε is in units of squared distances: F is one fixed functional.
    case absolute
    /// ε is in units of the largest range max C_e − min C_e of an edge's cost, per unit of mass, updated in each
    /// step.
    ///
    /// The same ε then suits problems of every scale, but F changes from step to step until the costs converge.
    case costRange = "cost-range"
  }

  /// The regularization ε > 0, in the unit `epsilonUnit`.
  public var epsilon: Double
  /// The unit of ε.
  public var epsilonUnit: EpsilonUnit
  /// The decrease of ε to its final value; nil keeps ε constant.
  public var annealing: Annealing?
  /// The standard deviation of the noise on the initial costs, as a fraction of c_e times the largest squared
  /// distance.
  public var noise: Double
  /// The seed of the noise.
  public var seed: UInt64
  /// The precision of costs, kernels, and plans of edges.
  public var precision: Precision
  /// The quantity that the tolerance bounds.
  public var criterion: Criterion
  /// The tolerance on the quantity that `criterion` selects and the iteration limit.
  public var stopping: StoppingRule
  /// The stopping rule of each inner solve.
  public var innerStopping: StoppingRule

  /// Creates a solver.
  ///
  /// - Parameters:
  ///   - epsilon: the regularization ε > 0, in the given unit.
  ///   - epsilonUnit: the unit of ε.
  ///   - annealing: the decrease of ε to its final value, in the same unit; nil keeps ε constant.
  ///   - noise: the relative noise on the initial costs; without noise a symmetric start stays symmetric.
  ///   - seed: the seed of the noise.
  ///   - precision: the precision of costs, kernels, and plans of edges.
  ///   - criterion: the quantity that the tolerance bounds.
  ///   - stopping: the tolerance on the quantity that `criterion` selects and the iteration limit.
  ///   - innerStopping: the stopping rule of each inner solve.
  public init(
    epsilon: Double, epsilonUnit: EpsilonUnit = .absolute, annealing: Annealing? = nil, noise: Double = 1e-3,
    seed: UInt64 = 0,
    precision: Precision = .adaptive,
    criterion: Criterion = .plans,
    stopping: StoppingRule = StoppingRule(tolerance: 1e-6, iterationLimit: 300),
    innerStopping: StoppingRule = StoppingRule(tolerance: 1e-7, iterationLimit: 1000)
  ) {
    self.epsilon = epsilon
    self.epsilonUnit = epsilonUnit
    self.annealing = annealing
    self.noise = noise
    self.seed = seed
    self.precision = precision
    self.criterion = criterion
    self.stopping = stopping
    self.innerStopping = innerStopping
  }

  /// Solves the problem from one start.
  ///
  /// - Parameters:
  ///   - problem: the tree, its spaces, and its marginals.
  ///   - start: one initial plan per edge, all of the same mass, with equal node marginals where edges meet; noise is
  ///     added to its costs too. If nil, the product of the marginals, uniform on free nodes.
  ///   - monitor: receives the recorded steps and may stop the iteration.
  /// - Returns: the edge plans, node marginals, and objective.
  /// - Throws: `ProblemError` if a parameter is out of range or the start does not fit.
  public func solve(
    _ problem: TreeGromovWassersteinProblem, from start: [Matrix]? = nil, monitor: Monitor? = nil
  ) throws(ProblemError) -> TreeGromovWassersteinSolution {
    try ProblemError.validate(positive: epsilon, named: "ε")
    try annealing?.validate()
    if !(noise >= 0 && noise.isFinite) {
      throw .parameter(name: "the noise", found: "\(noise)", expected: "a number that is not negative")
    }
    try stopping.validate()
    try innerStopping.validate()
    if let start { try Self.validate(start, problem) }
    switch precision {
    case .double:
      let alternation = TreeAlternation<Double>(problem, solver: self, start: start)
      return alternation.solution(alternation.run(stopping, monitor: monitor))
    case .single:
      let alternation = TreeAlternation<Float>(problem, solver: self, start: start)
      guard alternation.isWithinRange else {
        throw .parameter(
          name: "the precision", found: "single, although costs or masses are near its limits",
          expected: "double or adaptive")
      }
      return alternation.solution(alternation.run(stopping, monitor: monitor))
    case .adaptive:
      let rough = TreeAlternation<Float>(problem, solver: self, start: start)
      guard rough.isWithinRange else {
        var double = self
        double.precision = .double
        return try double.solve(problem, from: start, monitor: monitor)
      }
      let first = rough.run(stopping, floor: true, monitor: monitor)
      guard rough.reachedFloor, first.iterations < stopping.iterationLimit else { return rough.solution(first) }
      let fine = TreeAlternation<Double>(continuing: rough)
      let second = fine.run(stopping, monitor: monitor)
      return fine.solution(
        Run(second.status, iterations: second.iterations, trace: Trace.joined(first.trace, second.trace)))
    }
  }

  private static func validate(_ start: [Matrix], _ problem: TreeGromovWassersteinProblem) throws(ProblemError) {
    if start.count != problem.topology.edges.count {
      throw .shape(
        name: "the start", found: "\(start.count) plans", expected: "\(problem.topology.edges.count) (edges)")
    }
    var marginals = [[Double]?](repeating: nil, count: problem.spaces.count)
    for (edge, plan) in zip(problem.topology.edges, start) {
      try ProblemError.validate(
        start: plan, rows: problem.spaces[edge.first].marginal.count,
        columns: problem.spaces[edge.second].marginal.count)
      for (node, sums) in [(edge.first, plan.rowSums), (edge.second, plan.columnSums)] {
        let known = marginals[node] ?? sums
        let error = absoluteDifference(known, sums)
        if error > 1e-6 * compensatedSum(sums) {
          throw .parameter(
            name: "the start", found: "plans whose marginals on node \(node) differ by \(error)",
            expected: "plans that agree where edges meet")
        }
        marginals[node] = known
      }
    }
  }
}
