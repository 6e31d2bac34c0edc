import Dispatch
import Glibc
import LinearAlgebra

/// Fits a convex potential whose gradient carries one sample to another, by Kantorovich's semi-dual at squared
/// Euclidean cost.
///
///     W2² = Σ a_i ‖x_i‖² + Σ b_j ‖y_j‖² − 2 min_f { Σ a_i f(x_i) + Σ b_j f*(y_j) },       f*(y) = max_x x·y − f(x),
///
/// over the networks of `ConvexPotential` (Taghvaei, Jalali 2019, arXiv:1902.07197; Makkuva, Taghvaei, Oh, Lee 2020,
/// arXiv:1908.10347). Every f gives a lower bound of the samples' W2². Conjugates are solved exactly, by Newton's
/// method at each y, so that by Danskin's theorem first derivatives of f are all that L-BFGS needs. The loss is not
/// convex in the directions of ridges: the start is drawn, from the seed.
///
/// Points are shifted and scaled to mean 0 and a mean square of 1 a coordinate before anything else. O((n + m) r d) an
/// evaluation for r ridges, and d³ more for each y and Newton step; on all threads.
public struct ConvexPotentialFit: Sendable {
  /// r, how many ridges the network has.
  public var ridges: Int
  /// τ in units of the scaled points, how sharp a ridge is.
  public var smoothness: Double
  /// The least q in units of the scaled points, which bounds the conjugate's points.
  public var leastCurvature: Double
  /// The tolerance is that of ‖∇loss‖ / max(1, ‖θ‖).
  public var stopping: StoppingRule
  /// Draws the start.
  public var seed: UInt64

  /// A fit with the given settings.
  ///
  /// - Parameters:
  ///   - ridges: r, at least 1.
  ///   - smoothness: τ in units of the scaled points, positive.
  ///   - leastCurvature: the least q in units of the scaled points, positive.
  ///   - stopping: of L-BFGS; the tolerance is that of ‖∇loss‖ / max(1, ‖θ‖).
  ///   - seed: draws the start.
  public init(
    ridges: Int = 24, smoothness: Double = 0.2, leastCurvature: Double = 0.05,
    stopping: StoppingRule = StoppingRule(tolerance: 1e-4, iterationLimit: 500), seed: UInt64 = 0
  ) {
    (self.ridges, self.smoothness, self.leastCurvature) = (ridges, smoothness, leastCurvature)
    (self.stopping, self.seed) = (stopping, seed)
  }

  /// Fits the potential.
  ///
  /// - Parameters:
  ///   - source: n points of d coordinates, one a row.
  ///   - target: m points of d coordinates, one a row.
  ///   - weights: a and b; uniform where nil. Each is scaled to the sum 1.
  ///   - monitor: watches the iteration, and may end it.
  /// - Returns: the potential, with a lower bound of W2² and how the fit ended.
  /// - Throws: `ProblemError` when sizes do not fit, a number is not finite, a sample has no extent, or a setting is
  ///   out of its range.
  public func solve(
    _ source: Matrix, _ target: Matrix, weights: (source: [Double]?, target: [Double]?) = (nil, nil),
    monitor: Monitor? = nil
  ) throws(ProblemError) -> ConvexPotentialSolution {
    try validate(source, target)
    let a = try Self.shares(weights.source, of: source, named: "the source weights")
    let b = try Self.shares(weights.target, of: target, named: "the target weights")
    let (first, second) = (
      try ScaledSample(source, a, named: "the source points"), try ScaledSample(target, b, named: "the target points")
    )
    let parameters = RidgeParameters(
      ridges: ridges, dimension: source.columns, leastCurvature: leastCurvature, smoothness: smoothness)
    let loss = SemiDualLoss(parameters, first, second)
    var trace = Trace()
    let began = DispatchTime.now().uptimeNanoseconds
    let watch = Watch(monitor)
    let answer = LimitedMemoryBFGS(tolerance: stopping.tolerance, iterationLimit: stopping.iterationLimit).minimize(
      from: start(parameters, first.points),
      watch: { step, value, norm in
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - began) * 1e-9
        trace.points.append(.init(iteration: step, objective: value, residual: norm, secondsElapsed: seconds))
        return watch.goesOn(step: step, objective: value)
      }, evaluate: { theta, gradient in loss.evaluate(theta, gradient) })
    let unsolved = loss.unsolved
    let status: Status =
      switch answer.outcome {
      case .converged:
        unsolved == 0
          ? .converged : .stalled(reason: "the conjugate was not found at \(unsolved) of \(target.rows) target points")
      case .iterationLimit: .iterationLimit
      case .interrupted: .interrupted
      case .stalled(let code): .stalled(reason: "the line search found no lower loss (\(code))")
      }
    let scaled = answer.point.withUnsafeBufferPointer { parameters.potential($0) }
    let parts = first.squaredNorm + second.squaredNorm
    let crossed = first.scale * second.scale * answer.value + dot(first.mean, second.mean)
    return ConvexPotentialSolution(
      potential: Self.unscaled(scaled, first, second), dualValue: parts - 2 * crossed, status: status,
      iterations: answer.iterations,
      trace: trace)
  }

  private func validate(_ source: Matrix, _ target: Matrix) throws(ProblemError) {
    try ProblemError.validate(fitted: source, named: "the source points")
    try ProblemError.validate(fitted: target, named: "the target points")
    if source.columns != target.columns {
      throw .shape(
        name: "the target points", found: "\(target.columns) coordinates",
        expected: "\(source.columns) (as the source points)")
    }
    if ridges < 1 { throw .parameter(name: "ridges", found: "\(ridges)", expected: "at least 1") }
    for (name, value) in [("smoothness", smoothness), ("least curvature", leastCurvature)]
    where !(value > 0 && value < .infinity) {
      throw .parameter(name: name, found: "\(value)", expected: "a positive number")
    }
    try stopping.validate()
    try ProblemError.validate(
      numbers: 4 * Double(source.elements.count + target.elements.count) + 80 * Double(ridges * (source.columns + 2)),
      named: "the potential's fit")
  }

  private static func shares(_ weights: [Double]?, of points: Matrix, named name: String) throws(ProblemError)
    -> [Double]
  {
    guard let weights else { return .uniform(points.rows) }
    if weights.count != points.rows {
      throw .shape(name: name, found: "\(weights.count) values", expected: "\(points.rows) (one for each point)")
    }
    try ProblemError.validate(weights: weights, named: name)
    let mass = compensatedSum(weights)
    return weights.map { $0 / mass }
  }

  /// Ridges of random directions through points of the sample, which together bend as half the identity map does.
  private func start(_ parameters: RidgeParameters, _ points: Matrix) -> [Double] {
    var random = SeededGenerator(seed: seed, stream: "convex potential")
    var theta = [Double](repeating: 0, count: parameters.count)
    theta[0] = log(0.5)
    for ridge in 0..<ridges {
      theta[parameters.heights + ridge] = log(1 / Double(ridges))
      let point = Int(random.uniform() * Double(points.rows))
      for k in 0..<parameters.dimension {
        let direction = random.normal()
        theta[parameters.directions + ridge * parameters.dimension + k] = direction
        theta[parameters.offsets + ridge] -= direction * points[min(point, points.rows - 1), k]
      }
    }
    return theta
  }

  /// The potential of the points as they were given: f(x) = s1 s2 g((x − m1)/s1) + m2·x for g of the scaled ones.
  private static func unscaled(_ g: ConvexPotential, _ first: ScaledSample, _ second: ScaledSample) -> ConvexPotential {
    let (from, to) = (first.scale, second.scale)
    let center = first.mean.map { $0 / from }
    return ConvexPotential(
      curvature: g.curvature * to / from,
      slope: g.slope.indices.map { second.mean[$0] + to * (g.slope[$0] - g.curvature * center[$0]) },
      directions: g.directions.map { $0 / from },
      offsets: g.offsets.indices.map { ridge in
        center.indices.reduce(g.offsets[ridge]) { $0 - g.directions[ridge, $1] * center[$1] }
      }, heights: g.heights.map { $0 * from * to }, smoothness: g.smoothness)
  }
}

/// A fitted convex potential.
public struct ConvexPotentialSolution: Sendable {
  /// f, whose gradient is the map.
  public let potential: ConvexPotential
  /// Σ a ‖x‖² + Σ b ‖y‖² − 2 (Σ a f(x) + Σ b f*(y)): at most the samples' W2², however good f is.
  public let dualValue: Double
  /// Converged when the loss's gradient fell to the tolerance and the conjugate was found at every point of the target.
  public let status: Status
  /// Steps of L-BFGS.
  public let iterations: Int
  /// The objective is the loss of the scaled points, the residual its gradient's norm.
  public let trace: Trace
}
