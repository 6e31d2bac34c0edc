import LinearAlgebra

/// The Gromov–Wasserstein barycenter as a matrix of distances between N points of given weights, without a space to lie in:
///
///     min over D  Σ_s λ_s GW²((D, p), (D_s, a_s)).
///
/// Algorithm: block coordinate descent (Peyré, Cuturi, Solomon 2016). For fixed D the plans P_s (N×n_s) are improved from those of the round
/// before; for fixed plans the exact minimiser is D = Σ_s λ_s P_s D_s P_sᵀ / (p pᵀ). With exact plans the loss never rises; starting plans anew
/// each round, as is common, lets it. Entropic plans (`RBCD`) trade that for smoother, faster rounds.
///
/// The loss Σ λ_s ∬ |D − D_s|² dP_s dP_s is not convex: where it ends depends on the start. The residual is its change in a round as a fraction
/// of itself; `converged` also asks that entropic plans have met their marginals. Where plans split mass the diagonal of D is not zero; it belongs to the minimiser and is kept.
public struct DistanceMatrixBarycenter: Sendable {
  /// ε of entropic plans, in units of squared distances; nil for exact ones by the conditional gradient.
  public var epsilon: Double?
  public var stopping: StoppingRule
  /// Of the plans in a round.
  public var innerStopping: StoppingRule

  public init(
    epsilon: Double? = nil, stopping: StoppingRule = StoppingRule(tolerance: 1e-6, iterationLimit: 100),
    innerStopping: StoppingRule = StoppingRule(tolerance: 1e-6, iterationLimit: 100)
  ) {
    self.epsilon = epsilon
    self.stopping = stopping
    self.innerStopping = innerStopping
  }

  /// Solves the problem from the distances `start` between N points.
  ///
  /// - Parameters:
  ///   - spaces: the inputs, all of one mass.
  ///   - shares: λ, rescaled to sum 1; equal ones when nil.
  ///   - start: N×N distances and the points' weights p, of the inputs' mass.
  ///   - monitor: is asked after rounds whether to go on.
  /// - Throws: `ProblemError` when sizes, masses or parameters do not fit.
  public func solve(
    _ spaces: [MetricMeasureSpace], shares: [Double]? = nil, from start: MetricMeasureSpace, monitor: Monitor? = nil
  ) throws(ProblemError) -> DistanceMatrixBarycenterSolution {
    try stopping.validate()
    try innerStopping.validate()
    if spaces.isEmpty { throw .empty(name: "the list of spaces") }
    let given = shares ?? .uniform(spaces.count)
    if given.count != spaces.count {
      throw .shape(name: "the shares λ", found: "\(given.count) elements", expected: "\(spaces.count) (spaces)")
    }
    try ProblemError.validate(weights: given, named: "the shares λ")
    let total = compensatedSum(given)
    let lambda = given.map { $0 / total }
    var distances = start.distances
    var plans = [Matrix?](repeating: nil, count: spaces.count)
    var last = Double.infinity
    let run = try iterate(stopping, monitor: monitor) { _ throws(ProblemError) in
      let centre = try MetricMeasureSpace(distances: distances, weights: start.weights, name: "the barycenter's distance matrix")
      for (index, space) in spaces.enumerated() {
        plans[index] = try plan(QuadraticProblem(source: centre, target: space), from: plans[index])
      }
      let matched = plans.compactMap { $0 }
      distances = Self.distances(matched, spaces, lambda, start.weights)
      let loss = Self.loss(distances, matched, spaces, lambda)
      let change = loss > 0 ? abs(last - loss) / loss : 0
      last = loss
      let isSettled = zip(matched, spaces).allSatisfy { plan, space in
        Coupling(plan: plan, source: start.weights, target: space.weights).meetsMarginals(innerStopping.tolerance)
      }
      return .advanced(residual: change.isFinite ? change : 1, objective: loss, isSettled: isSettled)
    }
    return DistanceMatrixBarycenterSolution(
      distances: distances, weights: start.weights, plans: plans.compactMap { $0 }, loss: last, status: run.status,
      iterations: run.iterations, trace: run.trace)
  }

  private func plan(_ problem: QuadraticProblem, from start: Matrix?) throws(ProblemError) -> Matrix {
    guard let epsilon else { return try GromovWasserstein(stopping: innerStopping).solve(problem, from: start).coupling.plan }
    return try EntropicGromovWasserstein(epsilon: epsilon, stopping: innerStopping, innerStopping: innerStopping)
      .solve(problem, from: start).coupling.plan
  }

  /// Σ_s λ_s P_s D_s P_sᵀ / (p pᵀ), zero between points of weight zero.
  static func distances(_ plans: [Matrix], _ spaces: [MetricMeasureSpace], _ lambda: [Double], _ p: [Double]) -> Matrix {
    // Of points that weigh next to nothing, products are no numbers and rows of plans are rounding: the shares of a row count instead.
    let small = 1e-12 * (p.max() ?? 0)
    let weights = p.map { $0 > 0 && $0 < small ? 1 : $0 }
    var sum = Matrix(rows: p.count, columns: p.count)
    for ((plan, space), share) in zip(zip(plans, spaces), lambda) {
      var scaled = plan
      for i in p.indices where p[i] < small {
        let row = plan[row: i].map { max($0, 0) }
        let total = row.reduce(0, +)
        for (j, mass) in row.enumerated() { scaled[i, j] = total > 0 ? mass / total : 0 }
      }
      sum.addTransposedProduct(scaled * space.distances, scaled, scale: share)
    }
    return Matrix(rows: p.count, columns: p.count) { i, j in
      // Symmetric to the last bit, as a distance matrix is.
      weights[i] > 0 && weights[j] > 0 ? (sum[i, j] + sum[j, i]) / (2 * weights[i] * weights[j]) : 0
    }
  }

  /// Σ_s λ_s ∬ |D − D_s|² dP_s dP_s.
  static func loss(_ distances: Matrix, _ plans: [Matrix], _ spaces: [MetricMeasureSpace], _ lambda: [Double]) -> Double {
    zip(zip(plans, spaces), lambda).reduce(0) { sum, next in
      let ((plan, space), share) = next
      let inner = space.distances
      let (p, b) = (plan.rowSums, plan.columnSums)
      let cross = dot((distances * plan * inner).elements, plan.elements)
      return sum + share * (dot(distances.map { $0 * $0 } * p, p) + dot(inner.map { $0 * $0 } * b, b) - 2 * cross)
    }
  }
}

/// A barycenter as distances between weighted points.
public struct DistanceMatrixBarycenterSolution: Sendable, Interruptible {
  /// D, N×N.
  public let distances: Matrix
  /// p.
  public let weights: [Double]
  /// P_s, N×n_s.
  public let plans: [Matrix]
  /// Σ λ_s ∬ |D − D_s|² dP_s dP_s.
  public let loss: Double
  public package(set) var status: Status
  /// Rounds of plans and distances.
  public let iterations: Int
  /// The objective is the loss after the round.
  public let trace: Trace
}
