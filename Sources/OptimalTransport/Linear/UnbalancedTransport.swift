import LinearAlgebra

/// Unbalanced optimal transport without entropy.
///
/// It solves
///
///     min  ⟨C, P⟩ + ρ1 D(P1, a) + ρ2 D(Pᵀ1, b)   over P ≥ 0, with P_ij = 0 where C_ij = ∞,
///
/// where D is KL(p|a) = Σ p log(p/a) − p + a, or ½ Σ (p − a)², or Σ |p − a| (`MarginalPenalty`); ρ = ∞ prescribes a
/// marginal and ρ = 0 leaves it free.
/// `Sinkhorn` solves the entropic problem. Majorization–minimization (Chapel, Flamary, Wu, Févotte, Gasso 2021,
/// arXiv:2106.04145) is far from the optimum after thousands of steps.
///
/// Algorithm: for KL and ½ Σ (p − a)² an active set on forests (`MarginalForest`), the convex simplex method (Zangwill
/// 1967, DOI 10.1287/mnsc.14.1.1) on a network: exact but for rounding, after finitely many pivots. For Σ |p − a| the
/// problem is linear: the network simplex with one more source and one more sink, to which mass is dropped at ρ1 and
/// from which it is made at ρ2.
///
/// The residual is the duality gap, by potentials f_i + g_j ≤ C_ij with f = min over p ≥ 0 of what p is worth, as a
/// fraction of what the cheaper of the empty plan and a bᵀ/√(m(a) m(b)) costs (or of the value, where that is larger).
/// The gap is a sum of terms that are not negative, each of them formed without cancellation; no plan is worth less
/// than the value by more than it. Where ρ is beyond the digits of the costs the gap stays and the status is
/// `stalled`. Never NaN.
///
/// With KL points of weight zero take no part. With the other penalties they may hold mass, at the price that the
/// formula says.
///
/// A pivot takes O(m) for pricing and O(n + m) for its tree; some 5 (n + m) pivots are usual. Memory: the cost, its
/// potentials, and a plan of at most n + m − 1 entries.
///
///     let problem = try LinearProblem(cost: cost, source: a, target: b, relaxation: .relaxed(1))
///     let solution = try UnbalancedTransport(penalty: .kl).solve(problem)
///     print(solution.value, solution.gap)
public struct UnbalancedTransport: Sendable {
  /// The penalty D of the marginals.
  public var penalty: MarginalPenalty
  /// The tolerance on the relative gap and the limit on passes over all rows.
  public var stopping: StoppingRule

  /// Creates a solver.
  ///
  /// - Parameters:
  ///   - penalty: the penalty D of the marginals.
  ///   - stopping: the tolerance on the relative gap and the limit on passes over all rows.
  public init(
    penalty: MarginalPenalty = .kl, stopping: StoppingRule = StoppingRule(tolerance: 1e-9, iterationLimit: 1000)
  ) {
    self.penalty = penalty
    self.stopping = stopping
  }

  /// Solves the problem.
  ///
  /// - Parameters:
  ///   - problem: a problem with any relaxation.
  ///   - monitor: called after passes; may stop the iteration.
  /// - Returns: The plan with its certificate.
  /// - Throws: `ProblemError.parameter` when a ρ, a mass or the stopping rule is out of range, or plans or values leave
  ///   the range of numbers (negative costs at small ρ); `.infeasible` when no plan has a finite cost, or costs below
  ///   −(ρ1 + ρ2) are worth any mass (`tv`).
  public func solve(_ problem: LinearProblem, monitor: Monitor? = nil) throws(ProblemError) -> UnbalancedSolution {
    try stopping.validate()
    try ProblemError.validate(masses: [problem.source, problem.target])
    for (name, rho) in [("ρ1", problem.relaxation.source), ("ρ2", problem.relaxation.target)]
    where rho > 0 && rho < .infinity {
      try ProblemError.validate(positive: rho, named: name)
    }
    return try MarginalPair(problem, penalty: penalty).solution(stopping, monitor: monitor)
  }
}

/// The solution of an unbalanced problem without entropy.
public struct UnbalancedSolution: Sendable {
  /// The positive entries of the plan, at most n + m − 1, by row and column.
  public let entries: [PlanEntry]
  /// f (n) and g (m) with f_i + g_j ≤ C_ij; at the optimum p = a exp(−f/ρ) for KL, max(a − f/ρ, 0) for ½ Σ (p − a)².
  public let potentials: Potentials
  /// ⟨C, P⟩.
  public let transportCost: Double
  /// ρ1 D(P1, a) and ρ2 D(Pᵀ1, b).
  public let penalties: (source: Double, target: Double)
  /// The objective.
  public var value: Double { transportCost + penalties.source + penalties.target }
  /// What no plan is worth less than, as a sum over the potentials.
  public let dualValue: Double
  /// How far the value may lie above the least, formed without cancellation.
  public let gap: Double
  /// Whether the solver converged, and if not, why it ended.
  public internal(set) var status: Status
  /// Passes over all rows.
  public internal(set) var iterations: Int
  /// The number of pivots.
  public let pivots: Int
  /// The objective is the value after each pass.
  public internal(set) var trace: Trace
  let source: [Double]
  let target: [Double]

  /// The plan as a full matrix.
  public var coupling: Coupling { Coupling(entries: entries, source: source, target: target) }

  /// The same plan read from target to source.
  var transposed: UnbalancedSolution {
    UnbalancedSolution(
      entries: entries.map { PlanEntry(row: $0.column, column: $0.row, mass: $0.mass) }.sorted {
        ($0.row, $0.column) < ($1.row, $1.column)
      },
      potentials: Potentials(source: potentials.target, target: potentials.source), transportCost: transportCost,
      penalties: (penalties.target, penalties.source), dualValue: dualValue, gap: gap, status: status,
      iterations: iterations,
      pivots: pivots, trace: trace, source: target, target: source)
  }
}
