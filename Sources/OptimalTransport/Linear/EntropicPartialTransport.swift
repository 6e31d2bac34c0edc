import CKernels
import Glibc
import LinearAlgebra

/// Entropic partial transport.
///
/// It solves
///
///     min  ⟨C, P⟩ + ε KL(P | a⊗b)   over P ≥ 0 with P1 ≤ a, Pᵀ1 ≤ b, Σ P = mass, and P_ij = 0 where C_ij = ∞.
///
/// The solution is P_ij = a_i b_j exp((f_i + g_j + λ − C_ij)/ε) with f, g ≤ 0, which are 0 at points that have some
/// mass left. Algorithm: the dual problem is solved for f and λ at once, then for g and λ, by turns, which are Bregman
/// projections on P1 ≤ a, Pᵀ1 ≤ b and Σ P = mass (Benamou, Carlier, Cuturi, Nenna, Peyré 2015, DOI 10.1137/141000439,
/// there one after the other). Each is exact: which points are full shows in the order of their sums. In logarithms, so
/// that no ε makes them no numbers.
///
/// The residual is by how much rows and their f fail each other (above a_i, or away from it where f_i < 0), as a
/// fraction of the mass; `converged` is confirmed on the finished plan. As with Sinkhorn's iteration, an ε far below
/// the differences of costs takes many iterations; `PartialTransport` solves the problem without entropy.
///
/// Another reference than a⊗b is another cost: for ε Σ P log P, as POT has it, C + ε log(a⊗b).
///
/// Time O(nm) an iteration, memory 3nm.
///
///     let solution = try EntropicPartialTransport(epsilon: 0.05).solve(PartialProblem(cost: cost, mass: 0.6))
public struct EntropicPartialTransport: Sendable {
  /// ε > 0, in units of the cost.
  public var epsilon: Double
  /// Tolerance on the residual, iteration limit, and how often to look.
  public var stopping: StoppingRule

  /// Creates a solver.
  ///
  /// - Parameters:
  ///   - epsilon: the regularization ε > 0, in units of the cost.
  ///   - stopping: the tolerance on the residual, the iteration limit, and the check interval.
  public init(epsilon: Double, stopping: StoppingRule = StoppingRule(tolerance: 1e-9, iterationLimit: 100_000)) {
    self.epsilon = epsilon
    self.stopping = stopping
  }

  /// Solves the problem.
  ///
  /// - Parameters:
  ///   - problem: the problem.
  ///   - monitor: called at recorded steps; may stop the iteration.
  /// - Returns: The plan with its potentials.
  /// - Throws: `ProblemError.parameter` when ε or the stopping rule makes no sense; `.infeasible` when no plan of the
  ///   mass does without forbidden pairs.
  public func solve(_ problem: PartialProblem, monitor: Monitor? = nil) throws(ProblemError) -> EntropicPartialSolution
  {
    try ProblemError.validate(positive: epsilon, named: "ε")
    try stopping.validate()
    let (cost, mass) = (problem.cost, problem.mass)
    if cost.elements.contains(.infinity) { _ = try problem.plans.solve(cost.map { $0 < .infinity ? 0 : $0 }) }
    let transposed = cost.transposed
    let (a, b) = (FilledSide(problem.source, epsilon: epsilon), FilledSide(problem.target, epsilon: epsilon))
    var (f, g) = ([Double](repeating: 0, count: cost.rows), [Double](repeating: 0, count: cost.columns))
    var price = 0.0
    let run = iterate(stopping, monitor: monitor) { _ in
      let rows = b.sums(cost, g)
      let residual = a.misfit(rows, f, price) / mass
      (f, price) = a.filled(rows, mass: mass)
      (g, price) = b.filled(a.sums(transposed, f), mass: mass)
      return .advanced(residual: residual)
    }
    return try solution(problem, f, g, price, run)
  }

  private func solution(
    _ problem: PartialProblem, _ f: [Double], _ g: [Double], _ price: Double, _ run: Run
  ) throws(ProblemError) -> EntropicPartialSolution {
    let (cost, a, b) = (problem.cost, problem.source, problem.target)
    let (rows, columns) = (a.map { log($0) }, b.map { log($0) })
    let exponents = Matrix(rows: a.count, columns: b.count) { i, j in (f[i] + g[j] + price - cost[i, j]) / epsilon }
    let plan = Matrix(
      rows: a.count, columns: b.count,
      elements: exponentials(
        exponents.elements.indices.map { exponents.elements[$0] + rows[$0 / b.count] + columns[$0 % b.count] }))
    try ProblemError.validate(plan: plan)
    let paid = compensatedSum(zip(plan.elements, cost.elements).map { $0 > 0 ? $0 * $1 : 0 })
    let sum = compensatedSum(plan.elements)
    let product = compensatedSum(a) * compensatedSum(b)
    let entropy = compensatedSum(zip(plan.elements, exponents.elements).map { $0 > 0 ? $0 * $1 : 0 }) - sum + product
    let coupling = Coupling(plan: plan, source: plan.rowSums, target: plan.columnSums)
    func misfit(_ sums: [Double], _ weights: [Double], _ prices: [Double]) -> Double {
      sums.indices.reduce(0) { $0 + (prices[$1] < 0 ? abs(sums[$1] - weights[$1]) : max(0, sums[$1] - weights[$1])) }
    }
    let error = (misfit(coupling.source, a, f) + misfit(coupling.target, b, g) + abs(sum - problem.mass)) / problem.mass
    return EntropicPartialSolution(
      coupling: coupling, potentials: Potentials(source: f, target: g), massPrice: price,
      value: paid + epsilon * entropy,
      dualValue: dot(a, f) + dot(b, g) + problem.mass * price - epsilon * (sum - product), transportCost: paid,
      status: run.status.confirmed(error: error, tolerance: stopping.tolerance), iterations: run.iterations,
      trace: run.trace)
  }
}

/// The solution of a problem of entropic partial transport.
public struct EntropicPartialSolution: Sendable {
  /// The plan, with the marginals that it has.
  public let coupling: Coupling
  /// f ≤ 0 and g ≤ 0.
  public let potentials: Potentials
  /// λ, what the last bit of mass costs.
  public let massPrice: Double
  /// ⟨C, P⟩ + ε KL(P | a⊗b).
  public let value: Double
  /// Σ a f + Σ b g + λ mass − ε (Σ P − m(a) m(b)), which lies below the value of every plan.
  public let dualValue: Double
  /// ⟨C, P⟩.
  public let transportCost: Double
  /// Whether the solver converged, and if not, why it ended.
  public let status: Status
  /// The number of iterations.
  public let iterations: Int
  /// The history of the iteration.
  public let trace: Trace
}

/// One side of partial plans: weights that its sums may not exceed.
private struct FilledSide {
  private let weights: [Double]
  /// Of the weights; −∞ of zeros.
  private let logarithms: [Double]
  private let epsilon: Double

  init(_ weights: [Double], epsilon: Double) {
    (self.weights, self.epsilon) = (weights, epsilon)
    logarithms = weights.map { log($0) }
  }

  /// log Σ_j w_j exp((g_j − C_ij)/ε) for the rows of a cost whose columns are this side's.
  func sums(_ cost: Matrix, _ g: [Double]) -> [Double] {
    let loaded = zip(g, logarithms).map { $0 + epsilon * $1 }
    return cost.withUnsafeElements { elements in
      (0..<cost.rows).map { ck_log_sum_exp_row(loaded, elements + $0 * cost.columns, 1 / epsilon, cost.columns) }
    }
  }

  /// By how much this side's sums w_i exp((f_i + λ)/ε + R_i) exceed its weights, and miss them where f_i < 0.
  func misfit(_ sums: [Double], _ f: [Double], _ price: Double) -> Double {
    weights.indices.reduce(0) { total, i in
      guard weights[i] > 0, sums[i] > -.infinity else { return total }
      let excess = weights[i] * expm1(min(700, (f[i] + price) / epsilon + sums[i]))
      return total + (f[i] < 0 ? abs(excess) : max(0, excess))
    }
  }

  /// The f ≤ 0 and λ for which no sum w_i exp((f_i + λ)/ε + R_i) exceeds its weight, the full ones alone have f_i < 0,
  /// and all together are the mass: the points of largest R are full.
  func filled(_ sums: [Double], mass: Double) -> (potentials: [Double], price: Double) {
    let order = weights.indices.filter { weights[$0] > 0 && sums[$0] > -.infinity }.sorted {
      (sums[$1], $0) < (sums[$0], $1)
    }
    // log Σ w exp(R) over each point and all that follow.
    var rest = [Double](repeating: -.infinity, count: order.count + 1)
    for position in order.indices.reversed() {
      let (own, others) = (logarithms[order[position]] + sums[order[position]], rest[position + 1])
      let largest = max(own, others)
      rest[position] = largest + log(exp(own - largest) + exp(others - largest))
    }
    var left = mass
    var price = 0.0
    // Nothing is left only where all points are full, but for rounding.
    for (position, i) in order.enumerated() where left > 0 {
      let level = log(left) - rest[position]
      if sums[i] + level <= 0 {
        price = level
        break
      }
      left -= weights[i]
      price = -sums[i]
    }
    return (sums.map { $0 > -.infinity ? epsilon * min(0, -($0 + price)) : 0 }, epsilon * price)
  }
}
