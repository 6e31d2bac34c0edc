import LinearAlgebra

/// Exact optimal transport:
///
///     min  ⟨C, P⟩   over P ≥ 0 with P1 = a, Pᵀ1 = b.
///
/// Algorithm: the primal network simplex on the complete bipartite graph (Ahuja, Magnanti, Orlin 1993, chapter 11), with strongly feasible
/// trees against cycling (Cunningham 1976, DOI 10.1007/BF01580379). Rows are priced one after another; the start is greedy, in large problems at
/// the prices of a rough entropic plan. Flows are
/// whole multiples of 2⁻⁶⁰ of the mass, so that ties are ties and no flow drifts.
///
/// The plan is optimal when the status is `converged`: the potentials satisfy f_i + g_j ≤ C_ij up to `DualCertificate.violation`, and
/// are tight where there is mass. It is a vertex, with at most n + m − 1 entries; where several are optimal, which one depends on the order of
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
  /// - Throws: `ProblemError.parameter` when the pivot limit is negative or the problem is not balanced.
  public func solve(_ problem: LinearProblem, start: TransportBasis? = nil) throws(ProblemError) -> ExactSolution {
    if let pivotLimit, pivotLimit < 0 {
      throw .parameter(name: "pivot limit", found: "\(pivotLimit)", expected: "a number that is not negative")
    }
    if !problem.relaxation.isBalanced {
      throw .parameter(
        name: "ρ of a problem for a balanced solver", found: "finite", expected: "infinity: it keeps both marginals")
    }
    let masses = WholeMasses(problem)
    let basis = start.flatMap { $0.masses == masses ? $0 : nil } ?? TransportBasis(greedyFor: masses, cost: problem.cost)
    var tree = TransportTree(basis, cost: problem.cost)
    let (isOptimal, pivots) = tree.pivot(atMost: pivotLimit ?? Int.max)
    return ExactSolution(problem: problem, tree: tree, status: isOptimal ? .converged : .iterationLimit, pivots: pivots)
  }
}

/// Weights as whole numbers that sum to 2⁶⁰ on both sides; rounding is made good at the largest weight.
struct WholeMasses: Sendable, Equatable {
  let source: [Int]
  let target: [Int]
  static let total = 1 << 60

  init(_ problem: LinearProblem) {
    source = Self.whole(problem.source)
    target = Self.whole(problem.target)
  }

  static func whole(_ weights: [Double]) -> [Int] {
    // Divided by the largest first, so that weights near the ends of the range of numbers neither overflow nor vanish.
    let largest = weights.max() ?? 1
    let scaled = weights.map { $0 / largest }
    let factor = Double(total) / compensatedSum(scaled)
    var result = scaled.map { Int(($0 * factor).rounded()) }
    if let position = scaled.indices.max(by: { scaled[$0] < scaled[$1] }) { result[position] += total - result.reduce(0, +) }
    return result
  }
}
