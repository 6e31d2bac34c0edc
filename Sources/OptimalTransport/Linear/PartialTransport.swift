import LinearAlgebra

/// A problem of partial transport: which part of the masses goes where, and what stays.
///
///     min  ⟨C, P⟩   over P ≥ 0 with P1 ≤ a, Pᵀ1 ≤ b, Σ P = mass, and P_ij = 0 where C_ij = ∞.
public struct PartialProblem: Sendable {
  /// C, n×m, of magnitude at most 1e150; negative entries are allowed.
  ///
  /// +∞ forbids a pair.
  public let cost: Matrix
  /// a: n numbers that are not negative, of any positive sum.
  public let source: [Double]
  /// b: m such numbers; their sum need not be that of `source`.
  public let target: [Double]
  /// What is transported, in the units of the weights.
  public let mass: Double
  let plans: BoundedPlans

  /// - Parameters:
  ///   - cost: n×m.
  ///   - source: n weights; uniform with sum 1 when nil.
  ///   - target: m weights; uniform with sum 1 when nil.
  ///   - mass: positive, at most the smaller sum of weights, which it is when nil.
  /// - Throws: `ProblemError` when a size does not fit, a number is not finite (a cost may be +∞) or a cost beyond
  ///   1e150, a weight is negative, or the mass is not there.
  public init(cost: Matrix, source: [Double]? = nil, target: [Double]? = nil, mass: Double? = nil) throws(ProblemError)
  {
    let checked = try LinearProblem(cost: cost, source: source, target: target, relaxation: .relaxed(0))
    try ProblemError.validate(masses: [checked.source, checked.target])
    (self.cost, self.source, self.target) = (cost, checked.source, checked.target)
    plans = try BoundedPlans(checked.source, checked.target, mass: mass)
    self.mass = plans.mass
  }
}

/// Exact partial transport (`PartialProblem`; Figalli 2010, DOI 10.1007/s00205-008-0212-7; Chapel, Alaya, Gasso 2020,
/// arXiv:2002.08276).
///
/// Algorithm: `NetworkSimplex` with one source and one sink more, which hold what the other side leaves over; the pair
/// of the two is forbidden, and not merely dear. Where the mass is that of the lighter side, all of that side is
/// transported, and with equal masses the problem is the balanced one.
///
/// The plan is optimal when the status is `converged`: there are prices f ≤ 0 of the sources, g ≤ 0 of the sinks and λ
/// of the mass with f_i + g_j + λ ≤ C_ij, tight where there is mass, and 0 at points that have some left, judged
/// without rounding as the network simplex does. λ is what the last bit of mass costs: it rises with the mass, and a
/// plan of which nothing may cost more than κ has the mass at which λ passes κ.
///
/// Time and memory are those of the network simplex on (n + 1)×(m + 1) numbers.
///
///     let solution = try PartialTransport().solve(PartialProblem(cost: cost, mass: 0.6))
///     print(solution.value, solution.massPrice)
public struct PartialTransport: Sendable {
  /// The most pivots; nil sets no limit.
  ///
  /// Reaching it leaves a plan of the right mass that is not optimal.
  public var pivotLimit: Int?

  /// Creates a solver with a limit on pivots; nil sets none.
  public init(pivotLimit: Int? = nil) { self.pivotLimit = pivotLimit }

  /// Solves the problem.
  ///
  /// - Throws: `ProblemError.parameter` when the pivot limit is negative; `.infeasible` when no plan of the mass does
  ///   without forbidden pairs.
  public func solve(_ problem: PartialProblem) throws(ProblemError) -> PartialSolution {
    let plans = problem.plans
    let solution = try plans.solve(problem.cost, with: NetworkSimplex(pivotLimit: pivotLimit))
    let (potentials, price) = plans.potentials(of: solution)
    return PartialSolution(
      entries: plans.entries(of: solution), potentials: potentials, massPrice: price, value: solution.value,
      certificate: solution.certificate, status: solution.status, pivots: solution.pivots, rows: problem.cost.rows,
      columns: problem.cost.columns)
  }
}

/// The exact solution of a problem of partial transport.
public struct PartialSolution: Sendable {
  /// The positive entries of the plan, at most n + m + 1, by row and column.
  public let entries: [PlanEntry]
  /// f ≤ 0 (n) and g ≤ 0 (m), rounded to double precision.
  public let potentials: Potentials
  /// λ, rounded to double precision.
  public let massPrice: Double
  /// ⟨C, P⟩; infinite when the pivot limit left mass on forbidden pairs.
  public let value: Double
  /// Of the balanced problem that was solved: f_i + g_j + λ in place of its f_i + g_j, and Σ a f + Σ b g + λ mass as
  /// its dual value.
  public let certificate: DualCertificate
  /// Whether the plan is proven optimal, and if not, why the solver ended.
  public let status: Status
  /// The number of pivots.
  public let pivots: Int
  private let rows: Int
  private let columns: Int

  init(
    entries: [PlanEntry], potentials: Potentials, massPrice: Double, value: Double, certificate: DualCertificate,
    status: Status,
    pivots: Int, rows: Int, columns: Int
  ) {
    (self.entries, self.potentials, self.massPrice, self.value) = (entries, potentials, massPrice, value)
    (self.certificate, self.status, self.pivots, self.rows, self.columns) = (certificate, status, pivots, rows, columns)
  }

  /// The plan as a full matrix, with the marginals that it has.
  public var coupling: Coupling {
    var plan = Matrix(rows: rows, columns: columns)
    for entry in entries { plan[entry.row, entry.column] += entry.mass }
    return Coupling(plan: plan, source: plan.rowSums, target: plan.columnSums)
  }
}
