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
  func others(hasStart: Bool, isNeeded: () -> Bool) throws(ProblemError) -> Int {
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
  ///   - solver: solves the problem from a start.
  ///   - monitor: is told recorded steps of each solve and may end the work.
  public func solve(
    _ problem: CoOptimalProblem, fromFeatures start: Matrix? = nil, by solver: CoOptimalTransport, monitor: Monitor? = nil
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

  /// The solution of lowest value, entropy included.
  public func solve(
    _ problem: CoOptimalProblem, fromFeatures start: Matrix? = nil, by solver: UnbalancedCoOptimalTransport, monitor: Monitor? = nil
  ) throws(ProblemError) -> CoOptimalSolution {
    try best(problem, fromFeatures: start, monitor: monitor) { plan, monitor throws(ProblemError) in
      try solver.solve(problem, fromFeatures: plan, monitor: monitor)
    } others: { _, count, watch throws(ProblemError) in
      let found = try search(problem.balanced(), count: count, by: CoOptimalTransport(), watch)
      let mass = (compensatedSum(problem.features.source) * compensatedSum(problem.features.target)).squareRoot()
      return .features(found.features.plan.map { mass * $0 })
    }
  }

  /// What anchored starts came to.
  private enum Found {
    /// An answer of the same solver.
    case answer(CoOptimalSolution)
    /// A plan to start from.
    case features(Matrix)
  }

  /// The better of the answers from the first start and from what others found.
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

  /// The best exact solution from anchored starts, at least one.
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

  static func plan(_ cost: Matrix, _ weights: (source: [Double], target: [Double])) throws(ProblemError) -> ExactSolution {
    let masses = (compensatedSum(weights.source), compensatedSum(weights.target))
    let target = weights.target.map { $0 / masses.1 * masses.0 }
    return try NetworkSimplex().solve(LinearProblem(cost: cost, source: weights.source, target: target))
  }
}

/// What rounding leaves of squared differences between values of two tables.
func roundedSquare(_ x: Matrix, _ y: Matrix) -> Double {
  let reach = ValueSpan(x).reach(ValueSpan(y))
  return 1e-28 * reach * reach
}

extension CoOptimalProblem {
  fileprivate var symmetry: TableSymmetry { TableSymmetry(source, target, rows: samples, columns: features) }

  /// A value that only rounding keeps from 0, which none is below.
  fileprivate var leastValue: Double {
    hasLinearTerms ? -.infinity : roundedSquare(source, target) * compensatedSum(samples.source) * compensatedSum(features.source)
  }

  /// The same tables with marginals of mass 1 that are kept.
  fileprivate func balanced() throws(ProblemError) -> CoOptimalProblem {
    func shares(_ weights: (source: [Double], target: [Double])) -> (source: [Double]?, target: [Double]?) {
      let masses = (compensatedSum(weights.source), compensatedSum(weights.target))
      return (weights.source.map { $0 / masses.0 }, weights.target.map { $0 / masses.1 })
    }
    return try CoOptimalProblem(source: source, target: target, samples: shares(samples), features: shares(features), linear: linear)
  }
}

extension CoOptimalSolution {
  /// Whether this one is lower; of equals the one that converged is better.
  fileprivate func isBetter(than other: CoOptimalSolution) -> Bool {
    let margin = 1e-9 * max(abs(regularizedValue), abs(other.regularizedValue))
    if abs(other.regularizedValue - regularizedValue) <= margin, status.isConverged != other.status.isConverged {
      return status.isConverged
    }
    return regularizedValue < other.regularizedValue
  }
}
