import LinearAlgebra

/// Multi-marginal, unbalanced and fused Gromov–Wasserstein transport on a tree (Beier, Beinert, Steidl 2023, arXiv:2205.06725): the diagonal
/// π = γ of the bi-convex
///
///     F(π, γ) = Σ_e c_e ∬ [α |d_i − d_j|² + (1 − α)/2 (M_e(x, y) + M_e(x', y'))] dπ_e dγ_e
///             + Σ_i ρ_i KL(π_i⊗γ_i | μ_i⊗μ_i) + ε KL(π⊗γ | R⊗R),      KL(p|q) = Σ p log(p/q) − p + q.
///
/// Algorithm: alternating minimisation. For fixed γ this is unbalanced multi-marginal transport in π, with costs between neighbours and one
/// constant k0, solved by messages along the tree (`TreeSinkhorn`) from the previous potentials; then π is scaled by √(m(γ)/m(π)), which leaves F
/// as it is, and takes the place of γ. Only marginals of edges and nodes are stored.
///
/// F(πₖ₊₁, πₖ) never rises at one ε, as far as inner solves are exact. It can settle between two plans π ≠ γ with F(π, γ) below F(π, π); when
/// that shows, each step uses a mean of its costs and those before, whose fixed points lie on the diagonal (a proximal step), the more of the
/// old the longer plans go to and fro. The problem is
/// not convex: the limit depends on the start. The exact product plan is a saddle wherever the spaces have symmetries, so the first costs
/// carry seeded noise, and ε falls to its value in steps (`Annealing`); the best of a few seeds is a fair try at the lowest basin.
///
/// The residual is by `criterion` Σ_e ‖π_e − γ_e‖₁ / m or (F(γ, γ) − F(π, γ)) / |F(γ, γ)|. `converged` also asks that the last inner solve met its tolerance and that ε has come to its value.
/// On pixel grids plans keep rotating slowly at 1e-4…1e-3 while F rests: judge those by the gap. In single precision the residual has a floor near
/// 1e-7 max|C|/ε; `Precision.adaptive` goes on in double from there. Never NaN; when the best plan has no mass that a number can hold, the
/// status is `stalled` and the last plan is returned.
///
/// Time an iteration: two products of n_i × n_i × n_j operations an edge (points without mass left out) and the inner passes; memory three
/// matrices an edge.
public struct TreeGromovWasserstein: Sendable {
  /// How costs, kernels and plans of edges are held. Values that are reported are always computed in double.
  public enum Precision: String, Sendable, CaseIterable {
    case single
    case double
    /// Single until its rounding shows in the residual, then double; double at once where costs or masses are near the end of single precision.
    case adaptive
  }

  /// What must fall to the tolerance.
  public enum Criterion: String, Sendable, CaseIterable {
    /// Σ_e ‖π_e − γ_e‖₁ / m: plans come to rest. Where costs are averaged the gap must have closed as well.
    case plans
    /// (F(γ, γ) − F(π, γ)) / |F(γ, γ)|, what the best answer to γ would gain: zero on the diagonal's stationary points alone. Where costs are
    /// averaged π answers these, and the largest difference of the last three steps counts, of either sign.
    case gap
  }

  /// What ε is measured in.
  public enum EpsilonUnit: String, Sendable, CaseIterable {
    /// Units of squared distances: F is one functional.
    case absolute
    /// The largest range max C_e − min C_e of an edge's cost, per unit of mass, anew in each step: the same ε suits problems of every scale, but
    /// F changes from step to step until costs come to rest.
    case costRange = "cost-range"
  }

  /// ε > 0, in its unit.
  public var epsilon: Double
  public var epsilonUnit: EpsilonUnit
  /// How ε falls to its value; nil holds it there from the start.
  public var annealing: Annealing?
  /// The standard deviation of the noise on the first costs, as a fraction of c_e times the largest squared distance.
  public var noise: Double
  public var seed: UInt64
  public var precision: Precision
  public var criterion: Criterion
  public var stopping: StoppingRule
  /// Of each inner solve.
  public var innerStopping: StoppingRule

  public init(
    epsilon: Double, epsilonUnit: EpsilonUnit = .absolute, annealing: Annealing? = nil, noise: Double = 1e-3, seed: UInt64 = 0,
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

  /// Solves the problem from the product of the marginals (uniform ones on free nodes), or from given edge marginals.
  ///
  /// - Parameters:
  ///   - problem: the tree, its spaces and marginals.
  ///   - start: one plan an edge, of one mass and equal node marginals where edges meet; noise is added all the same.
  ///   - monitor: is asked at recorded steps whether to go on.
  /// - Throws: `ProblemError` when a parameter makes no sense or the start does not fit.
  public func solve(
    _ problem: TreeGromovWassersteinProblem, from start: [Matrix]? = nil, monitor: Monitor? = nil
  ) throws(ProblemError) -> TreeGromovWassersteinSolution {
    try ProblemError.validate(positive: epsilon, named: "ε")
    try annealing?.validate()
    if !(noise >= 0 && noise.isFinite) { throw .parameter(name: "the noise", found: "\(noise)", expected: "a number that is not negative") }
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
          name: "single precision", found: "costs or masses near the end of its numbers", expected: "double or adaptive, or other units")
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
      return fine.solution(Run(second.status, iterations: second.iterations, trace: Trace.joined(first.trace, second.trace)))
    }
  }

  private static func validate(_ start: [Matrix], _ problem: TreeGromovWassersteinProblem) throws(ProblemError) {
    if start.count != problem.topology.edges.count {
      throw .shape(name: "the start", found: "\(start.count) plans", expected: "\(problem.topology.edges.count) (edges)")
    }
    var marginals = [[Double]?](repeating: nil, count: problem.spaces.count)
    for (edge, plan) in zip(problem.topology.edges, start) {
      try ProblemError.validate(
        start: plan, rows: problem.spaces[edge.first].marginal.count, columns: problem.spaces[edge.second].marginal.count)
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
