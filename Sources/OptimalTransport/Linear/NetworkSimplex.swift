import LinearAlgebra

/// Exact optimal transport:
///
///     min  ⟨C, P⟩   over P ≥ 0 with P1 = a, Pᵀ1 = b, and P_ij = 0 where C_ij = ∞.
///
/// Algorithm: the primal network simplex on the complete bipartite graph (Ahuja, Magnanti, Orlin 1993, chapter 11), with strongly feasible
/// trees against cycling (Cunningham 1976, DOI 10.1007/BF01580379). Rows are priced one after another; the start is greedy, in large problems at
/// the prices of a rough entropic plan. Flows are
/// whole multiples of 2⁻⁶⁰ of the mass, so that ties are ties and no flow drifts. First potentials are sums in double precision, and what is beyond
/// their rounding is settled; then they are sums without rounding, and each pair is judged by itself. So neither a large cost hides a difference
/// between small ones, nor the other way round. A forbidden pair costs more than all sums of finite costs, and is never a large number.
///
/// The plan is optimal when the status is `converged`: before they are rounded to double precision, the potentials satisfy f_i + g_j ≤ C_ij and
/// are tight where there is mass, exactly. It is a vertex, with at most n + m − 1 entries; where several are optimal, which one depends on the order of
/// the points. Points of weight zero get no mass and feasible potentials. A weight below 2⁻⁶⁰ of the mass counts as zero.
///
/// A pivot takes O(m) for pricing and at most O(n + m) for the tree; some n + m to (n + m)^1.5 pivots are usual. Memory O(n + m) beside
/// the cost, and 1½ times that of the cost for the start of large problems.
///
///     let solution = try NetworkSimplex().solve(LinearProblem(cost: cost))
///     print(solution.value, solution.certificate.violation)
public struct NetworkSimplex: Sendable {
  /// The most pivots; nil sets no limit. Reaching it leaves a feasible plan that is not optimal.
  public var pivotLimit: Int?

  public init(pivotLimit: Int? = nil) { self.pivotLimit = pivotLimit }

  /// Solves the problem.
  ///
  /// - Parameters:
  ///   - problem: a balanced problem.
  ///   - start: the basis of an earlier solution with the same weights, such as for a slightly different cost; another one is ignored.
  /// - Throws: `ProblemError.parameter` when the pivot limit is negative or the problem is not balanced; `.infeasible` when no plan does without
  ///   forbidden pairs.
  public func solve(_ problem: LinearProblem, start: TransportBasis? = nil) throws(ProblemError) -> ExactSolution {
    try solve(problem, start: start, keepsReducedCosts: false)
  }

  func solve(_ problem: LinearProblem, start: TransportBasis? = nil, keepsReducedCosts: Bool) throws(ProblemError) -> ExactSolution {
    if let pivotLimit, pivotLimit < 0 {
      throw .parameter(name: "pivot limit", found: "\(pivotLimit)", expected: "a number that is not negative")
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
      problem: problem, tree: tree, isOptimal: isOptimal, pivots: roughPivots + pivots, keepsReducedCosts: keepsReducedCosts)
  }

  /// The cost with what no plan of few forbidden pairs would pay in their place: only the way to a good start hangs on it.
  private static func withoutForbiddenPairs(_ cost: Matrix) -> Matrix {
    guard cost.elements.contains(.infinity) else { return cost }
    let finite = cost.elements.filter { $0 < .infinity }
    let (least, largest) = (finite.min() ?? 0, finite.max() ?? 0)
    let range = max(largest - least, abs(largest) * 0x1p-20, .leastNormalMagnitude)
    let price = largest + range * Double(min(cost.rows, cost.columns) + 1)
    return cost.map { $0 < .infinity ? $0 : price }
  }

  /// Passes over what the rounding of weights leaves on forbidden pairs: as much as the masses of both sides may differ by, and little against the
  /// weights of each pair.
  private static func requireFeasible(_ basis: TransportBasis, cost: Matrix) throws(ProblemError) {
    let (masses, left) = (basis.masses, basis.arcs.filter { cost[$0.row, $0.column] == .infinity })
    let share = Double(left.reduce(0) { $0 + $1.flow }) / Double(masses.total)
    let isRounding = left.allSatisfy { $0.flow <= min(masses.source[$0.row], masses.target[$0.column]) / 1_000_000 }
    if share > 1e-9 || !isRounding {
      throw .infeasible(reason: "\(share) of the mass can go to forbidden pairs (of infinite cost) only")
    }
  }
}
