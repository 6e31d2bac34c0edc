import LinearAlgebra

/// The Sinkhorn divergence, a debiased version of entropic optimal transport.
///
/// It is
///
///     S(a, b) = OT(a, b) − ½ OT(a, a) − ½ OT(b, b) + ε/2 (m(a) − m(b))²
///
/// where OT(a, b) is the optimal value of the problem that `Sinkhorn` solves and m is the mass (Feydy, Séjourné,
/// Vialard, Amari, Trouvé, and Peyré, 2019, arXiv:1810.08278; relaxed marginals: Séjourné et al., 2019,
/// arXiv:1910.12958). For costs |x − y|^p with p in [1, 2] it is nonnegative, and zero exactly if a = b, unlike OT
/// itself. It is computed from dual values, whose errors are of second order in those of the potentials.
///
///     let problem = try LinearProblem(cost: squaredDistances(x, y))
///     let divergence = try SinkhornDivergence(Sinkhorn(epsilon: 0.05)).solve(
///       problem, sourceCost: squaredDistances(x, x), targetCost: squaredDistances(y, y))
///     print(divergence.value)
public struct SinkhornDivergence: Sendable {
  /// The solver of the three entropic problems.
  public var sinkhorn: Sinkhorn

  /// Creates a divergence that is computed by the given solver.
  public init(_ sinkhorn: Sinkhorn) { self.sinkhorn = sinkhorn }

  /// Computes the divergence by three Sinkhorn solves.
  ///
  /// - Parameters:
  ///   - problem: the problem between the n source and m target points.
  ///   - sourceCost: the cost between the source points, n×n.
  ///   - targetCost: the cost between the target points, m×m.
  ///   - monitor: receives the recorded steps of all solves and may stop them.
  /// - Returns: the divergence, with status `converged` if all three solves converged.
  /// - Throws: `ProblemError`, as `Sinkhorn.solve(_:monitor:)` and `LinearProblem` do.
  public func solve(
    _ problem: LinearProblem, sourceCost: Matrix, targetCost: Matrix, monitor: Monitor? = nil
  ) throws(ProblemError) -> SinkhornDivergenceSolution {
    let (a, b, relaxation) = (problem.source, problem.target, problem.relaxation)
    func among(_ cost: Matrix, _ weights: [Double], _ rho: Double) throws(ProblemError) -> EntropicSolution {
      let relaxation = MarginalRelaxation(source: rho, target: rho)
      return try sinkhorn.solve(
        LinearProblem(cost: cost, source: weights, target: weights, relaxation: relaxation), monitor: monitor)
    }
    let cross = try sinkhorn.solve(problem, monitor: monitor)
    let source = try among(sourceCost, a, relaxation.source)
    let target = try among(targetCost, b, relaxation.target)
    let difference = compensatedSum(a) - compensatedSum(b)
    let status = [cross, source, target].map(\.status).first { !$0.isConverged } ?? .converged
    return SinkhornDivergenceSolution(
      value: cross.dualValue - (source.dualValue + target.dualValue) / 2 + sinkhorn.epsilon / 2 * difference
        * difference, cross: cross,
      status: status)
  }
}

/// A Sinkhorn divergence and the solution between the two measures.
public struct SinkhornDivergenceSolution: Sendable {
  /// The divergence S(a, b).
  public let value: Double
  /// The entropic solution between source and target.
  public let cross: EntropicSolution
  /// `converged` if all three solves converged, otherwise the status of a solve that did not.
  public let status: Status
}
