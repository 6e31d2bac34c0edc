import LinearAlgebra

/// Exact optimal transport by the primal network simplex.
///
/// It solves
///
///     min  ⟨C, P⟩   over P ≥ 0 with P1 = a, Pᵀ1 = b, and P_ij = 0 where C_ij = ∞.
///
/// The algorithm is the primal network simplex on the complete bipartite graph (Ahuja, Magnanti, and Orlin, 1993,
/// Chapter 11), with strongly feasible trees against cycling (Cunningham, 1976, DOI 10.1007/BF01580379). Rows are
/// priced one after another. The initial basis is greedy, in large problems at the prices of a coarse entropic plan.
///
/// Flows are integer multiples of 2⁻⁶⁰ of the mass, so that ties are exact and flows do not drift. Potentials are
/// first sums in double precision, until only reduced costs within their rounding error are left; then they are exact
/// sums, and each pair is judged by itself. Therefore large costs do not hide differences between small ones. A
/// forbidden pair costs more than any sum of finite costs; it is not replaced by a large number.
///
/// If the status is `converged`, the plan is optimal: before rounding to double precision, the potentials satisfy f_i
/// + g_j ≤ C_ij with equality where the plan has mass. The plan is a vertex with at most n + m − 1 entries; if
/// several vertices are optimal, the order of the points decides. Points of weight zero, or below 2⁻⁶⁰ of the mass,
/// receive no mass, and feasible potentials.
///
///     let solution = try NetworkSimplex().solve(LinearProblem(cost: cost))
///     print(solution.value, solution.certificate.violation)
///
/// - Complexity: O(m) for pricing and at most O(n + m) for the tree per pivot; n + m to (n + m)^1.5 pivots are
///   typical. Memory is O(n + m) besides the cost, and 1½ times that of the cost for the start of large problems.
public struct NetworkSimplex: Sendable {
  /// The maximum number of pivots; nil means no limit.
  ///
  /// If the limit is reached, the plan is feasible but not optimal.
  public var pivotLimit: Int?

  /// Creates a solver with an optional limit on the number of pivots.
  public init(pivotLimit: Int? = nil) { self.pivotLimit = pivotLimit }

  /// Computes an optimal plan.
  ///
  /// - Parameters:
  ///   - problem: a balanced problem.
  ///   - start: the final basis for the same weights and a similar cost, as a warm start; a basis for other weights
  ///     is ignored.
  /// - Returns: the plan, potentials, and a dual certificate.
  /// - Throws: `ProblemError.parameter` if the pivot limit is negative or the problem is not balanced; `.infeasible`
  ///   if every plan has mass on forbidden pairs.
  public func solve(_ problem: LinearProblem, start: TransportBasis? = nil) throws(ProblemError) -> ExactSolution {
    try solve(problem, start: start, keepsReducedCosts: false)
  }

  func solve(_ problem: LinearProblem, start: TransportBasis? = nil, keepsReducedCosts: Bool) throws(ProblemError)
    -> ExactSolution
  {
    if let pivotLimit, pivotLimit < 0 {
      throw .parameter(name: "the pivot limit", found: "\(pivotLimit)", expected: "a number that is not negative")
    }
    try problem.relaxation.requireBalanced()
    let masses = WholeMasses(problem.source, problem.target)
    let finite = Self.withoutForbiddenPairs(problem.cost)
    let basis = start.flatMap { $0.masses == masses ? $0 : nil } ?? TransportBasis(greedyFor: masses, cost: finite)
    var rough = SimplexTree(basis, cost: finite, pricing: .rounded)
    let roughPivots = rough.pivot(atMost: pivotLimit ?? Int.max).pivots
    var tree = SimplexTree(rough.basis, cost: problem.cost, pricing: .exact)
    let (isOptimal, pivots) = tree.pivot(atMost: pivotLimit.map { $0 - roughPivots } ?? Int.max)
    if isOptimal { try Self.requireFeasible(tree.basis, cost: problem.cost) }
    return ExactSolution(
      problem: problem, tree: tree, isOptimal: isOptimal, pivots: roughPivots + pivots,
      keepsReducedCosts: keepsReducedCosts)
  }

  /// The cost with a finite substitute for forbidden pairs that plans avoid; it only affects the quality of the
  /// initial basis.
  private static func withoutForbiddenPairs(_ cost: Matrix) -> Matrix {
    guard cost.elements.contains(.infinity) else { return cost }
    let finite = cost.elements.filter { $0 < .infinity }
    let (least, largest) = (finite.min() ?? 0, finite.max() ?? 0)
    let range = max(largest - least, abs(largest) * 0x1p-20, .leastNormalMagnitude)
    let price = largest + range * Double(min(cost.rows, cost.columns) + 1)
    return cost.map { $0 < .infinity ? $0 : price }
  }

  /// Throws unless the mass on forbidden pairs is rounding error of the weights.
  ///
  /// Rounding error is at most the tolerated difference of both masses, and small relative to the weights of each
  /// pair.
  private static func requireFeasible(_ basis: TransportBasis, cost: Matrix) throws(ProblemError) {
    let (masses, left) = (basis.masses, basis.arcs.filter { cost[$0.row, $0.column] == .infinity })
    let share = Double(left.reduce(0) { $0 + $1.flow }) / Double(masses.total)
    let isRounding = left.allSatisfy { $0.flow <= min(masses.source[$0.row], masses.target[$0.column]) / 1_000_000 }
    if share > 1e-9 || !isRounding {
      throw .infeasible(reason: "a fraction \(share) of the mass can only go to forbidden pairs (of infinite cost)")
    }
  }
}
