import LinearAlgebra

/// Solves problems that match the rows and columns of two tables from several starts, and keeps the best solution.
///
/// The first start is the product of the weights, or the one given. Where symmetry makes that a saddle the solvers stay at it, or end in a poor
/// minimum: a cycle against itself is the plainest case. The others are plans that `AnchoredMatching` finds by pinning one row to one of the other
/// table's, then what follows, each start with another first pin. Exact CO-optimal transport descends from all of them and stops at a value of 0, which
/// nothing is below; entropic, unbalanced and conic solvers, which take longer, go on from the best of these alone.
///
/// Where `starts` is nil the rule is: one start, and 32 where `TableSymmetry` finds that the product says too little, unless a start was given.
///
/// No start proves that a value is the lowest. Deterministic for a seed.
///
///     let solution = try AnchoredStarts().solve(problem, by: CoOptimalTransport())
public struct AnchoredStarts: Sendable {
  /// At most how many starts; nil leaves it to the rule.
  public var starts: Int?
  /// Of the order in which equals are tried.
  public var seed: UInt64

  private static let startsWhereNeeded = 32

  public init(starts: Int? = nil, seed: UInt64 = 1) {
    self.starts = starts
    self.seed = seed
  }

  /// Starts beside the first.
  private func others(hasStart: Bool, isNeeded: () -> Bool) throws(ProblemError) -> Int {
    if let starts {
      if starts < 1 { throw .parameter(name: "the number of starts", found: "\(starts)", expected: "at least 1") }
      return starts - 1
    }
    return hasStart || !isNeeded() ? 0 : Self.startsWhereNeeded - 1
  }

  /// The solution of lowest value, entropy included.
  ///
  /// - Parameters:
  ///   - problem: a balanced problem.
  ///   - start: as of the solver.
  public func solve(
    _ problem: CoOptimalProblem, fromFeatures start: Matrix? = nil, by solver: CoOptimalTransport
  ) throws(ProblemError) -> CoOptimalSolution {
    let first = try solver.solve(problem, fromFeatures: start)
    let others = try others(hasStart: start != nil) { problem.symmetry.isSuspected }
    let isExact = solver.sampleEpsilon == 0 && solver.featureEpsilon == 0
    if others == 0 || isExact && first.value <= problem.leastValue { return first }
    guard let found = try search(problem, count: others, by: CoOptimalTransport(stopping: solver.stopping)) else { return first }
    if isExact { return first.orLower(found) }
    return first.orLower(try solver.solve(problem, fromFeatures: found.features.plan))
  }

  /// The solution of lowest value, entropy included.
  public func solve(
    _ problem: CoOptimalProblem, fromFeatures start: Matrix? = nil, by solver: UnbalancedCoOptimalTransport
  ) throws(ProblemError) -> CoOptimalSolution {
    let first = try solver.solve(problem, fromFeatures: start)
    let others = try others(hasStart: start != nil) { problem.symmetry.isSuspected }
    if others == 0 { return first }
    guard let found = try search(problem.balanced(), count: others, by: CoOptimalTransport()) else { return first }
    let mass = (compensatedSum(problem.features.source) * compensatedSum(problem.features.target)).squareRoot()
    return first.orLower(try solver.solve(problem, fromFeatures: found.features.plan.map { mass * $0 }))
  }

  /// The best exact solution from anchored starts; nil where there is none.
  private func search(
    _ problem: CoOptimalProblem, count: Int, by solver: CoOptimalTransport
  ) throws(ProblemError) -> CoOptimalSolution? {
    let matching = AnchoredMatching(problem.source, problem.target, rows: problem.samples, columns: problem.features)
    var best: CoOptimalSolution?
    for choice in 0..<count {
      let cost = matching.costs(choice: choice, seed: seed).columns
      let plan = try Self.plan(cost, problem.features).coupling.plan
      let solution = try solver.solve(problem, fromFeatures: plan)
      best = best.map { $0.orLower(solution) } ?? solution
      if let best, best.value <= problem.leastValue { break }
    }
    return best
  }

  static func plan(_ cost: Matrix, _ weights: (source: [Double], target: [Double])) throws(ProblemError) -> ExactSolution {
    let masses = (compensatedSum(weights.source), compensatedSum(weights.target))
    let target = weights.target.map { $0 / masses.1 * masses.0 }
    return try NetworkSimplex().solve(LinearProblem(cost: cost, source: weights.source, target: target))
  }

  /// The solution of lowest distance.
  ///
  /// - Parameters:
  ///   - problem: two hypernetworks and their cone.
  ///   - start: as of the solver.
  public func solve(
    _ problem: ConicProblem, from start: (nodes: Matrix, hyperedges: Matrix)? = nil, by solver: ConicCoOptimalTransport
  ) throws(ProblemError) -> ConicCoOptimalSolution {
    guard let found = try conicSearch(problem, isNetwork: false, hasStart: start != nil) else {
      return try solver.solve(problem, from: start)
    }
    if found.isIsomorphism { return try solver.solve(problem, from: (found.nodes, found.hyperedges)) }
    let first = try solver.solve(problem, from: start)
    let second = try solver.solve(problem, from: found.spread(problem))
    return second.squaredDistance < first.squaredDistance ? second : first
  }

  /// The solution of lowest upper value.
  public func solve(
    _ problem: ConicProblem, from start: Matrix? = nil, by solver: ConicGromovWasserstein
  ) throws(ProblemError) -> ConicGromovWassersteinSolution {
    guard let found = try conicSearch(problem, isNetwork: true, hasStart: start != nil) else {
      return try solver.solve(problem, from: start)
    }
    if found.isIsomorphism { return try solver.solve(problem, from: found.nodes) }
    let first = try solver.solve(problem, from: start)
    let second = try solver.solve(problem, from: found.spread(problem).nodes)
    return second.upperSquared < first.upperSquared ? second : first
  }

  /// The most similar plans from anchored starts, judged as they are; nil where one start is enough.
  private func conicSearch(_ problem: ConicProblem, isNetwork: Bool, hasStart: Bool) throws(ProblemError) -> ConicStart? {
    let (first, second) = (problem.first, problem.second)
    let (nodes, hyperedges) = ((first.nodes, second.nodes), (first.hyperedges, second.hyperedges))
    let (x, y) = (first.values.matrix, second.values.matrix)
    let others = try others(hasStart: hasStart) { TableSymmetry(x, y, rows: nodes, columns: hyperedges).isSuspected }
    if others == 0 { return nil }
    let matching = AnchoredMatching(x, y, rows: nodes, columns: hyperedges, isNetwork: isNetwork && first.isNetwork && second.isNetwork)
    var best: ConicStart?
    for choice in 0..<others {
      let costs = matching.costs(choice: choice, seed: seed)
      let p = try Self.plan(costs.rows, nodes)
      let q = isNetwork ? p : try Self.plan(costs.columns, hyperedges)
      let start = ConicStart(problem, x, y, p.coupling, q.coupling)
      if start.isIsomorphism { return start }
      if best.map({ start.similarity > $0.similarity }) ?? true { best = start }
    }
    return best
  }
}

/// Plans of mass 1 between nodes and hyperedges, and F there.
private struct ConicStart {
  let nodes: Matrix
  let hyperedges: Matrix
  let similarity: Double
  /// Whether equal values alone are matched, but for rounding: then F is 1, its largest value.
  let isIsomorphism: Bool

  init(_ problem: ConicProblem, _ x: Matrix, _ y: Matrix, _ p: Coupling, _ q: Coupling) {
    // Masses are whole multiples of a smallest one; what that leaves over would keep a permutation from being one.
    func scaled(_ plan: Matrix, _ weights: [Double]) -> Matrix {
      let mass = compensatedSum(weights)
      let least = 1e-12 * (plan.elements.max() ?? 0)
      return plan.map { $0 > least ? $0 / mass : 0 }
    }
    nodes = scaled(p.plan, p.source)
    hyperedges = scaled(q.plan, q.source)
    similarity = problem.similarity(x, y, nodes, hyperedges)
    isIsomorphism = sum(over: nodes, hyperedges, x, y) { $0 * $0 } <= roundedSquare(x, y)
  }

  /// With a tenth of the product's mass: sweeps move nothing to where there is none.
  func spread(_ problem: ConicProblem) -> (nodes: Matrix, hyperedges: Matrix) {
    func blended(_ plan: Matrix, _ a: [Double], _ b: [Double]) -> Matrix {
      let scale = compensatedSum(a) * compensatedSum(b)
      return Matrix(rows: plan.rows, columns: plan.columns) { 0.9 * plan[$0, $1] + 0.1 * a[$0] * b[$1] / scale }
    }
    return (
      blended(nodes, problem.first.nodes, problem.second.nodes),
      blended(hyperedges, problem.first.hyperedges, problem.second.hyperedges)
    )
  }
}

extension ConicProblem {
  /// Σ Ω(|ω1_ik − ω2_jl|/δ) S_ij T_kl, term by term where S and T are positive.
  func similarity(_ x: Matrix, _ y: Matrix, _ s: Matrix, _ t: Matrix) -> Double {
    sum(over: s, t, x, y) { max(kernel.value(abs($0) / delta), 0) }
  }
}

/// What rounding of masses leaves of squared differences between values of two tables.
private func roundedSquare(_ x: Matrix, _ y: Matrix) -> Double {
  let reach = ValueSpan(x).reach(ValueSpan(y))
  return 1e-15 * reach * reach
}

/// Σ term(X_ik − Y_jl) S_ij T_kl where S and T are positive.
private func sum(over s: Matrix, _ t: Matrix, _ x: Matrix, _ y: Matrix, term: (Double) -> Double) -> Double {
  func entries(_ plan: Matrix) -> [PlanEntry] { Coupling(plan: plan, source: plan.rowSums, target: plan.columnSums).entries }
  let inner = entries(t)
  return compensatedSum(
    entries(s).map { pair in
      pair.mass * compensatedSum(inner.map { $0.mass * term(x[pair.row, $0.row] - y[pair.column, $0.column]) })
    })
}

extension CoOptimalProblem {
  fileprivate var symmetry: TableSymmetry { TableSymmetry(source, target, rows: samples, columns: features) }

  /// A value that only rounding keeps from 0, which none is below.
  fileprivate var leastValue: Double {
    roundedSquare(source, target) * compensatedSum(samples.source) * compensatedSum(features.source)
  }

  /// The same tables with marginals of mass 1 that are kept.
  fileprivate func balanced() throws(ProblemError) -> CoOptimalProblem {
    func shares(_ weights: (source: [Double], target: [Double])) -> (source: [Double]?, target: [Double]?) {
      let masses = (compensatedSum(weights.source), compensatedSum(weights.target))
      return (weights.source.map { $0 / masses.0 }, weights.target.map { $0 / masses.1 })
    }
    return try CoOptimalProblem(source: source, target: target, samples: shares(samples), features: shares(features))
  }
}

extension CoOptimalSolution {
  /// The lower of two; of equals one that converged.
  fileprivate func orLower(_ other: CoOptimalSolution) -> CoOptimalSolution {
    let margin = 1e-9 * max(abs(regularizedValue), abs(other.regularizedValue))
    if abs(other.regularizedValue - regularizedValue) <= margin, status.isConverged != other.status.isConverged {
      return status.isConverged ? self : other
    }
    return other.regularizedValue < regularizedValue ? other : self
  }
}
