import LinearAlgebra

/// Conic Gromov–Wasserstein transport between networks of arbitrary masses.
///
/// `ConicProblem` states the problem. It is solved as conic CO-optimal transport with the nodes also as hyperedges
/// (`SemiCouplingAscent`), whose two semi-couplings mostly coincide in the end; this yields a lower and an upper
/// value. For small δ the distance is robust to outliers, unlike Gromov–Wasserstein: moving a fraction e of the mass
/// costs at most δ√(2e), however far it moves. For large δ the squared distance tends to δ² (|μ1| − |μ2|)² + |μ1||μ2|
/// GW².
///
///     let problem = try ConicProblem(first: .network(.dense(a)), second: .network(.dense(b)), delta: 1)
///     let solution = try ConicGromovWasserstein().solve(problem)
///     print(solution.distance, solution.status)
public struct ConicGromovWasserstein: Sendable {
  /// The settings of the ascent.
  public var ascent: SemiCouplingAscent

  /// Creates a solver with the given settings of the ascent.
  public init(_ ascent: SemiCouplingAscent = SemiCouplingAscent()) { self.ascent = ascent }

  /// Solves the problem from one start.
  ///
  /// - Parameters:
  ///   - problem: two networks and their cone.
  ///   - start: an initial plan n1×n2 with a positive sum, rescaled to sum 1, such as one of Gromov–Wasserstein for
  ///     large δ; the product of the masses if nil.
  ///   - monitor: receives the recorded steps and may stop the iteration.
  /// - Returns: the semi-coupling with the lowest upper value, and the relaxed solution.
  /// - Throws: `ProblemError` if a hypernetwork is not a network, a parameter is out of range, or the start does not
  ///   fit.
  public func solve(
    _ problem: ConicProblem, from start: Matrix? = nil, monitor: Monitor? = nil
  ) throws(ProblemError) -> ConicGromovWassersteinSolution {
    for (name, network) in [("first", problem.first), ("second", problem.second)] where !network.isNetwork {
      throw .parameter(name: "the \(name) hypernetwork", found: "one with hyperedges of its own", expected: "a network")
    }
    let state = try ConicAscent(problem, ascent, start: start.map { ($0, $0) })
    let (run, sums) = try state.ascend(ascent, monitor: monitor)
    let relaxation = state.solution(run)
    let (p, q) = (state.similarity(state.p, sums), state.similarity(state.q, sums))
    let upper = problem.squaredDistance(similarity: max(p, q))
    // The semi-coupling of the upper value is also feasible for the relaxed problem.
    return ConicGromovWassersteinSolution(
      coupling: state.nodeCoupling(p >= q ? state.p : state.q), lowerSquared: min(relaxation.squaredDistance, upper),
      upperSquared: upper,
      relaxation: relaxation)
  }
}
