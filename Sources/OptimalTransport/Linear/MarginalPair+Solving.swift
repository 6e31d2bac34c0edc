import Glibc
import LinearAlgebra

extension MarginalPair {
  /// Solves the problem by the method that the penalties of both sides allow.
  ///
  /// - Parameters:
  ///   - stopping: the tolerance on the relative gap and the limit on passes.
  ///   - start: pairs that form a forest, such as those of the solution of a similar problem.
  ///   - monitor: called after passes; may stop the iteration.
  /// - Returns: The solution.
  /// - Throws: `ProblemError` if no plan has a finite cost or numbers are out of range.
  func solution(_ stopping: StoppingRule, start: [PlanEntry]? = nil, monitor: Monitor? = nil) throws(ProblemError)
    -> UnbalancedSolution
  {
    if source.isFixed && target.isFixed {
      return try byNetworkSimplex(LinearProblem(cost: cost, source: source.weights, target: target.weights))
    }
    if source.penalty == .tv { return try byNetworkSimplex() }
    if target.rho == 0 { return try byRows(tolerance: stopping.tolerance) }
    if source.rho == 0 { return try transposed.byRows(tolerance: stopping.tolerance).transposed }
    return try byForest(stopping, start: start, monitor: monitor)
  }

  /// Solves the problem for sides of which at least one is relaxed and neither is free.
  private func byForest(_ stopping: StoppingRule, start: [PlanEntry]? = nil, monitor: Monitor? = nil)
    throws(ProblemError)
    -> UnbalancedSolution
  {
    try requirePartners()
    let scale = scale
    var forest = MarginalForest(cost: cost, source: source, target: target, start: start)
    var solution: UnbalancedSolution?
    var (best, idle) = (Double.infinity, 0)
    let run = try iterate(stopping, monitor: monitor) { iteration throws(ProblemError) in
      let pivots = forest.sweep()
      if forest.isBeyondNumbers { throw Self.beyondNumbers }
      let answer = try self.solution(
        forest.entries, columns: forest.columnPotentials, Run(.converged, iterations: iteration), pivots: forest.pivots)
      solution = answer
      let residual = residual(of: answer, scale: scale)
      idle = residual < 0.5 * best ? 0 : idle + 1
      best = min(best, residual)
      // Where rounding alone tells pairs apart, they come and go for ever.
      if !(residual <= stopping.tolerance), pivots == 0 || idle > 100 {
        return .stalled(
          reason:
            "rounding leaves a gap of \(answer.gap); ρ is too large for costs of this size, inf prescribes a marginal")
      }
      return .advanced(residual: residual, objective: answer.value)
    }
    guard var solution else { throw Self.beyondNumbers }
    (solution.status, solution.iterations, solution.trace) = (run.status, run.iterations, run.trace)
    return solution
  }

  /// The answer where the columns are free: each row has its cheapest one.
  private func byRows(tolerance: Double) throws(ProblemError) -> UnbalancedSolution {
    try requirePartners()
    var entries: [PlanEntry] = []
    for i in 0..<cost.rows where source.takesPart(i) {
      guard let j = (0..<cost.columns).min(by: { cost[i, $0] < cost[i, $1] }) else { continue }
      let price = cost[i, j]
      if source.rho == 0 {
        if price < 0 { throw Self.unbounded }
      } else if price < source.idlePotential(i) {
        let mass = source.penalty == .kl ? exp(source.logMass(i, price)) : source.signedMass(i, price)
        if !(mass < 1e200) { throw Self.beyondNumbers }
        if mass > 0 { entries.append(PlanEntry(row: i, column: j, mass: mass)) }
      }
    }
    let free = [Double](repeating: 0, count: cost.columns)
    return try confirmed(solution(entries, columns: free, Run(.converged, iterations: 1)), tolerance: tolerance)
  }

  /// The answer of `tv`, by the network simplex with another source and another sink: what goes from a source to the
  /// other sink is dropped, or goes to its cheapest column as more than that asks for, whichever costs less; and the
  /// other way round.
  private func byNetworkSimplex() throws(ProblemError) -> UnbalancedSolution {
    try requirePartners()
    let (n, m) = (cost.rows, cost.columns)
    if cost.elements.contains(where: { $0 < -source.rho - target.rho }) { throw Self.unbounded }
    let turned = cost.transposed
    func cheapest(_ cost: Matrix) -> [Int] {
      (0..<cost.rows).map { i in (0..<cost.columns).min { cost[i, $0] < cost[i, $1] } ?? 0 }
    }
    let (best, bestOfColumn) = (cheapest(cost), cheapest(turned))
    let extended = Matrix(rows: n + 1, columns: m + 1) { i, j in
      switch (i < n, j < m) {
      case (true, true): cost[i, j]
      case (true, false): min(source.rho, target.rho + cost[i, best[i]])
      case (false, true): min(target.rho, source.rho + turned[j, bestOfColumn[j]])
      case (false, false): 0
      }
    }
    // What a point has beyond the mass of the whole other side is dropped, and would take the digits of the rest. As
    // much again is left, so that potentials know of it.
    let masses = (compensatedSum(source.weights), compensatedSum(target.weights))
    let weights = (source.weights.map { min($0, 2 * masses.1) }, target.weights.map { min($0, 2 * masses.0) })
    let exact = try NetworkSimplex().solve(
      LinearProblem(
        cost: extended, source: weights.0 + [compensatedSum(weights.1)], target: weights.1 + [compensatedSum(weights.0)]
      ))
    var marginals = (rows: source.weights, columns: target.weights)
    var flows: [Int: Double] = [:]
    func drop(_ i: Int, _ mass: Double) {
      let j = best[i]
      if target.rho + cost[i, j] < source.rho {
        flows[i * m + j, default: 0] += mass
        marginals.columns[j] += mass
      } else {
        marginals.rows[i] = max(0, marginals.rows[i] - mass)
      }
    }
    func make(_ j: Int, _ mass: Double) {
      let i = bestOfColumn[j]
      if source.rho + cost[i, j] < target.rho {
        flows[i * m + j, default: 0] += mass
        marginals.rows[i] += mass
      } else {
        marginals.columns[j] = max(0, marginals.columns[j] - mass)
      }
    }
    for entry in exact.entries {
      switch (entry.row < n, entry.column < m) {
      case (true, true): flows[entry.row * m + entry.column, default: 0] += entry.mass
      case (true, false): drop(entry.row, entry.mass)
      case (false, true): make(entry.column, entry.mass)
      case (false, false): continue
      }
    }
    for i in 0..<n where source.weights[i] > weights.0[i] { drop(i, source.weights[i] - weights.0[i]) }
    for j in 0..<m where target.weights[j] > weights.1[j] { make(j, target.weights[j] - weights.1[j]) }
    let entries = flows.sorted { $0.key < $1.key }.map {
      PlanEntry(row: $0.key / m, column: $0.key % m, mass: $0.value)
    }
    let made = exact.potentials.source[n]
    let columns = exact.potentials.target[..<m].map { min(max($0 + made, -target.rho), target.rho) }
    let missed = missed(entries)
    let status =
      missed <= 1e-9 ? exact.status : .stalled(reason: "rounding misses a prescribed marginal by \(missed) of its mass")
    return try solution(
      entries, columns: columns, Run(status, iterations: 1), pivots: exact.pivots, marginals: marginals,
      proven: exact.status.isConverged ? max(0, exact.certificate.gap) : nil)
  }

  /// The answer between prescribed marginals.
  private func byNetworkSimplex(_ problem: LinearProblem) throws(ProblemError) -> UnbalancedSolution {
    let exact = try NetworkSimplex().solve(problem)
    return UnbalancedSolution(
      entries: exact.entries, potentials: exact.potentials, transportCost: exact.value, penalties: (0, 0),
      dualValue: exact.certificate.dualValue, gap: max(0, exact.certificate.gap), status: exact.status, iterations: 1,
      pivots: exact.pivots,
      trace: Trace(), source: problem.source, target: problem.target)
  }

  private func confirmed(_ solution: UnbalancedSolution, tolerance: Double) -> UnbalancedSolution {
    let residual = residual(of: solution, scale: scale)
    if residual <= tolerance { return solution }
    var result = solution
    result.status = .stalled(reason: "rounding leaves a gap of \(solution.gap)")
    return result
  }
}
