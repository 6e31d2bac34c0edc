import LinearAlgebra

/// A multi-start solver for problems that match the rows and columns of two tables.
///
/// The first start is the product of the weights, or the given one. If the product is a saddle point because of
/// symmetry, solvers stay there or end in a poor local minimum; a cycle graph against itself is the simplest example.
/// The other starts are plans of `AnchoredMatching`, each with a different first pin. Exact CO-optimal transport
/// descends from all of them and stops at the minimal value 0. Entropic, unbalanced, and conic solvers are slower,
/// and continue only from the best of these descents.
///
/// If `starts` is nil, one start is used, or 32 if `TableSymmetry` finds that the product is uninformative and no
/// start was given.
///
/// The result is deterministic for a seed. No start proves that a value is globally minimal.
///
///     let solution = try AnchoredStarts().solve(problem, by: CoOptimalTransport())
public struct AnchoredStarts: Sendable {
  /// The maximum number of starts, at least 1; nil chooses 1 or 32 by the symmetry of the tables.
  public var starts: Int?
  /// The seed of the order in which ties are tried.
  public var seed: UInt64

  private static let startsWhereNeeded = 32

  /// Creates a multi-start solver.
  ///
  /// - Parameters:
  ///   - starts: the maximum number of starts, at least 1; nil chooses 1 or 32 by the symmetry of the tables.
  ///   - seed: the seed of the order in which ties are tried.
  public init(starts: Int? = nil, seed: UInt64 = 1) {
    self.starts = starts
    self.seed = seed
  }

  /// The number of starts after the first one.
  func others(hasStart: Bool, isNeeded: () -> Bool) throws(ProblemError) -> Int {
    if let starts {
      if starts < 1 { throw .parameter(name: "the number of starts", found: "\(starts)", expected: "at least 1") }
      return starts - 1
    }
    return hasStart || !isNeeded() ? 0 : Self.startsWhereNeeded - 1
  }

  /// Solves an exact or entropic CO-optimal transport problem and returns the solution with the lowest regularized
  /// value.
  ///
  /// - Parameters:
  ///   - problem: a balanced problem.
  ///   - start: the initial plan Q between features, d×e; the product of their weights if nil.
  ///   - solver: solves the problem from each start.
  ///   - monitor: receives the recorded steps of each solve and may stop the search.
  /// - Returns: the best solution, with status `interrupted` if the monitor stopped the search.
  /// - Throws: `ProblemError` if `starts` is below 1, and any error of `solver`.
  public func solve(
    _ problem: CoOptimalProblem, fromFeatures start: Matrix? = nil, by solver: CoOptimalTransport,
    monitor: Monitor? = nil
  ) throws(ProblemError) -> CoOptimalSolution {
    let isExact = solver.sampleEpsilon == 0 && solver.featureEpsilon == 0
    return try best(problem, fromFeatures: start, monitor: monitor) { plan, monitor throws(ProblemError) in
      try solver.solve(problem, fromFeatures: plan, monitor: monitor)
    } others: { first, count, watch throws(ProblemError) in
      if isExact && first.value <= problem.leastValue { return nil }
      let found = try search(problem, count: count, by: CoOptimalTransport(stopping: solver.stopping), watch)
      return isExact ? .answer(found) : .features(found.features.plan)
    }
  }

  /// Solves an unbalanced CO-optimal transport problem and returns the solution with the lowest regularized value.
  public func solve(
    _ problem: CoOptimalProblem, fromFeatures start: Matrix? = nil, by solver: UnbalancedCoOptimalTransport,
    monitor: Monitor? = nil
  ) throws(ProblemError) -> CoOptimalSolution {
    try best(problem, fromFeatures: start, monitor: monitor) { plan, monitor throws(ProblemError) in
      try solver.solve(problem, fromFeatures: plan, monitor: monitor)
    } others: { _, count, watch throws(ProblemError) in
      let found = try search(problem.balanced(), count: count, by: CoOptimalTransport(), watch)
      let mass = (compensatedSum(problem.features.source) * compensatedSum(problem.features.target)).squareRoot()
      return .features(found.features.plan.map { mass * $0 })
    }
  }

  /// The result of the anchored starts.
  private enum Found {
    /// A solution of the same solver.
    case answer(CoOptimalSolution)
    /// A plan from which the solver should start.
    case features(Matrix)
  }

  /// The better one of the solutions from the first start and from the anchored starts.
  private func best(
    _ problem: CoOptimalProblem, fromFeatures start: Matrix?, monitor: Monitor?,
    solve: (Matrix?, Monitor?) throws(ProblemError) -> CoOptimalSolution,
    others search: (_ first: CoOptimalSolution, _ count: Int, Watch) throws(ProblemError) -> Found?
  ) throws(ProblemError) -> CoOptimalSolution {
    let watch = Watch(monitor)
    let first = try solve(start, watch.monitor)
    var best = StartSearch(first, watch: watch, by: \.regularizedValue) { $0.isBetter(than: $1) }
    try best.attempt { monitor throws(ProblemError) in
      let count = try others(hasStart: start != nil) { problem.symmetry.isSuspected }
      guard count > 0, let found = try search(first, count, watch) else { return nil }
      switch found {
      case .answer(let answer): return answer
      case .features(let plan): return watch.hasStopped ? nil : try solve(plan, monitor)
      }
    }
    return best.answer
  }

  /// The best exact solution from at least one anchored start.
  private func search(
    _ problem: CoOptimalProblem, count: Int, by solver: CoOptimalTransport, _ watch: Watch
  ) throws(ProblemError) -> CoOptimalSolution {
    let matching = AnchoredMatching(problem.source, problem.target, rows: problem.samples, columns: problem.features)
    func answer(_ choice: Int, _ monitor: Monitor?) throws(ProblemError) -> CoOptimalSolution {
      let cost = matching.costs(choice: choice, seed: seed).columns
      return try solver.solve(problem, fromFeatures: Self.plan(cost, problem.features).coupling.plan, monitor: monitor)
    }
    var best = StartSearch(try answer(0, watch.monitor), watch: watch, by: \.regularizedValue) { $0.isBetter(than: $1) }
    for choice in 1..<count where best.best.value > problem.leastValue {
      try best.attempt { monitor throws(ProblemError) in try answer(choice, monitor) }
    }
    return best.best
  }

  static func plan(_ cost: Matrix, _ weights: (source: [Double], target: [Double])) throws(ProblemError)
    -> ExactSolution
  {
    let masses = (compensatedSum(weights.source), compensatedSum(weights.target))
    let target = weights.target.map { $0 / masses.1 * masses.0 }
    return try NetworkSimplex().solve(LinearProblem(cost: cost, source: weights.source, target: target))
  }
}

/// The rounding error of squared differences between values of two tables.
func roundedSquare(_ x: Matrix, _ y: Matrix) -> Double {
  let reach = ValueSpan(x).reach(ValueSpan(y))
  return 1e-28 * reach * reach
}

extension CoOptimalProblem {
  fileprivate var symmetry: TableSymmetry { TableSymmetry(source, target, rows: samples, columns: features) }

  /// The value below which an objective counts as 0.
  fileprivate var leastValue: Double {
    hasLinearTerms
      ? -.infinity : roundedSquare(source, target) * compensatedSum(samples.source) * compensatedSum(features.source)
  }

  /// The problem with the same tables and both marginals prescribed, of mass 1.
  fileprivate func balanced() throws(ProblemError) -> CoOptimalProblem {
    func shares(_ weights: (source: [Double], target: [Double])) -> (source: [Double]?, target: [Double]?) {
      let masses = (compensatedSum(weights.source), compensatedSum(weights.target))
      return (weights.source.map { $0 / masses.0 }, weights.target.map { $0 / masses.1 })
    }
    return try CoOptimalProblem(
      source: source, target: target, samples: shares(samples), features: shares(features), linear: linear)
  }
}

extension CoOptimalSolution {
  /// Whether this solution has a lower value; of equal values, the converged one is better.
  fileprivate func isBetter(than other: CoOptimalSolution) -> Bool {
    let margin = 1e-9 * max(abs(regularizedValue), abs(other.regularizedValue))
    if abs(other.regularizedValue - regularizedValue) <= margin, status.isConverged != other.status.isConverged {
      return status.isConverged
    }
    return regularizedValue < other.regularizedValue
  }
}
