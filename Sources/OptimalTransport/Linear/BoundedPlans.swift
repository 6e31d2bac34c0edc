import LinearAlgebra

/// The plans of a mass that stay below their weights, P1 ≤ a, Pᵀ1 ≤ b and Σ P = mass, as balanced plans with one source
/// and one sink more: these hold what the other side leaves over, at no cost, and nothing goes from one to the other.
///
/// Weights above twice the mass are taken for that. No plan gets there, so that the dual prices of these points are 0
/// all the same, and the mass is never small beside the weights.
struct BoundedPlans: Sendable, Equatable {
  /// The weights of n + 1 sources.
  let source: [Double]
  /// The weights of m + 1 sinks.
  let target: [Double]
  let mass: Double

  /// Plans of a mass below given weights.
  ///
  /// - Parameters:
  ///   - a: the weights of the rows.
  ///   - b: the weights of the columns.
  ///   - mass: the mass of the plans, at most the smaller sum of weights (to a relative 1e-9), which nil takes.
  /// - Throws: `ProblemError.parameter` when it is not positive, or more than that.
  init(_ a: [Double], _ b: [Double], mass: Double?) throws(ProblemError) {
    let most = min(compensatedSum(a), compensatedSum(b))
    let mass = mass ?? most
    if !(mass > 0) || mass > most * (1 + 1e-9) {
      throw .parameter(
        name: "the mass of the plan", found: "\(mass)",
        expected: "a positive number, at most \(most), the smaller sum of weights")
    }
    self.mass = min(mass, most)
    let (rows, columns) = (a.map { min($0, 2 * mass) }, b.map { min($0, 2 * mass) })
    source = rows + [max(0, compensatedSum(columns) - self.mass)]
    target = columns + [max(0, compensatedSum(rows) - self.mass)]
  }

  /// Returns the best of the plans for a cost, as the solution of a balanced problem.
  ///
  /// - Parameters:
  ///   - cost: the cost of the pairs, n×m.
  ///   - simplex: the solver.
  ///   - start: the basis of an earlier solution of these plans.
  /// - Returns: The solution of the problem with one more source and one more sink.
  /// - Throws: `ProblemError.infeasible` if no plan has a finite cost.
  func solve(
    _ cost: Matrix, with simplex: NetworkSimplex = NetworkSimplex(), start: TransportBasis? = nil
  ) throws(ProblemError) -> ExactSolution {
    let (n, m) = (cost.rows, cost.columns)
    let extended = Matrix(rows: n + 1, columns: m + 1) { i, j in
      i < n && j < m ? cost[i, j] : i == n && j == m ? .infinity : 0
    }
    do throws(ProblemError) {
      return try simplex.solve(LinearProblem(cost: extended, source: source, target: target), start: start)
    } catch {
      guard case .infeasible = error else { throw error }
      throw .infeasible(reason: "no plan of mass \(mass) does without forbidden pairs (of infinite cost)")
    }
  }

  /// The entries of a solution that are no rest.
  func entries(of solution: ExactSolution) -> [PlanEntry] {
    solution.entries.filter { $0.row < source.count - 1 && $0.column < target.count - 1 }
  }

  /// f ≤ 0, g ≤ 0 and λ with f_i + g_j + λ ≤ C_ij.
  func potentials(of solution: ExactSolution) -> (potentials: Potentials, price: Double) {
    let (f, g) = (solution.potentials.source, solution.potentials.target)
    let (row, column) = (f[source.count - 1], g[target.count - 1])
    return (
      Potentials(source: f.dropLast().map { min(0, $0 + column) }, target: g.dropLast().map { min(0, $0 + row) }),
      -(row + column)
    )
  }
}

/// Plans of a mass below their weights, by the network simplex.
struct PartialOracle: LinearOracle {
  let plans: BoundedPlans

  func vertex(for cost: Matrix, from start: PlanVertex?) throws(ProblemError) -> PlanVertex {
    let solution = try plans.solve(cost, start: start?.basis)
    return PlanVertex(
      entries: plans.entries(of: solution), value: solution.value,
      potentials: plans.potentials(of: solution).potentials,
      pivots: solution.pivots, basis: solution.basis)
  }

  /// The marginals are what the plan makes them.
  func coupling(_ plan: Matrix) -> Coupling { Coupling(plan: plan, source: plan.rowSums, target: plan.columnSums) }
}
