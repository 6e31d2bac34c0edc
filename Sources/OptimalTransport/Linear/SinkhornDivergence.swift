import LinearAlgebra

/// The Sinkhorn divergence (Feydy, Séjourné, Vialard, Amari, Trouvé, Peyré 2019, arXiv:1810.08278; relaxed marginals: Séjourné et al. 2019,
/// arXiv:1910.12958):
///
///     S(a, b) = OT(a, b) − ½ OT(a, a) − ½ OT(b, b) + ε/2 (m(a) − m(b))²,      OT(a, b) the value of the problem of `Sinkhorn`.
///
/// For costs |x − y|^p with p in [1, 2] it is non-negative and zero exactly for a = b, unlike OT itself. It is computed from the dual values,
/// whose errors are of second order in the potentials'. Three solves by `Sinkhorn`; all must converge for the status to say so.
///
///     let problem = try LinearProblem(cost: squaredDistances(x, y))
///     let divergence = try SinkhornDivergence(Sinkhorn(epsilon: 0.05)).solve(
///       problem, sourceCost: squaredDistances(x, x), targetCost: squaredDistances(y, y))
///     print(divergence.value)
public struct SinkhornDivergence: Sendable {
  public var sinkhorn: Sinkhorn

  public init(_ sinkhorn: Sinkhorn) { self.sinkhorn = sinkhorn }

  /// - Parameters:
  ///   - problem: between the n source and the m target points.
  ///   - sourceCost: the cost among the source points, n×n.
  ///   - targetCost: the cost among the target points, m×m.
  ///   - monitor: is asked at recorded steps whether to go on.
  /// - Throws: `ProblemError` as `Sinkhorn.solve` and `LinearProblem`.
  public func solve(
    _ problem: LinearProblem, sourceCost: Matrix, targetCost: Matrix, monitor: Monitor? = nil
  ) throws(ProblemError) -> SinkhornDivergenceSolution {
    let (a, b, relaxation) = (problem.source, problem.target, problem.relaxation)
    func among(_ cost: Matrix, _ weights: [Double], _ rho: Double) throws(ProblemError) -> EntropicSolution {
      let relaxation = MarginalRelaxation(source: rho, target: rho)
      return try sinkhorn.solve(LinearProblem(cost: cost, source: weights, target: weights, relaxation: relaxation), monitor: monitor)
    }
    let cross = try sinkhorn.solve(problem, monitor: monitor)
    let source = try among(sourceCost, a, relaxation.source)
    let target = try among(targetCost, b, relaxation.target)
    let difference = compensatedSum(a) - compensatedSum(b)
    let status = [cross, source, target].map(\.status).first { !$0.isConverged } ?? .converged
    return SinkhornDivergenceSolution(
      value: cross.dualValue - (source.dualValue + target.dualValue) / 2 + sinkhorn.epsilon / 2 * difference * difference, cross: cross,
      status: status)
  }
}

/// A Sinkhorn divergence.
public struct SinkhornDivergenceSolution: Sendable {
  public let value: Double
  /// The solution between source and target.
  public let cross: EntropicSolution
  /// `converged` when all three solves are.
  public let status: Status
}
