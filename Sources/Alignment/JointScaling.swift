import Learning
import LinearAlgebra
import OptimalTransport

/// Joint multidimensional scaling, JMDS (Chen, Fan, Oliver, Borgwardt 2023, arXiv:2207.02968), a baseline: both spaces are embedded into the plane so that
/// distances are kept within each and points that a transport plan P matches lie close,
///
///     min over Z1, Z2, P   Σ a_i a_j (|z_i − z_j| − D1_ij)² + Σ b_i b_j (|z_i − z_j| − D2_ij)² + α Σ P_ij |z_i − z_j|²   (ordered pairs halved).
///
/// Alternates: P and a rotation by Wasserstein–Procrustes (entropic plans and polar factors in turn), then majorisation steps at fixed P
/// from where the points lie. Each step's linear system, a weighted Laplacian, is solved by a few conjugate gradients from the points before,
/// which keeps the descent. It depends on its random start; show several.
public struct JointScaling: Sendable {
  /// Of the common space.
  public var dimension = 2
  /// α, the weight of the match.
  public var attraction = 0.3
  /// ε of the plans, in units of squared distances of embedded points.
  public var epsilon = 0.1
  /// By how far the points move in a round, in all (Euclidean norm), and the most rounds.
  public var stopping = StoppingRule(tolerance: 1e-3, iterationLimit: 100)

  public init() {}

  /// Embeds two spaces with uniform weights.
  ///
  /// - Parameters:
  ///   - first: D1, n×n distances, symmetric.
  ///   - second: D2, m×m.
  ///   - seed: of the first embeddings.
  ///   - monitor: is told the stress after each round and may stop the rounds.
  /// - Returns: Z1, Z2 and P as they were when it stopped.
  /// - Throws: `ProblemError` where points have no plan between them, as with distances that are not finite.
  /// - Complexity: O(n² + m² + nm) a round, times the steps of majorisation and Sinkhorn in it, some hundreds.
  public func embed(
    _ first: Matrix, _ second: Matrix, seed: UInt64, monitor: Monitor? = nil
  ) throws(ProblemError) -> JointScalingSolution {
    try stopping.validate()
    var random = SeededGenerator(seed: seed, stream: "joint scaling")
    var points = [first, second].map { distances in
      let start = Matrix(rows: distances.rows, columns: dimension) { _, _ in random.uniform() }
      let scaled = MultidimensionalScaling(distances, from: start, tolerance: 1e-3).points
      return PrincipalComponents(scaled, count: dimension).project(scaled)
    }
    var plan = Matrix(rows: first.rows, columns: second.rows)
    var stress = 0.0
    let run = try iterate(stopping, monitor: monitor) { _ throws(ProblemError) in
      let before = points
      plan = try match(&points)
      stress = majorise([first, second], &points, plan)
      let change = zip(before, points).reduce(0) { $0 + zip($1.0.elements, $1.1.elements).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
      return .advanced(residual: change.squareRoot(), objective: stress)
    }
    return JointScalingSolution(
      first: points[0], second: points[1], plan: plan, stress: stress, status: run.status, iterations: run.iterations, trace: run.trace)
  }

  /// The plan between the point sets, with the first turned onto the second.
  private func match(_ points: inout [Matrix]) throws(ProblemError) -> Matrix {
    var plan = Matrix(rows: 0, columns: 0)
    for _ in 0..<10 {
      let cost = squaredDistances(points[0], points[1])
      plan = try Sinkhorn(epsilon: epsilon, form: .logarithmic, stopping: StoppingRule(tolerance: 0, iterationLimit: 5))
        .solve(LinearProblem(cost: cost)).coupling.plan
      let rotation = procrustesRotation(points[0].transposed * (plan * points[1]))
      let turned = points[0] * rotation
      let change = zip(turned.elements, points[0].elements).reduce(0) { max($0, abs($1.0 - $1.1)) }
      points[0] = turned
      if change < 1e-6 { break }
    }
    return plan
  }

  /// Majorisation steps at a fixed plan; returns the stress.
  private func majorise(_ distances: [Matrix], _ points: inout [Matrix], _ plan: Matrix) -> Double {
    let laplacian = MatchedLaplacian(plan, attraction: attraction)
    var last = Double.infinity
    var stress = 0.0
    for _ in 0..<300 {
      let steps = zip(distances, points).map { guttmanTransform($0, $1) }
      stress = zip(steps, distances).reduce(0) { $0 + $1.0.stress / Double($1.1.rows * $1.1.rows) }
      stress += attraction * matched(points, plan)
      let size = points.reduce(0) { sum, own in
        sum + (0..<own.rows).reduce(0) { $0 + own[row: $1].reduce(0) { $0 + $1 * $1 }.squareRoot() }
      }
      if last - stress / size < 1e-3 * last { break }
      last = stress / size
      let sides = zip(steps, distances).map { step, d in step.image.map { $0 / Double(d.rows * d.rows) } }
      points = laplacian.solve(sides, from: points)
    }
    return stress
  }

  /// Σ P_ij |z_i − z_j|².
  private func matched(_ points: [Matrix], _ plan: Matrix) -> Double {
    let costs = squaredDistances(points[0], points[1])
    return zip(costs.elements, plan.elements).reduce(0) { $0 + $1.0 * $1.1 }
  }
}

/// The Laplacian V of a graph with weights a_i a_j and b_i b_j within two uniform point sets and α P across. Once constants are out of the way its
/// spectrum lies within a small factor, so that conjugate gradients need a handful of products.
struct MatchedLaplacian {
  private let plan: Matrix
  private let transposed: Matrix
  private let attraction: Double
  private let degrees: [[Double]]

  init(_ plan: Matrix, attraction: Double) {
    self.plan = plan
    self.attraction = attraction
    transposed = plan.transposed
    degrees = [plan, transposed].map { side in side.rowSums.map { 1 / Double(side.rows) + attraction * $0 } }
  }

  func apply(_ x: [Matrix]) -> [Matrix] {
    let across = [plan * x[1], transposed * x[0]]
    return (0..<2).map { side in
      let n = Double(x[side].rows)
      let means = x[side].columnSums.map { $0 / (n * n) }
      return Matrix(rows: x[side].rows, columns: x[side].columns) { i, k in
        degrees[side][i] * x[side][i, k] - means[k] - attraction * across[side][i, k]
      }
    }
  }

  /// An approximate solution of V x = b, closer to it than the start in V's norm; centred.
  func solve(_ b: [Matrix], from start: [Matrix]) -> [Matrix] {
    func product(_ x: [Matrix], _ y: [Matrix]) -> Double { zip(x, y).reduce(0) { $0 + dot($1.0.elements, $1.1.elements) } }
    func sum(_ x: [Matrix], _ factor: Double, _ y: [Matrix]) -> [Matrix] {
      zip(x, y).map { x, y in Matrix(rows: x.rows, columns: x.columns, elements: zip(x.elements, y.elements).map { $0 + factor * $1 }) }
    }
    var x = start
    var residual = sum(b, -1, apply(x))
    var direction = residual
    var square = product(residual, residual)
    let enough = 1e-12 * product(b, b)
    for _ in 0..<8 where square > enough {
      let image = apply(direction)
      let length = square / product(direction, image)
      guard length.isFinite else { break }
      x = sum(x, length, direction)
      residual = sum(residual, -length, image)
      let next = product(residual, residual)
      direction = sum(residual, next / square, direction)
      square = next
    }
    let count = Double(x[0].rows + x[1].rows)
    let mean = zip(x[0].columnSums, x[1].columnSums).map { ($0 + $1) / count }
    return x.map { x in Matrix(rows: x.rows, columns: x.columns) { x[$0, $1] - mean[$1] } }
  }
}

/// Two spaces in one, and the plan between them.
public struct JointScalingSolution: Interruptible, Sendable {
  /// Z1, n×d.
  public let first: Matrix
  /// Z2, m×d.
  public let second: Matrix
  /// P, n×m.
  public let plan: Matrix
  /// The objective.
  public let stress: Double
  public package(set) var status: Status
  /// The rounds made.
  public let iterations: Int
  /// The stress and how far the points moved, by round.
  public let trace: Trace
}
