import LinearAlgebra

/// An unbalanced problem without entropy as its cost and its two sides, and what each way of solving it shares:
/// feasible potentials, value and gap.
struct MarginalPair {
  let cost: Matrix
  let source: PenalizedSide
  let target: PenalizedSide

  init(cost: Matrix, source: PenalizedSide, target: PenalizedSide) {
    (self.cost, self.source, self.target) = (cost, source, target)
  }

  init(_ problem: LinearProblem, penalty: MarginalPenalty) {
    self.init(
      cost: problem.cost, source: PenalizedSide(problem.source, rho: problem.relaxation.source, penalty: penalty),
      target: PenalizedSide(problem.target, rho: problem.relaxation.target, penalty: penalty))
  }

  var transposed: MarginalPair { MarginalPair(cost: cost.transposed, source: target, target: source) }

  /// What the cheaper of two plans costs that anybody knows, the empty one and the product of the weights; costs
  /// count by their size.
  ///
  /// 0 where neither has a finite one.
  var scale: Double {
    let (a, b) = (source.weights, target.weights)
    let (m, k) = (compensatedSum(a), compensatedSum(b))
    var empty = Double.infinity
    if !source.isFixed && !target.isFixed { empty = source.value(a.map { _ in 0 }) + target.value(b.map { _ in 0 }) }
    let factor = source.isFixed ? 1 / k : target.isFixed ? 1 / m : 1 / m.squareRoot() / k.squareRoot()
    var product = source.value(a.map { $0 * factor * k }) + target.value(b.map { $0 * factor * m })
    for i in a.indices where a[i] > 0 {
      product += a[i] * factor * zip(cost[row: i], b).reduce(0) { $1.1 > 0 ? $0 + $1.1 * abs($1.0) : $0 }
    }
    let least = min(empty, product)
    return least < .infinity ? least : 0
  }

  /// The answer that a plan and potentials of the columns make, with the gap between them.
  ///
  /// - Parameters:
  ///   - entries: the entries of the plan.
  ///   - columns: potentials g, feasible or not; −∞ for points that take no part.
  ///   - run: how the iteration ended.
  ///   - pivots: the number of pivots.
  ///   - marginals: the marginals of the plan, if they are known better than as its sums.
  ///   - proven: the gap, if it is known otherwise.
  /// - Returns: The solution.
  /// - Throws: `ProblemError.parameter` where value or plan have left the range of numbers.
  func solution(
    _ entries: [PlanEntry], columns: [Double], _ run: Run, pivots: Int = 0,
    marginals: (rows: [Double], columns: [Double])? = nil,
    proven: Double? = nil
  ) throws(ProblemError) -> UnbalancedSolution {
    let potentials = feasible(columns)
    var sums = marginals ?? ([Double](repeating: 0, count: cost.rows), [Double](repeating: 0, count: cost.columns))
    if marginals == nil {
      for entry in entries {
        sums.rows[entry.row] += entry.mass
        sums.columns[entry.column] += entry.mass
      }
    }
    var gap = 0.0
    if let proven {
      gap = proven
    } else {
      let slack = entries.map { entry in
        entry.mass
          * max(0, cost[entry.row, entry.column] - potentials.source[entry.row] - potentials.target[entry.column])
      }
      gap =
        compensatedSum(slack) + source.gap(sums.rows, potentials.source) + target.gap(sums.columns, potentials.target)
    }
    let solution = UnbalancedSolution(
      entries: entries, potentials: potentials,
      transportCost: compensatedSum(entries.map { $0.mass * cost[$0.row, $0.column] }),
      penalties: (source.value(sums.rows), target.value(sums.columns)),
      dualValue: source.dualValue(potentials.source) + target.dualValue(potentials.target), gap: gap,
      status: run.status,
      iterations: run.iterations, pivots: pivots, trace: run.trace, source: source.weights, target: target.weights)
    if !(abs(solution.value) < 1e280) { throw Self.beyondNumbers }
    return solution
  }

  /// The gap as a fraction of what the objective is measured by, or what a prescribed marginal is missed by, as one of
  /// its mass, where that is more.
  func residual(of solution: UnbalancedSolution, scale: Double) -> Double {
    let gap = solution.gap == 0 ? 0 : solution.gap / max(scale, abs(solution.value), .leastNormalMagnitude)
    return max(gap, missed(solution.entries))
  }

  /// What prescribed marginals are missed by, as a fraction of their mass.
  func missed(_ entries: [PlanEntry]) -> Double {
    if !source.isFixed && !target.isFixed { return 0 }
    var rest = (source.isFixed ? source.weights : [], target.isFixed ? target.weights : [])
    for entry in entries {
      if source.isFixed { rest.0[entry.row] -= entry.mass }
      if target.isFixed { rest.1[entry.column] -= entry.mass }
    }
    let masses = (compensatedSum(source.weights), compensatedSum(target.weights))
    return max(compensatedSum(rest.0.map(abs)) / masses.0, compensatedSum(rest.1.map(abs)) / masses.1)
  }

  /// f the largest that g allows, then g the largest that f allows, neither beyond what changes anything.
  ///
  /// Points that take no part come last, and take what is left.
  private func feasible(_ g: [Double]) -> Potentials {
    let (n, m) = (cost.rows, cost.columns)
    var f = (0..<n).map { source.rho == 0 ? 0 : source.idlePotential($0) }
    var h = (0..<m).map { target.rho == 0 ? 0 : target.idlePotential($0) }
    cost.withUnsafeElements { cost in
      for i in 0..<n where source.takesPart(i) {
        var least = f[i]
        for j in 0..<m { least = min(least, cost[i * m + j] - g[j]) }
        // Made mass has a price as well.
        f[i] = source.penalty == .tv ? max(least, -source.rho) : least
        for j in 0..<m { h[j] = min(h[j], cost[i * m + j] - f[i]) }
      }
    }
    if target.penalty == .tv { h = h.map { max($0, -target.rho) } }
    for i in 0..<n where !source.takesPart(i) {
      let least = (0..<m).reduce(Double.infinity) { min($0, cost[i, $1] - h[$1]) }
      f[i] = least < .infinity ? least : 0
    }
    return Potentials(source: f, target: h)
  }

  // MARK: What makes no problem

  static let beyondNumbers = ProblemError.parameter(
    name: "the plan or its value", found: "beyond the range of numbers", expected: "ρ nearer to the size of the costs")

  static let unbounded = ProblemError.parameter(
    name: "the least of the costs", found: "less than what mass is charged with",
    expected: "at least −(ρ1 + ρ2), below which any mass pays"
  )

  /// A prescribed weight must have somewhere to go.
  func requirePartners() throws(ProblemError) {
    for (side, cost, name) in [(source, cost, "row"), (target, cost.transposed, "column")] where side.isFixed {
      for i in 0..<cost.rows where side.weights[i] > 0 && !cost[row: i].contains(where: { $0 < .infinity }) {
        throw .infeasible(reason: "\(name) \(i) has mass, but all its pairs are forbidden (of infinite cost)")
      }
    }
  }
}
