import CKernels
import LinearAlgebra

/// Solves a quadratic problem from several starts and reports the basins that were met.
///
/// The starts are, in this order: the product plan, or what is nearest to it without forbidden pairs; the plan of `SymmetricStart`, where the spaces are
/// symmetric; the optimal plan of the features alone, where there are any; the plan of an annealed entropic run (ε falling by half from a tenth of the
/// mean cost), where no pair is forbidden; then seeded random ones, alternately vertices (optimal for random costs) and noisy product plans. More starts
/// find lower values; none proves that a value is the lowest.
///
///     let report = try MultiStart(starts: 10, seed: 1).solve(problem) { problem, start throws(ProblemError) in
///       try GromovWasserstein().solve(problem, from: start)
///     }
///     print(report.best.value, report.basins.count)
public struct MultiStart: Sendable {
  /// How many starts, at least 1.
  public var starts: Int
  /// Of the random starts.
  public var seed: UInt64

  public init(starts: Int, seed: UInt64 = 1) {
    self.starts = starts
    self.seed = seed
  }

  /// - Parameters:
  ///   - problem: a balanced problem.
  ///   - solver: solves the problem from a start.
  /// - Throws: `ProblemError` when there are no starts or the problem is not balanced, and what the solver throws.
  public func solve(
    _ problem: QuadraticProblem, by solver: (QuadraticProblem, Matrix) throws(ProblemError) -> GromovWassersteinSolution
  ) throws(ProblemError) -> BasinReport {
    if starts < 1 { throw .parameter(name: "the number of starts", found: "\(starts)", expected: "at least 1") }
    try problem.relaxation.requireBalanced()
    var solutions: [GromovWassersteinSolution] = []
    for plan in try plans(for: problem) { solutions.append(try solver(problem, plan)) }
    return BasinReport(solutions)
  }

  /// The plans to start from.
  public func plans(for problem: QuadraticProblem) throws(ProblemError) -> [Matrix] {
    let (a, b) = (problem.source.weights, problem.target.weights)
    var plans = [try problem.allowedPlan]
    if plans.count < starts, let plan = try SymmetricStart(problem).plan() { plans.append(plan) }
    if plans.count < starts, let features = problem.features { plans.append(try Self.optimalPlan(for: features, a, b)) }
    if plans.count < starts, !problem.forbidsPairs { plans.append(try Self.annealed(problem)) }
    guard plans.count < starts else { return plans }
    let order = CanonicalOrder.of(problem)
    var random = SeededGenerator(seed: seed, stream: "multi-start")
    while plans.count < starts {
      let noise = problem.forbidding(order.drawn { random.normal() })
      if plans.count % 2 == 0 {
        plans.append(try Self.optimalPlan(for: noise, a, b))
      } else {
        // The entropic plan of a random cost is the product plan times noise, with the right marginals.
        plans.append(try Sinkhorn(epsilon: 1).solve(LinearProblem(cost: noise, source: a, target: b)).coupling.plan)
      }
    }
    return plans
  }

  private static func optimalPlan(for cost: Matrix, _ a: [Double], _ b: [Double]) throws(ProblemError) -> Matrix {
    try NetworkSimplex().solve(LinearProblem(cost: cost, source: a, target: b)).coupling.plan
  }

  private static func annealed(_ problem: QuadraticProblem) throws(ProblemError) -> Matrix {
    var objective = QuadraticObjective(problem)
    var plan = problem.productPlan
    let mass = compensatedSum(problem.source.weights)
    var epsilon = 0.1 * abs(objective.evaluate(plan).value) / mass
    guard epsilon > 0 else { return plan }
    for _ in 0..<5 {
      let stage = EntropicGromovWasserstein(
        epsilon: epsilon, stopping: .init(tolerance: 1e-6, iterationLimit: 30), innerStopping: .init(tolerance: 1e-8, iterationLimit: 1000))
      plan = try stage.solve(problem, from: plan).coupling.plan
      epsilon /= 2
    }
    // Where ε is small for such costs the last inner solves are cut short.
    return plan.rounded(toMarginals: problem.source.weights, problem.target.weights)
  }
}

/// The basins that runs from several starts ended in.
public struct BasinReport: Sendable {
  /// Solutions whose plans differ by less than a tenth of the mass and whose values agree to 1e-6.
  public struct Basin: Sendable {
    /// The solution of lowest value among them.
    public let solution: GromovWassersteinSolution
    /// Which starts ended here, counted from 0.
    public let starts: [Int]
  }

  /// By rising value.
  public let basins: [Basin]
  /// The value reached from each start.
  public let values: [Double]

  /// The solution of lowest value.
  public var best: GromovWassersteinSolution { basins[0].solution }

  /// The largest value less the lowest.
  public var spread: Double { (values.max() ?? 0) - (values.min() ?? 0) }

  init(_ solutions: [GromovWassersteinSolution]) {
    values = solutions.map(\.regularizedValue)
    let scale = values.reduce(0) { max($0, abs($1)) }
    var found: [(solution: GromovWassersteinSolution, starts: [Int])] = []
    for start in solutions.indices.sorted(by: { (solutions[$0].regularizedValue, $0) < (solutions[$1].regularizedValue, $1) }) {
      let solution = solutions[start]
      let mass = compensatedSum(solution.coupling.source)
      let own = abs(solution.regularizedValue)
      let known = found.firstIndex {
        // The largest value of all, of a bad start, says nothing of two others but how far they are rounded.
        abs($0.solution.regularizedValue - solution.regularizedValue) <= 1e-6 * max(own, abs($0.solution.regularizedValue)) + 1e-12 * scale
          && Self.distance($0.solution.coupling.plan, solution.coupling.plan) < 0.1 * mass
      }
      if let known { found[known].starts.append(start) } else { found.append((solution, [start])) }
    }
    basins = found.map { Basin(solution: $0.solution, starts: $0.starts.sorted()) }
  }

  private static func distance(_ x: Matrix, _ y: Matrix) -> Double {
    x.withUnsafeElements { x in y.withUnsafeElements { ck_absolute_change(x, $0, y.elements.count) } }
  }
}
