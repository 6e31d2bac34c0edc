import CKernels
import LinearAlgebra

/// Solves a quadratic problem from several starts and reports the basins that were found.
///
/// The starts are, in this order: the product plan, or the closest plan without forbidden pairs; the plan of
/// `SymmetricStart` if the spaces are symmetric; the optimal plan of the features alone if there are features; the
/// plan of an annealed entropic run (ε halves from a tenth of the mean cost) if no pair is forbidden; then random
/// plans, alternating between vertices (optimal for random costs) and noisy product plans. More starts may find lower
/// values; none proves that a value is globally minimal.
///
///     let search = MultiStart(starts: 10, seed: 1)
///     let report = try search.solve(problem) { problem, start, monitor throws(ProblemError) in
///       try GromovWasserstein().solve(problem, from: start, monitor: monitor)
///     }
///     print(report.best.value, report.basins.count)
public struct MultiStart: Sendable {
  /// The number of starts, at least 1.
  public var starts: Int
  /// The seed of the random starts.
  public var seed: UInt64

  /// Creates a multi-start solver.
  ///
  /// - Parameters:
  ///   - starts: the number of starts, at least 1.
  ///   - seed: the seed of the random starts.
  public init(starts: Int, seed: UInt64 = 1) {
    self.starts = starts
    self.seed = seed
  }

  /// Solves the problem from all starts.
  ///
  /// - Parameters:
  ///   - problem: a balanced problem.
  ///   - monitor: receives the recorded steps of each solve and may stop the search; the best solution is then
  ///     `interrupted`.
  ///   - solver: solves the problem from a start under the given monitor.
  /// - Returns: the basins, the best solution, and the value from each start.
  /// - Throws: `ProblemError` if `starts` is below 1 or the problem is not balanced, and any error of `solver`.
  public func solve(
    _ problem: QuadraticProblem, monitor: Monitor? = nil,
    by solver: (QuadraticProblem, Matrix, Monitor?) throws(ProblemError) -> GromovWassersteinSolution
  ) throws(ProblemError) -> BasinReport {
    if starts < 1 { throw .parameter(name: "the number of starts", found: "\(starts)", expected: "at least 1") }
    try problem.relaxation.requireBalanced()
    let watch = Watch(monitor)
    var plans = StartPlans(problem, count: starts, seed: seed, watch: watch)
    // All solutions are kept in order to group them into basins.
    var solutions = [try solver(problem, try problem.allowedPlan, watch.monitor)]
    var search = StartSearch(solutions[0], watch: watch, by: \.regularizedValue)
    while search.goesOn, let plan = try plans.next() {
      try search.attempt { monitor throws(ProblemError) in
        let solution = try solver(problem, plan, monitor)
        solutions.append(solution)
        return solution
      }
    }
    return BasinReport(solutions, search)
  }

  /// Returns the plans from which `solve` starts.
  public func plans(for problem: QuadraticProblem) throws(ProblemError) -> [Matrix] {
    var plans = [try problem.allowedPlan]
    var others = StartPlans(problem, count: starts, seed: seed, watch: Watch(nil))
    while let plan = try others.next() { plans.append(plan) }
    return plans
  }
}

/// Generates the plans after the first one.
private struct StartPlans {
  private let problem: QuadraticProblem
  private let count: Int
  private let watch: Watch
  private var random: SeededGenerator
  private lazy var order = CanonicalOrder.of(problem)
  /// The number of plans so far, including the first one.
  private var made = 1
  /// The kind of the next plan that is not random.
  private var kind = Kind.symmetric

  private enum Kind {
    case symmetric
    case features
    case annealed
    case random
  }

  init(_ problem: QuadraticProblem, count: Int, seed: UInt64, watch: Watch) {
    (self.problem, self.count, self.watch) = (problem, count, watch)
    random = SeededGenerator(seed: seed, stream: "multi-start")
  }

  /// Returns the next plan; nil if there are enough, or the monitor stopped the search.
  mutating func next() throws(ProblemError) -> Matrix? {
    guard made < count, let plan = try candidate(), !watch.hasStopped else { return nil }
    made += 1
    return plan
  }

  private mutating func candidate() throws(ProblemError) -> Matrix? {
    if kind == .symmetric {
      kind = .features
      if let plan = try SymmetricStart(problem, watch: watch).plan() { return plan }
    }
    if kind == .features {
      kind = .annealed
      if let features = problem.features { return try optimalPlan(for: features) }
    }
    if kind == .annealed {
      kind = .random
      if !problem.forbidsPairs { return try annealed() }
    }
    let order = order
    let noise = problem.forbidding(order.drawn { random.normal() })
    if made % 2 == 0 { return try optimalPlan(for: noise) }
    // The entropic plan of a random cost is the product plan times noise, with the prescribed marginals.
    let linear = try LinearProblem(cost: noise, source: problem.source.weights, target: problem.target.weights)
    return try Sinkhorn(epsilon: 1).solve(linear).coupling.plan
  }

  private func optimalPlan(for cost: Matrix) throws(ProblemError) -> Matrix {
    try NetworkSimplex().solve(
      LinearProblem(cost: cost, source: problem.source.weights, target: problem.target.weights)
    ).coupling.plan
  }

  private func annealed() throws(ProblemError) -> Matrix {
    var objective = QuadraticObjective(problem)
    var plan = problem.productPlan
    let mass = compensatedSum(problem.source.weights)
    var epsilon = 0.1 * abs(objective.evaluate(plan).value) / mass
    guard epsilon > 0 else { return plan }
    for _ in 0..<5 where !watch.hasStopped {
      let stage = EntropicGromovWasserstein(
        epsilon: epsilon, stopping: .init(tolerance: 1e-6, iterationLimit: 30),
        innerStopping: .init(tolerance: 1e-8, iterationLimit: 1000))
      plan = try stage.solve(problem, from: plan, monitor: watch.monitor).coupling.plan
      epsilon /= 2
    }
    // If ε is small relative to the costs, the last inner solves end early.
    return plan.rounded(toMarginals: problem.source.weights, problem.target.weights)
  }
}

/// The basins in which the descents from several starts ended.
public struct BasinReport: Sendable {
  /// Solutions whose plans differ by less than a tenth of the mass and whose values agree to a relative 1e-6.
  public struct Basin: Sendable {
    /// The solution of lowest value in the basin.
    public let solution: GromovWassersteinSolution
    /// The indices of the starts that ended in the basin, counted from 0.
    public let starts: [Int]
  }

  /// The basins by increasing value.
  public let basins: [Basin]
  /// The value from each start.
  public let values: [Double]

  /// The solution of lowest value.
  public var best: GromovWassersteinSolution { basins[0].solution }

  /// The highest minus the lowest value over the starts.
  public var spread: Double { (values.max() ?? 0) - (values.min() ?? 0) }

  /// Groups solutions into basins.
  ///
  /// - Parameters:
  ///   - solutions: the solutions in the order of the starts.
  ///   - search: the search that found them.
  fileprivate init(_ solutions: [GromovWassersteinSolution], _ search: StartSearch<GromovWassersteinSolution>) {
    values = search.values
    let scale = values.reduce(0) { max($0, abs($1)) }
    let order = solutions.indices.sorted { (solutions[$0].regularizedValue, $0) < (solutions[$1].regularizedValue, $1) }
    let groups = OptimalTransport.basins(of: order.map { solutions[$0] }) { solution, basin in
      let mass = compensatedSum(solution.coupling.source)
      let (own, other) = (solution.regularizedValue, basin.first.regularizedValue)
      // The largest value over all starts only determines the rounding error of two others.
      return abs(other - own) <= 1e-6 * max(abs(own), abs(other)) + 1e-12 * scale
        && Self.distance(basin.first.coupling.plan, solution.coupling.plan) < 0.1 * mass
    }
    basins = groups.enumerated().map { rank, group in
      // The first solution of lowest value leads the first basin.
      Basin(solution: rank == 0 ? search.answer : group.first, starts: group.members.map { order[$0] }.sorted())
    }
  }

  private static func distance(_ x: Matrix, _ y: Matrix) -> Double {
    x.withUnsafeElements { x in y.withUnsafeElements { ck_absolute_change(x, $0, y.elements.count) } }
  }
}
