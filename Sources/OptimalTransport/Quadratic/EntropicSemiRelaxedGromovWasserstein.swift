import Glibc
import LinearAlgebra

/// Semi-relaxed Gromov–Wasserstein transport (`SemiRelaxedGromovWasserstein` says what it is), fused and of another
/// loss too, by entropic steps over the plans with P1 = a (Vincent-Cuaz, Flamary, Corneli, Vayer, Courty 2022,
/// arXiv:2110.02753). With half the gradient H(P) of the objective f, each iteration takes a step of length θ towards
///
///     proximal point:   P⁺ = argmin ⟨H(P), Q⟩ + (ε/θ) KL(Q | P), which is P⁺ ∝ P exp(−θ H(P)/ε),
///     mirror descent:   P⁺ ∝ P^(1−θ) Q^θ, where Q ∝ b exp(−H(P)/ε) minimises ⟨H(P), Q⟩ + ε KL(Q | a⊗b),
///
/// each row scaled to the mass of its source point. The proximal point method seeks stationary points of f, and ε is
/// only its step length: it ends at the plans of the conditional gradient, from the inside. Mirror descent seeks
/// stationary points of f(P) + 2ε KL(P | a⊗b), whose plans spread over all pairs. θ is 1 unless that would raise what
/// is sought; then it is halved until it does not, and doubled again afterwards: what is sought never rises.
///
/// Conventions: ε is absolute, in units of the loss. POT steps along the gradient 2H: **its ε is twice ours**. The
/// weights b are taken in the mass of a.
///
/// The residual of proximal steps is the duality gap ⟨∇f(P), P − S⟩ to the best vertex, in which each source point has
/// one partner, as a fraction of the product plan's quadratic part and what P pays of |M|. That of mirror descent is
/// the change ‖Q − P‖₁ of a whole step, as a fraction of the mass. Source marginals hold to rounding. Pairs with M_ij =
/// ∞ get no mass; zero weights get none on either side. A zero of a given start is where mass comes late: proximal
/// steps take it for 1e-300.
///
/// The problem is not convex: the first start is the product plan, unless one is given, and seeded noisy product plans
/// follow; the lowest value of what is sought is kept.
///
/// Time an iteration: one n×m×m product (points with squared Euclidean distances: O(nmd)); memory n² + m² + 14nm.
///
///     let problem = try QuadraticProblem(
///       source: .init(distances: d1), target: .init(distances: d2), relaxation: .semiRelaxed)
///     let solution = try EntropicSemiRelaxedGromovWasserstein(epsilon: 0.05).solve(problem)
///     print(solution.value, solution.coupling.target)
public struct EntropicSemiRelaxedGromovWasserstein: Sendable {
  /// ε > 0 as above.
  public var epsilon: Double
  /// The kind of step.
  public var step: EntropicGromovWasserstein.Step
  /// How many starts, at least 1.
  public var starts: Int
  /// The seed of the random starts.
  public var seed: UInt64
  /// Tolerance on the residual, iteration limit of each start, and how often to look.
  public var stopping: StoppingRule

  /// Creates a solver.
  ///
  /// - Parameters:
  ///   - epsilon: the regularization ε > 0, in units of the loss.
  ///   - step: the kind of step.
  ///   - starts: the number of starts, at least 1.
  ///   - seed: the seed of the random starts.
  ///   - stopping: the tolerance on the residual, the iteration limit of each start, and the check interval.
  public init(
    epsilon: Double, step: EntropicGromovWasserstein.Step = .proximalPoint, starts: Int = 1, seed: UInt64 = 1,
    stopping: StoppingRule = StoppingRule(tolerance: 1e-9, iterationLimit: 1000)
  ) {
    self.epsilon = epsilon
    self.step = step
    self.starts = starts
    self.seed = seed
    self.stopping = stopping
  }

  /// Solves the problem.
  ///
  /// - Parameters:
  ///   - problem: relaxed as `MarginalRelaxation.semiRelaxed` says.
  ///   - start: n×m, with the source marginal a to 1e-6 of the mass, and without mass on forbidden pairs and at targets
  ///     of weight zero.
  ///   - monitor: is asked at recorded steps whether to go on.
  /// - Returns: iterations and trace are those of the start whose answer is kept; the coupling's target is the marginal
  ///   that the plan has. The potentials are each row's least H and zeros.
  /// - Throws: `ProblemError` when a parameter makes no sense, the problem is relaxed in another way, the start does
  ///   not fit, or all pairs of a source point with mass are forbidden.
  public func solve(
    _ problem: QuadraticProblem, from start: Matrix? = nil, monitor: Monitor? = nil
  ) throws(ProblemError) -> GromovWassersteinSolution {
    try ProblemError.validate(positive: epsilon, named: "ε")
    try stopping.validate()
    let posed = try SemiRelaxedPlans.posed(problem, starts: starts)
    let plans = SemiRelaxedPlans(posed)
    let product = try plans.product()
    if let start { try plans.validate(start) }
    let watch = Watch(monitor)
    let value: (GromovWassersteinSolution) -> Double = step == .mirrorDescent ? { $0.regularizedValue } : { $0.value }
    var search = StartSearch(
      descend(posed, from: start ?? product, monitor: watch.monitor), watch: watch, by: value, margin: startMargin)
    var noise = SemiRelaxedStarts(posed, seed: seed)
    for _ in 1..<starts {
      try search.attempt { monitor throws(ProblemError) in
        descend(posed, from: try noise.noisyProduct(), monitor: monitor)
      }
    }
    return search.answer
  }

  private func descend(_ problem: QuadraticProblem, from start: Matrix, monitor: Monitor?) -> GromovWassersteinSolution
  {
    let steps = RowwiseSteps(problem, epsilon: epsilon)
    var objective = QuadraticObjective(problem)
    let scale = problem.alpha * abs(objective.evaluateProductPlan(problem).quadratic)
    let price = problem.finiteFeatures?.map { (1 - problem.alpha) * abs($0) }
    var logarithms = steps.logarithms(of: start)
    var plan = start
    let sought: (QuadraticParts, Matrix) -> Double = { parts, plan in
      step == .mirrorDescent ? parts.value + 2 * epsilon * steps.entropy(of: plan) : parts.value
    }
    var value = sought(objective.evaluate(plan), plan)
    let rounded = step == .mirrorDescent ? 2 * epsilon * steps.mass : 0
    var length = 1.0
    var potentials = [Double](repeating: 0, count: plan.rows)

    let run = iterate(stopping, monitor: monitor) { _ in
      let gradient = objective.halfGradient
      let residual: Double
      let size = scale + (price.map { dot($0.elements, plan.elements) } ?? 0)
      let whole = step == .mirrorDescent ? steps.step(from: logarithms, gradient, length: 1, isProximal: false) : nil
      if let whole {
        residual = absoluteDifference(steps.plan(of: whole).elements, plan.elements) / steps.mass
      } else {
        potentials = steps.leastCosts(gradient)
        let gap = 2 * (dot(gradient.elements, plan.elements) - dot(potentials, problem.source.weights))
        residual = size > 0 ? max(0, gap) / size : 0
      }
      let before = value
      if residual <= stopping.tolerance { return .advanced(residual: residual, objective: before) }
      while true {
        let trial =
          if let whole, length == 1 { whole } else {
            steps.step(from: logarithms, gradient, length: length, isProximal: step == .proximalPoint)
          }
        let next = steps.plan(of: trial)
        let reached = sought(objective.evaluate(next), next)
        // Up to rounding.
        if reached <= value + 1e-14 * (size + abs(value) + rounded) {
          (logarithms, plan, value) = (trial, next, reached)
          length = min(1, 2 * length)
          return .advanced(residual: residual, objective: before)
        }
        length /= 2
        if length < 0x1p-60 {
          objective.halfGradient = gradient
          return .stalled(reason: "no step, however short, lowers the objective")
        }
      }
    }
    let parts = objective.report(plan)
    return GromovWassersteinSolution(
      coupling: Coupling(plan: plan, source: problem.source.weights, target: plan.columnSums), parts: parts,
      regularizedValue: parts.value + 2 * epsilon * steps.entropy(of: plan),
      potentials: Potentials(source: potentials, target: [Double](repeating: 0, count: plan.columns)),
      status: run.status,
      iterations: run.iterations, innerIterations: 0, trace: run.trace)
  }
}

/// Steps over the plans with prescribed row sums, by the logarithms of their rows up to a constant each; −∞ where there
/// may be no mass.
private struct RowwiseSteps {
  private let source: [Double]
  private let epsilon: Double
  /// Of b where there may be mass.
  private let allowed: Matrix
  let mass: Double

  /// Logarithms below this one say that there is no mass for now.
  private static let least = -1e300

  init(_ problem: QuadraticProblem, epsilon: Double) {
    source = problem.source.weights
    self.epsilon = epsilon
    let b = problem.target.weights
    let free = problem.forbidding(Matrix(rows: source.count, columns: b.count))
    allowed = Matrix(rows: source.count, columns: b.count) { free[$0, $1] < .infinity ? log(b[$1]) : -.infinity }
    mass = compensatedSum(source)
  }

  /// KL(P | a⊗b), by logarithms of weights, whose products may be no numbers.
  func entropy(of plan: Matrix) -> Double {
    let rows = source.map { log($0) }
    return compensatedSum(
      plan.elements.indices.map { index in
        let (i, j) = (index / plan.columns, index % plan.columns)
        let mass = plan.elements[index]
        return mass > 0 ? mass * (log(mass) - rows[i] - allowed[i, j]) - mass : 0
      }) + mass * mass
  }

  func logarithms(of plan: Matrix) -> Matrix {
    Matrix(rows: plan.rows, columns: plan.columns) { i, j in
      if allowed[i, j] == -.infinity { return -.infinity }
      return source[i] > 0 ? log(max(plan[i, j] / source[i], 1e-300)) : 0
    }
  }

  /// Each row's least cost where there may be mass; 0 where there may be none.
  func leastCosts(_ cost: Matrix) -> [Double] {
    (0..<cost.rows).map { i in
      let least = (0..<cost.columns).reduce(Double.infinity) { allowed[i, $1] > -.infinity ? min($0, cost[i, $1]) : $0 }
      return least < .infinity ? least : 0
    }
  }

  func step(from logarithms: Matrix, _ gradient: Matrix, length: Double, isProximal: Bool) -> Matrix {
    let least = leastCosts(gradient)
    var result = Matrix(rows: gradient.rows, columns: gradient.columns) { i, j in
      if allowed[i, j] == -.infinity { return -.infinity }
      let pull = (gradient[i, j] - least[i]) / epsilon
      let own = logarithms[i, j]
      return max(
        Self.least, isProximal ? own - length * pull : own + length * (max(Self.least, allowed[i, j] - pull) - own))
    }
    // The largest of a row is 0, so that what counts keeps its digits.
    for i in 0..<result.rows {
      let largest = result[row: i].max() ?? 0
      for j in 0..<result.columns where largest > -.infinity { result[i, j] -= largest }
    }
    return result
  }

  func plan(of logarithms: Matrix) -> Matrix {
    let weights = Matrix(
      rows: logarithms.rows, columns: logarithms.columns, elements: exponentials(logarithms.elements))
    let scales = zip(source, weights.rowSums).map { $0 > 0 ? $0 / $1 : 0 }
    return Matrix(rows: weights.rows, columns: weights.columns) { scales[$0] * weights[$0, $1] }
  }
}
