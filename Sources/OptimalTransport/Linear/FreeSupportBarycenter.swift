import LinearAlgebra

/// Points with weights, for which squared Euclidean distances count.
public struct PointCloud: Sendable {
  /// n×d, of magnitude at most 1e70.
  public let points: Matrix
  /// n, not negative, of any positive sum.
  public let weights: [Double]

  /// Creates a cloud.
  ///
  /// - Parameters:
  ///   - points: n×d points.
  ///   - weights: n weights; uniform with sum 1 when nil.
  ///   - name: the name of the cloud in error messages.
  /// - Throws: `ProblemError` when there is no point, a number is not finite or too large, a weight is negative, or
  ///   sizes differ.
  public init(points: Matrix, weights: [Double]? = nil, name: String = "the cloud") throws(ProblemError) {
    if points.rows == 0 || points.columns == 0 { throw .empty(name: name) }
    let given = weights ?? .uniform(points.rows)
    if given.count != points.rows {
      throw .shape(name: "the weights of \(name)", found: "\(given.count) elements", expected: "\(points.rows)")
    }
    try ProblemError.validate(points, named: name, atMost: 1e70)
    try ProblemError.validate(weights: given, named: "the weights of \(name)")
    try ProblemError.validate(masses: [given])
    self.points = points
    self.weights = given
  }
}

/// The Wasserstein barycenter of point clouds on free support points with prescribed weights.
///
///     min over z_1 … z_N  Σ_s λ_s W_2²((z, p), (x_s, a_s)).
///
/// Algorithm: in turn the optimal plans P_s, by the network simplex from the bases of the round before, and for them
/// the best points, the means of what the plans send each: z_i = Σ_s λ_s (P_s x_s)_i / p_i (Cuturi, Doucet 2014,
/// arXiv:1310.4375; Álvarez-Esteban et al. 2016, arXiv:1511.05355). With exact plans the value never rises, and the
/// rounds end, since there are finitely many vertices. Entropic plans are smoother, and draw the points together.
///
/// The problem is not convex: the end is a point where no plan and no move of points is better alone, and depends on
/// the start; take the best of several. On the line it is the optimum from any start. `converged` says that the points
/// are the means under plans that are optimal for them, the residual being their last move, root mean square, as a
/// fraction of the clouds' spread. No measure has a value below Σ_{s<t} λ_s λ_t W_2²(x_s, x_t) (`lowerBound`), which
/// two clouds reach where N points are enough.
///
/// A round takes the K exact problems of N×n_s; memory 3 matrices of the largest.
///
///     let clouds = [try PointCloud(points: x), try PointCloud(points: y)]
///     let start = FreeSupportBarycenter.start(20, between: clouds, seed: 1)
///     let solution = try FreeSupportBarycenter().solve(clouds, from: PointCloud(points: start))
public struct FreeSupportBarycenter: Sendable {
  /// ε of entropic plans, in units of squared distances; nil for exact ones.
  public var epsilon: Double?
  /// When the alternation of plans and points ends.
  public var stopping: StoppingRule
  /// When Sinkhorn's iteration for an entropic plan ends.
  public var innerStopping: StoppingRule

  /// Creates a solver.
  ///
  /// - Parameters:
  ///   - epsilon: ε of entropic plans, in units of squared distances; nil for exact ones.
  ///   - stopping: when the alternation of plans and points ends.
  ///   - innerStopping: when Sinkhorn's iteration for an entropic plan ends.
  public init(
    epsilon: Double? = nil, stopping: StoppingRule = StoppingRule(tolerance: 1e-7, iterationLimit: 1000),
    innerStopping: StoppingRule = StoppingRule(tolerance: 1e-8, iterationLimit: 10_000)
  ) {
    self.epsilon = epsilon
    self.stopping = stopping
    self.innerStopping = innerStopping
  }

  /// Draws points to start from: means of one point of each cloud, drawn by the weights.
  ///
  /// - Parameters:
  ///   - count: the number of points.
  ///   - clouds: the clouds.
  ///   - shares: the weights λ of the clouds; equal ones when nil.
  ///   - seed: the seed of the draw.
  /// - Returns: count×d points.
  public static func start(_ count: Int, between clouds: [PointCloud], shares: [Double]? = nil, seed: UInt64) -> Matrix
  {
    var random = SeededGenerator(seed: seed, stream: "barycenter points")
    let given = shares ?? .uniform(clouds.count)
    let total = compensatedSum(given)
    var start = Matrix(rows: count, columns: clouds.first?.points.columns ?? 0)
    for (cloud, share) in zip(clouds, given) {
      var (sum, ends) = (0.0, [Double]())
      for weight in cloud.weights {
        sum += weight
        ends.append(sum)
      }
      for i in 0..<count {
        let level = sum * random.uniform()
        let drawn = ends.firstIndex { $0 > level } ?? cloud.weights.lastIndex { $0 > 0 } ?? 0
        for k in 0..<start.columns { start[i, k] += share / total * cloud.points[drawn, k] }
      }
    }
    return start
  }

  /// Computes a barycenter.
  ///
  /// - Parameters:
  ///   - clouds: K clouds of one dimension and one mass.
  ///   - shares: λ, rescaled to sum 1; equal ones when nil.
  ///   - start: the points to start from, and their weights p, of the clouds' mass.
  ///   - monitor: is asked after rounds whether to go on.
  /// - Returns: The points, the plans to the clouds, and a lower bound of the optimum.
  /// - Throws: `ProblemError` when sizes, masses or parameters do not fit.
  public func solve(
    _ clouds: [PointCloud], shares: [Double]? = nil, from start: PointCloud, monitor: Monitor? = nil
  ) throws(ProblemError) -> FreeSupportBarycenterSolution {
    try stopping.validate()
    try innerStopping.validate()
    let lambda = try Self.shares(clouds, shares, columns: start.points.columns)
    // Around the middle of all, so that no digits go to where they lie.
    let origin = zip(clouds, lambda).reduce([Double](repeating: 0, count: start.points.columns)) { sum, next in
      let mass = compensatedSum(next.0.weights)
      return zip(sum, next.0.points.transposedProduct(next.0.weights)).map { $0 + next.1 * $1 / mass }
    }
    let inputs = clouds.map { $0.points.shifted(by: origin) }
    let spread = compensatedSum(
      clouds.indices.map { s in
        lambda[s] * compensatedSum(zip(clouds[s].weights, inputs[s].squaredLengths).map { $0 * $1 })
          / compensatedSum(clouds[s].weights)
      }
    ).squareRoot()
    let mass = compensatedSum(start.weights)
    var points = start.points.shifted(by: origin)
    var plans = [Plan?](repeating: nil, count: clouds.count)
    func improvePlans() throws(ProblemError) {
      for s in clouds.indices {
        plans[s] = try plan(
          squaredDistances(points, inputs[s]), start.weights, clouds[s].weights, from: plans[s]?.basis)
      }
    }
    var value: Double { compensatedSum(zip(lambda, plans).map { $0 * ($1?.value ?? 0) }) }
    /// The means under the plans, and how far they are from the points.
    func means() -> (points: Matrix, move: Double) {
      let next = Self.means(plans.map { $0?.entries ?? [] }, inputs, lambda, otherwise: points)
      let moves = zip(start.weights, next.squaredDistances(to: points)).map { $0 * $1 }
      let move = (compensatedSum(moves) / mass).squareRoot()
      return (next, spread > 0 ? move / spread : move > 0 ? 1 : 0)
    }
    var run = try iterate(stopping, monitor: monitor) { _ throws(ProblemError) in
      try improvePlans()
      let (next, move) = means()
      let before = value
      points = next
      return .advanced(residual: move, objective: before, isSettled: plans.allSatisfy { $0?.isSettled ?? false })
    }
    try improvePlans()
    let rest = means().move
    if run.status.isConverged, !(rest <= 4 * stopping.tolerance + 1e-11) {
      run.status = .stalled(reason: "the plans for the last points would move them again, by \(rest) of the spread")
    }
    return FreeSupportBarycenterSolution(
      points: points.shifted(by: origin.map { -$0 }), weights: start.weights,
      couplings: zip(plans, clouds).map {
        Coupling(entries: $0?.entries ?? [], source: start.weights, target: $1.weights)
      }, value: value,
      status: run.status, iterations: run.iterations, trace: run.trace)
  }

  /// Σ_{s<t} λ_s λ_t W_2²(x_s, x_t), which no measure's value is below: the mean over pairs that are matched through
  /// any barycenter costs as much, K(K−1)/2 exact problems.
  ///
  /// - Throws: `ProblemError` as `solve`.
  public static func lowerBound(_ clouds: [PointCloud], shares: [Double]? = nil) throws(ProblemError) -> Double {
    let lambda = try Self.shares(clouds, shares, columns: clouds.first?.points.columns ?? 0)
    var terms: [Double] = []
    for s in clouds.indices {
      for t in 0..<s {
        let cost = squaredDistances(clouds[s].points, clouds[t].points)
        let problem = try LinearProblem(cost: cost, source: clouds[s].weights, target: clouds[t].weights)
        terms.append(lambda[s] * lambda[t] * (try NetworkSimplex().solve(problem).value))
      }
    }
    return compensatedSum(terms)
  }

  private struct Plan {
    let entries: [PlanEntry]
    let value: Double
    var basis: TransportBasis?
    let isSettled: Bool
  }

  private func plan(
    _ cost: Matrix, _ p: [Double], _ weights: [Double], from basis: TransportBasis?
  ) throws(ProblemError) -> Plan {
    let problem = try LinearProblem(cost: cost, source: p, target: weights)
    guard let epsilon else {
      let solution = try NetworkSimplex().solve(problem, start: basis)
      return Plan(
        entries: solution.entries, value: solution.value, basis: solution.basis, isSettled: solution.status.isConverged)
    }
    let solution = try Sinkhorn(epsilon: epsilon, epsilonScaling: 0.25, stopping: innerStopping).solve(problem)
    return Plan(entries: solution.coupling.entries, value: solution.value, isSettled: solution.status.isConverged)
  }

  /// What each point's rows of the plans send it, on average; points without mass stay.
  private static func means(_ plans: [[PlanEntry]], _ inputs: [Matrix], _ lambda: [Double], otherwise points: Matrix)
    -> Matrix
  {
    var result = Matrix(rows: points.rows, columns: points.columns)
    for (s, entries) in plans.enumerated() {
      var masses = [Double](repeating: 0, count: points.rows)
      for entry in entries { masses[entry.row] += entry.mass }
      for entry in entries where masses[entry.row] > 0 {
        let share = lambda[s] * (entry.mass / masses[entry.row])
        for k in 0..<points.columns { result[entry.row, k] += share * inputs[s][entry.column, k] }
      }
      for i in 0..<points.rows where masses[i] == 0 {
        for k in 0..<points.columns { result[i, k] += lambda[s] * points[i, k] }
      }
    }
    return result
  }

  private static func shares(_ clouds: [PointCloud], _ given: [Double]?, columns: Int) throws(ProblemError) -> [Double]
  {
    if clouds.isEmpty { throw .empty(name: "the list of clouds") }
    for (index, cloud) in clouds.enumerated() where cloud.points.columns != columns {
      throw .shape(name: "cloud \(index)", found: "\(cloud.points.columns) coordinates", expected: "\(columns)")
    }
    let shares = given ?? .uniform(clouds.count)
    if shares.count != clouds.count {
      throw .shape(name: "the shares λ", found: "\(shares.count) elements", expected: "\(clouds.count) (clouds)")
    }
    try ProblemError.validate(weights: shares, named: "the shares λ")
    let total = compensatedSum(shares)
    return shares.map { $0 / total }
  }
}

extension Matrix {
  /// The rows less a vector.
  fileprivate func shifted(by origin: [Double]) -> Matrix {
    Matrix(rows: rows, columns: columns) { self[$0, $1] - origin[$1] }
  }

  fileprivate var squaredLengths: [Double] { (0..<rows).map { self[row: $0].reduce(0) { $0 + $1 * $1 } } }

  fileprivate func squaredDistances(to other: Matrix) -> [Double] {
    (0..<rows).map { i in squaredDistance(self[row: i], other[row: i]) }
  }
}

/// A barycenter as points of prescribed weights.
public struct FreeSupportBarycenterSolution: Sendable, Interruptible {
  /// z, N×d.
  public let points: Matrix
  /// p.
  public let weights: [Double]
  /// P_s, N×n_s.
  public let couplings: [Coupling]
  /// Σ λ_s W_2², with entropic plans Σ λ_s (⟨C, P_s⟩ + ε KL(P_s | p⊗a_s)).
  public let value: Double
  /// How the alternation ended.
  public package(set) var status: Status
  /// Rounds of plans and points.
  public let iterations: Int
  /// The objective is that before the points move.
  public let trace: Trace
}
