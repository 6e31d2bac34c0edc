import LinearAlgebra

extension AnchoredStarts {
  /// The solution of lowest distance.
  ///
  /// - Parameters:
  ///   - problem: two hypernetworks and their cone.
  ///   - start: as of the solver.
  ///   - solver: solves the problem from a start.
  ///   - monitor: is told recorded steps of each solve and may end the work.
  public func solve(
    _ problem: ConicProblem, from start: (nodes: Matrix, hyperedges: Matrix)? = nil, by solver: ConicCoOptimalTransport,
    monitor: Monitor? = nil
  ) throws(ProblemError) -> ConicCoOptimalSolution {
    let watch = Watch(monitor)
    let found = try conicSearch(problem, isNetwork: false, hasStart: start != nil, watch)
    if let found, found.isIsomorphism { return try solver.solve(problem, from: (found.nodes, found.hyperedges), monitor: watch.monitor) }
    var search = StartSearch(try solver.solve(problem, from: start, monitor: watch.monitor), watch: watch, by: \.squaredDistance)
    if let found {
      try search.attempt { monitor throws(ProblemError) in try solver.solve(problem, from: found.spread(problem), monitor: monitor) }
    }
    return search.answer
  }

  /// The solution of lowest upper value.
  public func solve(
    _ problem: ConicProblem, from start: Matrix? = nil, by solver: ConicGromovWasserstein, monitor: Monitor? = nil
  ) throws(ProblemError) -> ConicGromovWassersteinSolution {
    let watch = Watch(monitor)
    // What is no network the solver refuses.
    let areNetworks = problem.first.isNetwork && problem.second.isNetwork
    let found = areNetworks ? try conicSearch(problem, isNetwork: true, hasStart: start != nil, watch) : nil
    if let found, found.isIsomorphism { return try solver.solve(problem, from: found.nodes, monitor: watch.monitor) }
    var search = StartSearch(try solver.solve(problem, from: start, monitor: watch.monitor), watch: watch, by: \.upperSquared)
    if let found {
      try search.attempt { monitor throws(ProblemError) in try solver.solve(problem, from: found.spread(problem).nodes, monitor: monitor) }
    }
    return search.answer
  }

  /// The most similar plans from anchored starts, judged as they are; nil where one start is enough.
  private func conicSearch(
    _ problem: ConicProblem, isNetwork: Bool, hasStart: Bool, _ watch: Watch
  ) throws(ProblemError) -> ConicStart? {
    let (first, second) = (problem.first, problem.second)
    let (nodes, hyperedges) = ((first.nodes, second.nodes), (first.hyperedges, second.hyperedges))
    let (x, y) = (first.values.matrix, second.values.matrix)
    let others = try others(hasStart: hasStart) { TableSymmetry(x, y, rows: nodes, columns: hyperedges).isSuspected }
    if others == 0 { return nil }
    let matching = AnchoredMatching(x, y, rows: nodes, columns: hyperedges, isNetwork: isNetwork)
    func start(_ choice: Int) throws(ProblemError) -> ConicStart {
      let costs = matching.costs(choice: choice, seed: seed)
      let p = try Self.plan(costs.rows, nodes)
      let q = isNetwork ? p : try Self.plan(costs.columns, hyperedges)
      return ConicStart(problem, x, y, p.coupling, q.coupling)
    }
    var search = StartSearch(try start(0), watch: watch, by: { -$0.similarity }, isBetter: { $0.isBetter(than: $1) })
    for choice in 1..<others where !search.best.isIsomorphism && watch.goesOn(step: choice) {
      try search.attempt { _ throws(ProblemError) in try start(choice) }
    }
    return search.best
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

  func isBetter(than other: ConicStart) -> Bool { isIsomorphism || similarity > other.similarity }

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
    sum(over: s, t, x, y) { kernel.value(abs($0) / delta) }
  }
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
