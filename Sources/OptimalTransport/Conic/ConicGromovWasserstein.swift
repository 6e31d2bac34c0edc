import LinearAlgebra

/// Conic Gromov–Wasserstein between networks of any masses (`ConicProblem` states the problem): solved as conic co-optimal transport between the
/// nodes and themselves, whose two semi-couplings mostly end as one (`SemiCouplingAscent`), with a value from below and one from above.
///
/// For small δ it is robust where Gromov–Wasserstein is not: a share e of mass moved far away costs δ√(2e) however far. For large δ it tends to
/// δ² (|μ1| − |μ2|)² + |μ1||μ2| GW².
///
///     let problem = try ConicProblem(first: .network(.dense(a)), second: .network(.dense(b)), delta: 1)
///     let solution = try ConicGromovWasserstein().solve(problem)
///     print(solution.distance, solution.status)
public struct ConicGromovWasserstein: Sendable {
  public var ascent: SemiCouplingAscent

  public init(_ ascent: SemiCouplingAscent = SemiCouplingAscent()) { self.ascent = ascent }

  /// Solves the problem from the product of the masses, or from a plan, such as one of Gromov–Wasserstein for large δ.
  ///
  /// - Parameters:
  ///   - problem: two networks and their cone.
  ///   - start: a plan n1×n2 with a positive sum; scaled to sum 1.
  ///   - monitor: is asked at recorded steps whether to go on.
  /// - Throws: `ProblemError` when one is no network, a parameter makes no sense or the start does not fit.
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
    // The semi-coupling of the upper value is one of the relaxed problem as well.
    return ConicGromovWassersteinSolution(
      coupling: state.nodeCoupling(p >= q ? state.p : state.q), lowerSquared: min(relaxation.squaredDistance, upper), upperSquared: upper,
      relaxation: relaxation)
  }
}
