import LinearAlgebra

/// Minimises linear costs over the plans that a problem allows: what a conditional gradient knows of them.
protocol LinearOracle: Sendable {
  /// A plan of least cost that is a vertex, hence has few entries. +∞ forbids a pair.
  ///
  /// - Parameter start: the answer to a cost that differs little; another one, or none, gives the same value.
  /// - Throws: `ProblemError.infeasible` when every plan has mass on forbidden pairs.
  func vertex(for cost: Matrix, from start: PlanVertex?) throws(ProblemError) -> PlanVertex

  /// A plan with the marginals that it was asked to have.
  func coupling(_ plan: Matrix) -> Coupling
}

/// A vertex of the plans of a linear oracle, best for some cost C.
struct PlanVertex {
  /// By row and column.
  let entries: [PlanEntry]
  /// ⟨C, S⟩.
  let value: Double
  /// f and g with f_i + g_j ≤ C_ij, tight where there is mass.
  let potentials: Potentials
  /// What it took: 0 where no iteration was needed.
  let pivots: Int
  let basis: TransportBasis?
}

/// Plans with both marginals prescribed, by the network simplex.
struct BalancedOracle: LinearOracle {
  let source: [Double]
  let target: [Double]

  func vertex(for cost: Matrix, from start: PlanVertex?) throws(ProblemError) -> PlanVertex {
    let solution = try NetworkSimplex().solve(LinearProblem(cost: cost, source: source, target: target), start: start?.basis)
    return PlanVertex(
      entries: solution.entries, value: solution.value, potentials: solution.potentials, pivots: solution.pivots, basis: solution.basis)
  }

  func coupling(_ plan: Matrix) -> Coupling { Coupling(plan: plan, source: source, target: target) }
}

/// Plans with the rows' marginal prescribed and the columns' free: each row goes to its cheapest column, the first of several. O(nm).
struct RowwiseOracle: LinearOracle {
  let source: [Double]
  /// The columns that may have mass, in rising order.
  let columns: [Int]

  func vertex(for cost: Matrix, from _: PlanVertex?) throws(ProblemError) -> PlanVertex {
    var (entries, least, value) = ([PlanEntry](), [Double](repeating: 0, count: source.count), 0.0)
    for (i, mass) in source.enumerated() {
      let row = cost[row: i]
      guard let best = columns.min(by: { row[row.startIndex + $0] < row[row.startIndex + $1] }) else { continue }
      least[i] = cost[i, best]
      guard mass > 0 else { continue }
      if least[i] == .infinity {
        throw .infeasible(reason: "row \(i) has mass, but all its pairs are forbidden (of infinite cost)")
      }
      entries.append(PlanEntry(row: i, column: best, mass: mass))
      value += mass * least[i]
    }
    let potentials = Potentials(source: least, target: [Double](repeating: 0, count: cost.columns))
    return PlanVertex(entries: entries, value: value, potentials: potentials, pivots: 0, basis: nil)
  }

  /// The columns' marginal is what the plan makes it.
  func coupling(_ plan: Matrix) -> Coupling { Coupling(plan: plan, source: source, target: plan.columnSums) }
}
