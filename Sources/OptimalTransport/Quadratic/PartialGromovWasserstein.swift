import Glibc
import LinearAlgebra

/// Partial Gromov–Wasserstein transport, optionally fused, with square or KL loss.
///
/// It finds which part of one space resembles a part of the other (Chapel, Alaya, Gasso 2020, arXiv:2002.08276):
///
///     min  f(P) = (1 − α) ⟨M, P⟩ + α Σ_{ijkl} K_ik (D1_ik − D2_jl)² P_ij P_kl
///     over P ≥ 0 with P1 ≤ a, Pᵀ1 ≤ b, Σ P = mass.
///
/// Algorithm: the conditional gradient (`GromovWasserstein` says how), whose linear problems are those of partial
/// transport (`PartialTransport`). The objective never rises. The problem is not convex: the iteration ends in a
/// stationary point that depends on the start, often a vertex.
///
/// The starts are the product plan a bᵀ in that mass, or a vertex where that has mass on forbidden pairs, unless one is
/// given; then, between symmetric spaces (`SymmetricStart`), a plan that breaks the symmetry; then seeded ones,
/// alternately vertices that are best for random costs and noisy product plans. The lowest solution is kept.
///
/// The residual is the duality gap ⟨∇f(P), P − S⟩ between the plan and the best vertex S, as a fraction of the product
/// plan's quadratic part and what P or S pays of |M|. Pairs with M_ij = ∞ get no mass; zero weights get none on either
/// side.
///
/// Time an iteration: one n×m×m product (points with squared Euclidean distances: O(nmd)) and the network simplex;
/// memory n² + m² + 12nm.
///
///     let problem = try QuadraticProblem(
///       source: .init(distances: d1), target: .init(distances: d2), relaxation: .bounded)
///     let solution = try PartialGromovWasserstein(mass: 0.6, starts: 4).solve(problem)
///     print(solution.value, solution.coupling.target)
public struct PartialGromovWasserstein: Sendable {
  /// What is transported, in units of the weights: positive, at most the smaller sum of weights, which it is when nil.
  public var mass: Double?
  /// How many starts, at least 1; where spaces are symmetric there is one more.
  public var starts: Int
  /// The seed of the random starts.
  public var seed: UInt64
  /// Tolerance on the relative gap, iteration limit of each start, and how often to look.
  public var stopping: StoppingRule

  /// Creates a solver.
  ///
  /// - Parameters:
  ///   - mass: the transported mass; the smaller sum of weights if nil.
  ///   - starts: the number of starts, at least 1.
  ///   - seed: the seed of the random starts.
  ///   - stopping: the tolerance on the relative gap, the iteration limit of each start, and the check interval.
  public init(
    mass: Double? = nil, starts: Int = 1, seed: UInt64 = 1,
    stopping: StoppingRule = StoppingRule(tolerance: 1e-9, iterationLimit: 1000)
  ) {
    self.mass = mass
    self.starts = starts
    self.seed = seed
    self.stopping = stopping
  }

  /// Solves the problem.
  ///
  /// - Parameters:
  ///   - problem: relaxed as `MarginalRelaxation.bounded` says.
  ///   - start: n×m, of the mass and with marginals of at most the weights, to 1e-6 of the mass, without mass on
  ///     forbidden pairs.
  ///   - monitor: is asked at recorded steps whether to go on.
  /// - Returns: iterations and trace are those of the start whose answer is kept; the coupling's marginals are those
  ///   that the plan has, and the potentials the prices f, g ≤ 0 of the last linear problem.
  /// - Throws: `ProblemError` when a parameter makes no sense, the mass is not there, the problem is relaxed in another
  ///   way, the start does not fit, or no plan of the mass does without forbidden pairs.
  public func solve(
    _ problem: QuadraticProblem, from start: Matrix? = nil, monitor: Monitor? = nil
  ) throws(ProblemError) -> GromovWassersteinSolution {
    try stopping.validate()
    if starts < 1 { throw .parameter(name: "the number of starts", found: "\(starts)", expected: "at least 1") }
    if problem.relaxation != .bounded {
      throw .parameter(
        name: "(ρ1, ρ2) of a partial problem", found: "(\(problem.relaxation.source), \(problem.relaxation.target))",
        expected: "(0, 0): weights bound the marginals, which nothing else prescribes")
    }
    let (a, b) = (problem.source.weights, problem.target.weights)
    let plans = try BoundedPlans(a, b, mass: mass)
    let oracle = PartialOracle(plans: plans)
    // In the weights that the product plan of that mass has: plans between them are partial plans.
    let posed = try problem.balanced(mass: plans.mass)
    if let start { try Self.validate(start, problem, mass: plans.mass) }
    let first: Matrix
    if let start { first = start } else { first = try Self.firstPlan(posed, oracle) }
    let descent = ConditionalGradient(stopping: stopping, oracle: oracle)
    let watch = Watch(monitor)
    var search = StartSearch(
      try descent.descend(posed, from: first, monitor: watch.monitor), watch: watch, by: \.regularizedValue,
      margin: startMargin)
    if start == nil {
      let reached = problem.loss == .square ? search.best.value : .infinity
      try search.attempt { monitor throws(ProblemError) in
        guard let plan = try SymmetricStart(posed, watch: watch).plan(below: reached), !watch.hasStopped else {
          return nil
        }
        return try descent.descend(posed, from: plan, monitor: monitor)
      }
    }
    var random = PartialStarts(posed, oracle, seed: seed)
    for _ in 1..<starts {
      try search.attempt { monitor throws(ProblemError) in
        try descent.descend(posed, from: try random.next(), monitor: monitor)
      }
    }
    return search.answer
  }

  private static func firstPlan(_ posed: QuadraticProblem, _ oracle: PartialOracle) throws(ProblemError) -> Matrix {
    if !posed.forbidsPairs { return posed.productPlan }
    let (rows, columns) = (posed.source.count, posed.target.count)
    let vertex = try oracle.vertex(for: posed.forbidding(Matrix(rows: rows, columns: columns)), from: nil)
    return Coupling(entries: vertex.entries, source: posed.source.weights, target: posed.target.weights).plan
  }

  private static func validate(_ plan: Matrix, _ problem: QuadraticProblem, mass: Double) throws(ProblemError) {
    let (a, b) = (problem.source.weights, problem.target.weights)
    try ProblemError.validate(start: plan, rows: a.count, columns: b.count)
    let excess = (zip(plan.rowSums, a).map { $0 - $1 } + zip(plan.columnSums, b).map { $0 - $1 }).reduce(0) {
      $0 + max(0, $1)
    }
    let error = excess + abs(compensatedSum(plan.elements) - mass)
    if error > 1e-6 * mass {
      throw .parameter(
        name: "what the start exceeds the weights and misses the mass by", found: "\(error)",
        expected: "at most 1e-6 of the mass")
    }
    try problem.requireNoForbiddenMass(plan)
  }
}

/// Seeded plans to start from, alternately vertices that are best for random costs and noisy product plans.
private struct PartialStarts {
  private let problem: QuadraticProblem
  private let oracle: PartialOracle
  private var random: SeededGenerator
  private var count = 0
  private lazy var order = CanonicalOrder.of(problem)

  init(_ problem: QuadraticProblem, _ oracle: PartialOracle, seed: UInt64) {
    (self.problem, self.oracle) = (problem, oracle)
    random = SeededGenerator(seed: seed, stream: "partial")
  }

  mutating func next() throws(ProblemError) -> Matrix {
    let order = order
    let noise = order.drawn { random.normal() }
    count += 1
    let (a, b) = (problem.source.weights, problem.target.weights)
    if count % 2 == 0, !problem.forbidsPairs {
      // The entropic plan of a random cost is the product plan times noise, with the right marginals.
      return try Sinkhorn(epsilon: 1).solve(LinearProblem(cost: noise, source: a, target: b)).coupling.plan
    }
    let vertex = try oracle.vertex(for: problem.forbidding(noise), from: nil)
    return Coupling(entries: vertex.entries, source: a, target: b).plan
  }
}
