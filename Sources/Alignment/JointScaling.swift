import Learning
import LinearAlgebra
import OptimalTransport

/// Joint multidimensional scaling (JMDS) of two metric spaces, a baseline for alignment.
///
/// Both spaces are embedded into one Euclidean space so that distances are preserved within each, and points that the
/// transport plan P matches lie close (Chen, Fan, Oliver, and Borgwardt, 2023, arXiv:2207.02968):
///
///     min over Z1, Z2, P   ½ Σ a_i a_j (|z_i − z_j| − D1_ij)² + ½ Σ b_i b_j (|z_i − z_j| − D2_ij)²
///                          + α Σ P_ij |z_i − z_j|²
///
/// The solver alternates between P with a rotation (Wasserstein–Procrustes: entropic plans and polar factors in turn)
/// and majorization steps of the embeddings at fixed P. The linear system of each step, a weighted graph Laplacian,
/// is solved approximately by a few warm-started conjugate gradient iterations, which preserves the descent. The
/// result depends on the random start; compare several.
public struct JointScaling: Sendable {
  /// The dimension of the common space.
  public var dimension = 2
  /// α, the weight of the matching term.
  public var attraction = 0.3
  /// The entropic regularization ε of the plans, in units of squared distances of embedded points.
  public var epsilon = 0.1
  /// When to stop: the tolerance bounds the Euclidean norm of all displacements in a round, and the limit is on
  /// rounds.
  public var stopping = StoppingRule(tolerance: 1e-3, iterationLimit: 100)

  /// Creates a solver with the default settings.
  public init() {}

  /// Embeds two spaces with uniform weights.
  ///
  /// - Parameters:
  ///   - first: D1, n×n distances, symmetric.
  ///   - second: D2, m×m distances, symmetric.
  ///   - seed: the seed of the initial embeddings.
  ///   - monitor: receives the stress after each round and may stop the iteration.
  /// - Returns: Z1, Z2, and P of the last round.
  /// - Throws: `ProblemError` if a setting is out of range or the points have no plan, as with distances that are not
  ///   finite.
  /// - Complexity: O(n² + m² + nm) for each of some hundreds of majorization and Sinkhorn steps per round
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
      stress = majorize([first, second], &points, plan)
      let change = zip(before, points).reduce(0) {
        $0 + zip($1.0.elements, $1.1.elements).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      }
      return .advanced(residual: change.squareRoot(), objective: stress)
    }
    return JointScalingSolution(
      first: points[0], second: points[1], plan: plan, stress: stress, status: run.status, iterations: run.iterations,
      trace: run.trace)
  }

  /// Computes the plan between the point sets and rotates the first set onto the second.
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

  /// Runs majorization steps at a fixed plan and returns the stress.
  private func majorize(_ distances: [Matrix], _ points: inout [Matrix], _ plan: Matrix) -> Double {
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

  /// The matching term Σ P_ij |z_i − z_j|².
  private func matched(_ points: [Matrix], _ plan: Matrix) -> Double {
    let costs = squaredDistances(points[0], points[1])
    return zip(costs.elements, plan.elements).reduce(0) { $0 + $1.0 * $1.1 }
  }
}

/// The weighted graph Laplacian V of a majorization step.
///
/// Edge weights are a_i a_j and b_i b_j within the two uniform point sets and α P across. Orthogonally to the
/// constants its spectrum is narrow, so that a handful of conjugate gradient iterations suffice.
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

  /// An approximate solution of V x = b, closer to the exact one than the start is in V's norm; centered.
  func solve(_ b: [Matrix], from start: [Matrix]) -> [Matrix] {
    func product(_ x: [Matrix], _ y: [Matrix]) -> Double {
      zip(x, y).reduce(0) { $0 + dot($1.0.elements, $1.1.elements) }
    }
    func sum(_ x: [Matrix], _ factor: Double, _ y: [Matrix]) -> [Matrix] {
      zip(x, y).map { x, y in
        Matrix(rows: x.rows, columns: x.columns, elements: zip(x.elements, y.elements).map { $0 + factor * $1 })
      }
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

/// Two spaces embedded into a common one, and the plan between them.
public struct JointScalingSolution: Interruptible, Sendable {
  /// The embedded points Z1 of the first space, n×d.
  public let first: Matrix
  /// The embedded points Z2 of the second space, m×d.
  public let second: Matrix
  /// The transport plan P, n×m.
  public let plan: Matrix
  /// The objective at the solution.
  public let stress: Double
  /// Whether the last round met the tolerance, and if not, why the iteration ended.
  public package(set) var status: Status
  /// The number of rounds.
  public let iterations: Int
  /// The stress and the displacement of the points, by round.
  public let trace: Trace
}
