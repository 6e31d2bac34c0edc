import LinearAlgebra

/// The Gromov–Wasserstein barycenter as a distance matrix of N points with given weights, without an embedding.
///
/// It solves
///
///     min over D  Σ_s λ_s GW²((D, p), (D_s, a_s))
///
/// by block coordinate descent (Peyré, Cuturi, and Solomon, 2016). For fixed D, the plans P_s (N×n_s) are improved
/// from those of the previous round; for fixed plans, the exact minimizer is D = Σ_s λ_s P_s D_s P_sᵀ / (p pᵀ). With
/// exact plans the loss never increases; restarting the plans in each round, as is common, would lose this property.
/// Entropic plans make rounds faster and smoother, but do not guarantee it.
///
/// The loss Σ λ_s ∬ |D − D_s|² dP_s dP_s is not convex, so the result depends on the start. The residual is its
/// relative change in a round; `converged` also requires that entropic plans meet their marginals. If plans split
/// mass, the minimizer D has a nonzero diagonal, which is kept.
public struct DistanceMatrixBarycenter: Sendable {
  /// The regularization ε of entropic plans, in units of squared distances; nil selects exact plans by the
  /// conditional gradient method.
  public var epsilon: Double?
  /// The tolerance on the relative change of the loss and the limit on rounds.
  public var stopping: StoppingRule
  /// The stopping rule of the plans within a round.
  public var innerStopping: StoppingRule

  /// Creates a solver.
  ///
  /// - Parameters:
  ///   - epsilon: ε of entropic plans, in units of squared distances; nil selects exact plans.
  ///   - stopping: the tolerance on the relative change of the loss and the limit on rounds.
  ///   - innerStopping: the stopping rule of the plans within a round.
  public init(
    epsilon: Double? = nil, stopping: StoppingRule = StoppingRule(tolerance: 1e-6, iterationLimit: 100),
    innerStopping: StoppingRule = StoppingRule(tolerance: 1e-6, iterationLimit: 100)
  ) {
    self.epsilon = epsilon
    self.stopping = stopping
    self.innerStopping = innerStopping
  }

  /// Computes a barycenter, starting from a given distance matrix.
  ///
  /// - Parameters:
  ///   - spaces: the input spaces, all of the same mass.
  ///   - shares: the barycentric weights λ, rescaled to sum 1; equal if nil.
  ///   - start: the initial distances, N×N, and the weights p of the N points, with the mass of the inputs.
  ///   - monitor: called after rounds; may stop the iteration.
  /// - Returns: the barycenter and the plans to all inputs.
  /// - Throws: `ProblemError` if sizes, masses, or parameters do not fit.
  public func solve(
    _ spaces: [MetricMeasureSpace], shares: [Double]? = nil, from start: MetricMeasureSpace, monitor: Monitor? = nil
  ) throws(ProblemError) -> DistanceMatrixBarycenterSolution {
    try stopping.validate()
    try innerStopping.validate()
    if spaces.isEmpty { throw .empty(name: "the list of spaces") }
    let given = shares ?? .uniform(spaces.count)
    if given.count != spaces.count {
      throw .shape(name: "the weights λ", found: "\(given.count) elements", expected: "\(spaces.count) (spaces)")
    }
    try ProblemError.validate(weights: given, named: "the weights λ")
    let total = compensatedSum(given)
    let lambda = given.map { $0 / total }
    var distances = start.distances
    var plans = [Matrix?](repeating: nil, count: spaces.count)
    var last = Double.infinity
    let run = try iterate(stopping, monitor: monitor) { _ throws(ProblemError) in
      let center = try MetricMeasureSpace(distances: distances, weights: start.weights, name: "the barycenter's distance matrix")
      for (index, space) in spaces.enumerated() {
        plans[index] = try plan(QuadraticProblem(source: center, target: space), from: plans[index])
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

  /// The minimizer Σ_s λ_s P_s D_s P_sᵀ / (p pᵀ) for fixed plans; zero between points of weight zero.
  static func distances(_ plans: [Matrix], _ spaces: [MetricMeasureSpace], _ lambda: [Double], _ p: [Double]) -> Matrix {
    // For points of negligible weight, products underflow and rows of plans are rounding error; normalized rows are
    // used instead.
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
      // Symmetric to the last bit, as a distance matrix must be.
      weights[i] > 0 && weights[j] > 0 ? (sum[i, j] + sum[j, i]) / (2 * weights[i] * weights[j]) : 0
    }
  }

  /// The loss Σ_s λ_s ∬ |D − D_s|² dP_s dP_s.
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

/// A Gromov–Wasserstein barycenter as distances between weighted points.
public struct DistanceMatrixBarycenterSolution: Sendable, Interruptible {
  /// The distance matrix D, N×N.
  public let distances: Matrix
  /// The weights p of the N points.
  public let weights: [Double]
  /// The plans P_s from the barycenter to each input, N×n_s.
  public let plans: [Matrix]
  /// The loss Σ λ_s ∬ |D − D_s|² dP_s dP_s at the final plans.
  public let loss: Double
  /// Whether the solver converged, and if not, why it ended.
  public package(set) var status: Status
  /// The number of rounds, each an update of all plans and of the distances.
  public let iterations: Int
  /// The history of the iteration; the objective is the loss after the round.
  public let trace: Trace
}
