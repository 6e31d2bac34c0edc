import LinearAlgebra

/// A linear minimization oracle over the feasible plans of a problem, as conditional gradient methods need it.
protocol LinearOracle: Sendable {
  /// Returns a vertex of the feasible plans, hence with few entries, that minimizes a linear cost.
  ///
  /// - Parameters:
  ///   - cost: the cost, n×m; +∞ forbids a pair.
  ///   - start: the vertex for a similar cost as a warm start; it does not affect the value.
  /// - Returns: an optimal vertex.
  /// - Throws: `ProblemError.infeasible` if every plan has mass on forbidden pairs.
  func vertex(for cost: Matrix, from start: PlanVertex?) throws(ProblemError) -> PlanVertex

  /// The coupling of a feasible plan with the marginals that the oracle prescribes.
  func coupling(_ plan: Matrix) -> Coupling
}

/// An optimal vertex of a linear oracle for some cost C.
struct PlanVertex {
  /// The positive entries, ordered by row and column.
  let entries: [PlanEntry]
  /// The minimal cost ⟨C, S⟩.
  let value: Double
  /// The dual potentials, with f_i + g_j ≤ C_ij and equality where the vertex has mass.
  let potentials: Potentials
  /// The number of pivots; 0 if none was needed.
  let pivots: Int
  let basis: TransportBasis?
}

/// The oracle for plans with both marginals prescribed: the network simplex.
struct BalancedOracle: LinearOracle {
  let source: [Double]
  let target: [Double]

  func vertex(for cost: Matrix, from start: PlanVertex?) throws(ProblemError) -> PlanVertex {
    let solution = try NetworkSimplex().solve(
      LinearProblem(cost: cost, source: source, target: target), start: start?.basis)
    return PlanVertex(
      entries: solution.entries, value: solution.value, potentials: solution.potentials, pivots: solution.pivots,
      basis: solution.basis)
  }

  func coupling(_ plan: Matrix) -> Coupling { Coupling(plan: plan, source: source, target: target) }
}

/// The oracle for plans whose row marginal is prescribed and whose column marginal is free.
///
/// Each row sends its mass to its cheapest column, the first one of several, in O(nm).
struct RowwiseOracle: LinearOracle {
  let source: [Double]
  /// The columns that may receive mass, in ascending order.
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

  /// The coupling of a plan, whose own column sums serve as the target marginal.
  func coupling(_ plan: Matrix) -> Coupling { Coupling(plan: plan, source: source, target: plan.columnSums) }
}
