import Glibc
import LinearAlgebra

/// The Gromov–Wasserstein barycenter as a distance matrix of N points with given weights, without an embedding.
///
///     min over D  Σ_s λ_s GW²((D, p), (D_s, a_s)),
///
/// and with features the fused one (Vayer, Chapel, Flamary, Tavenard, Courty 2019, arXiv:1805.09114), whose points have
/// coordinates X as well:
///
///     min over D, X  Σ_s λ_s [(1 − α) ⟨|X_i − Y_s,j|², P_s⟩ + α Σ L(D_ik, D_s,jl) P_s,ij P_s,kl],
///
/// L being the square or KL(D | D_s). Either of D and X may be held fixed.
///
/// Algorithm: block coordinate descent (Peyré, Cuturi, Solomon 2016). For fixed D the plans P_s (N×n_s) are improved
/// from those of the round before; for fixed plans the exact minimiser is D = Σ_s λ_s P_s D_s P_sᵀ / (p pᵀ), the same
/// mean of logarithms where the loss is KL, and X = Σ_s λ_s P_s Y_s / p. With exact plans the loss never rises;
/// starting plans anew each round, as is common, lets it. Entropic plans (`RBCD`) trade that for smoother, faster
/// rounds.
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
  /// The loss of D and D_s, in this order.
  public var loss = QuadraticLoss.square
  /// Which part of the barycenter is held fixed.
  public var fixed = Fixed.nothing

  /// The part of the barycenter that is held fixed.
  public enum Fixed: String, CaseIterable, Sendable {
    /// Distances and features are optimized.
    case nothing = "none"
    /// The distances stay as given.
    case distances
    /// The features stay as given.
    case features
  }

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
  ///   - features: the features of all spaces, and those to start from; none if nil.
  ///   - monitor: called after rounds; may stop the iteration.
  /// - Returns: the barycenter and the plans to all inputs.
  /// - Throws: `ProblemError` if sizes, masses, or parameters do not fit.
  public func solve(
    _ spaces: [MetricMeasureSpace], shares: [Double]? = nil, from start: MetricMeasureSpace,
    features: BarycenterFeatures? = nil,
    monitor: Monitor? = nil
  ) throws(ProblemError) -> DistanceMatrixBarycenterSolution {
    try stopping.validate()
    try innerStopping.validate()
    if spaces.isEmpty { throw .empty(name: "the list of spaces") }
    let given = shares ?? .uniform(spaces.count)
    if given.count != spaces.count {
      throw .shape(name: "the weights λ", found: "\(given.count) elements", expected: "\(spaces.count) (spaces)")
    }
    try ProblemError.validate(weights: given, named: "the weights λ")
    try features?.validate(spaces, points: start.count)
    if fixed == .features, features == nil { throw .empty(name: "the list of features that are to stay fixed") }
    let total = compensatedSum(given)
    let lambda = given.map { $0 / total }
    var distances = start.distances
    var points = features?.start
    var plans = [Matrix?](repeating: nil, count: spaces.count)
    var last = Double.infinity
    let run = try iterate(stopping, monitor: monitor) { _ throws(ProblemError) in
      let center = try MetricMeasureSpace(
        distances: distances, weights: start.weights, name: "the barycenter's distance matrix")
      for (index, space) in spaces.enumerated() {
        plans[index] = try plan(problem(center, space, points, features, index), from: plans[index])
      }
      let matched = plans.compactMap { $0 }
      if fixed != .distances { distances = mean(matched, spaces, lambda, start.weights) }
      if let features, let old = points, fixed != .features {
        points = features.means(matched, lambda, start.weights, keeping: old)
      }
      let loss = try value(distances, points, matched, spaces, lambda, start.weights, features)
      let change = loss > 0 ? abs(last - loss) / loss : 0
      last = loss
      let isSettled = zip(matched, spaces).allSatisfy { plan, space in
        Coupling(plan: plan, source: start.weights, target: space.weights).meetsMarginals(innerStopping.tolerance)
      }
      return .advanced(residual: change.isFinite ? change : 1, objective: loss, isSettled: isSettled)
    }
    return DistanceMatrixBarycenterSolution(
      distances: distances, features: points, weights: start.weights, plans: plans.compactMap { $0 }, loss: last,
      status: run.status,
      iterations: run.iterations, trace: run.trace)
  }

  private func problem(
    _ centre: MetricMeasureSpace, _ space: MetricMeasureSpace, _ points: Matrix?, _ features: BarycenterFeatures?,
    _ index: Int
  ) throws(ProblemError) -> QuadraticProblem {
    guard let points, let features else { return try QuadraticProblem(source: centre, target: space, loss: loss) }
    return try QuadraticProblem(
      source: centre, target: space, features: squaredDistances(points, features.tables[index]), alpha: features.alpha,
      loss: loss)
  }

  /// The best distances for the plans.
  private func mean(_ plans: [Matrix], _ spaces: [MetricMeasureSpace], _ lambda: [Double], _ p: [Double]) -> Matrix {
    guard case .kl(let floor) = loss else { return Self.distances(plans, spaces, lambda, p) }
    // Zeros are left only where no plan has mass.
    let logarithms = spaces.map { $0.distances.map { max($0, floor) > 0 ? log(max($0, floor)) : 0 } }
    let mean = Self.means(plans, logarithms, lambda, p)
    return Matrix(rows: p.count, columns: p.count) { p[$0] > 0 && p[$1] > 0 ? exp(mean[$0, $1]) : 0 }
  }

  private func value(
    _ distances: Matrix, _ points: Matrix?, _ plans: [Matrix], _ spaces: [MetricMeasureSpace], _ lambda: [Double],
    _ p: [Double],
    _ features: BarycenterFeatures?
  ) throws(ProblemError) -> Double {
    if features == nil, loss == .square { return Self.loss(distances, plans, spaces, lambda) }
    let centre = try MetricMeasureSpace(distances: distances, weights: p, name: "the barycenter's distance matrix")
    var sum = 0.0
    for (index, space) in spaces.enumerated() {
      sum += lambda[index] * (try problem(centre, space, points, features, index).distortion(of: plans[index]))
    }
    return sum
  }

  private func plan(_ problem: QuadraticProblem, from start: Matrix?) throws(ProblemError) -> Matrix {
    guard let epsilon else {
      return try GromovWasserstein(stopping: innerStopping).solve(problem, from: start).coupling.plan
    }
    return try EntropicGromovWasserstein(epsilon: epsilon, stopping: innerStopping, innerStopping: innerStopping)
      .solve(problem, from: start).coupling.plan
  }

  /// The minimizer Σ_s λ_s P_s D_s P_sᵀ / (p pᵀ) for fixed plans; zero between points of weight zero.
  static func distances(_ plans: [Matrix], _ spaces: [MetricMeasureSpace], _ lambda: [Double], _ p: [Double]) -> Matrix
  {
    means(plans, spaces.map(\.distances), lambda, p)
  }

  private static func means(_ plans: [Matrix], _ matrices: [Matrix], _ lambda: [Double], _ p: [Double]) -> Matrix {
    // For points of negligible weight, products underflow and rows of plans are rounding error; normalized rows are
    // used instead.
    let small = 1e-12 * (p.max() ?? 0)
    let weights = p.map { $0 > 0 && $0 < small ? 1 : $0 }
    var sum = Matrix(rows: p.count, columns: p.count)
    for ((plan, matrix), share) in zip(zip(plans, matrices), lambda) {
      var scaled = plan
      for i in p.indices where p[i] < small {
        let row = plan[row: i].map { max($0, 0) }
        let total = row.reduce(0, +)
        for (j, mass) in row.enumerated() { scaled[i, j] = total > 0 ? mass / total : 0 }
      }
      sum.addTransposedProduct(scaled * matrix, scaled, scale: share)
    }
    return Matrix(rows: p.count, columns: p.count) { i, j in
      // Symmetric to the last bit, as a distance matrix must be.
      weights[i] > 0 && weights[j] > 0 ? (sum[i, j] + sum[j, i]) / (2 * weights[i] * weights[j]) : 0
    }
  }

  /// The loss Σ_s λ_s ∬ |D − D_s|² dP_s dP_s.
  static func loss(_ distances: Matrix, _ plans: [Matrix], _ spaces: [MetricMeasureSpace], _ lambda: [Double]) -> Double
  {
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
  /// The features X of the barycenter, N×d; nil if the spaces have none.
  public let features: Matrix?
  /// The weights p of the N points.
  public let weights: [Double]
  /// The plans P_s from the barycenter to each input, N×n_s.
  public let plans: [Matrix]
  /// The loss Σ λ_s ∬ |D − D_s|² dP_s dP_s at the final plans, or the objective with features or another loss.
  public let loss: Double
  /// Whether the solver converged, and if not, why it ended.
  public package(set) var status: Status
  /// The number of rounds, each an update of all plans and of the distances.
  public let iterations: Int
  /// The history of the iteration; the objective is the loss after the round.
  public let trace: Trace
}
