import LinearAlgebra

extension AnchoredStarts {
  /// Solves a conic CO-optimal transport problem from several starts and returns the solution of lowest distance.
  ///
  /// - Parameters:
  ///   - problem: two hypernetworks and their cone.
  ///   - start: initial plans n1×n2 and d1×d2; the products of the masses if nil.
  ///   - solver: solves the problem from each start.
  ///   - monitor: receives the recorded steps of each solve and may stop the search.
  /// - Returns: the best solution, with status `interrupted` if the monitor stopped the search.
  /// - Throws: `ProblemError` if `starts` is below 1, and any error of `solver`.
  public func solve(
    _ problem: ConicProblem, from start: (nodes: Matrix, hyperedges: Matrix)? = nil, by solver: ConicCoOptimalTransport,
    monitor: Monitor? = nil
  ) throws(ProblemError) -> ConicCoOptimalSolution {
    let watch = Watch(monitor)
    let found = try conicSearch(problem, isNetwork: false, hasStart: start != nil, watch)
    if let found, found.isIsomorphism {
      return try solver.solve(problem, from: (found.nodes, found.hyperedges), monitor: watch.monitor)
    }
    var search = StartSearch(
      try solver.solve(problem, from: start, monitor: watch.monitor), watch: watch, by: \.squaredDistance)
    if let found {
      try search.attempt { monitor throws(ProblemError) in
        try solver.solve(problem, from: found.spread(problem), monitor: monitor)
      }
    }
    return search.answer
  }

  /// Solves a conic Gromov–Wasserstein problem from several starts and returns the solution of lowest upper value.
  public func solve(
    _ problem: ConicProblem, from start: Matrix? = nil, by solver: ConicGromovWasserstein, monitor: Monitor? = nil
  ) throws(ProblemError) -> ConicGromovWassersteinSolution {
    let watch = Watch(monitor)
    // The solver refuses hypernetworks that are not networks.
    let areNetworks = problem.first.isNetwork && problem.second.isNetwork
    let found = areNetworks ? try conicSearch(problem, isNetwork: true, hasStart: start != nil, watch) : nil
    if let found, found.isIsomorphism { return try solver.solve(problem, from: found.nodes, monitor: watch.monitor) }
    var search = StartSearch(
      try solver.solve(problem, from: start, monitor: watch.monitor), watch: watch, by: \.upperSquared)
    if let found {
      try search.attempt { monitor throws(ProblemError) in
        try solver.solve(problem, from: found.spread(problem).nodes, monitor: monitor)
      }
    }
    return search.answer
  }

  /// The most similar plans from anchored starts, without further descent; nil if one start is enough.
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

/// Plans of mass 1 between nodes and hyperedges, and the similarity F there.
private struct ConicStart {
  let nodes: Matrix
  let hyperedges: Matrix
  let similarity: Double
  /// Whether only equal values are matched, up to rounding; then F attains its maximum 1.
  let isIsomorphism: Bool

  init(_ problem: ConicProblem, _ x: Matrix, _ y: Matrix, _ p: Coupling, _ q: Coupling) {
    // Masses are integer multiples of a smallest one; their remainders would keep a permutation from being exact.
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

  /// The plans mixed with a tenth of the product's mass, because sweeps move no mass to where there is none.
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
  /// Returns Σ Ω(|ω1_ik − ω2_jl|/δ) S_ij T_kl, summed over the positive entries of S and T.
  func similarity(_ x: Matrix, _ y: Matrix, _ s: Matrix, _ t: Matrix) -> Double {
    sum(over: s, t, x, y) { kernel.value(abs($0) / delta) }
  }
}

/// Returns Σ term(X_ik − Y_jl) S_ij T_kl, summed over the positive entries of S and T.
private func sum(over s: Matrix, _ t: Matrix, _ x: Matrix, _ y: Matrix, term: (Double) -> Double) -> Double {
  func entries(_ plan: Matrix) -> [PlanEntry] {
    Coupling(plan: plan, source: plan.rowSums, target: plan.columnSums).entries
  }
  let inner = entries(t)
  return compensatedSum(
    entries(s).map { pair in
      pair.mass * compensatedSum(inner.map { $0.mass * term(x[pair.row, $0.row] - y[pair.column, $0.column]) })
    })
}
