import Documents
import LinearAlgebra
import OptimalTransport

// What several solvers read in the same way.

extension Fields {
  func stopping(tolerance: Double, iterations: Int, about: String) throws(DocumentError) -> StoppingRule {
    StoppingRule(
      tolerance: try number("tolerance", default: tolerance, in: .notNegative, about: about),
      iterationLimit: try integer("iterations", default: iterations, about: "the most iterations"))
  }

  func innerStopping(tolerance: Double, iterations: Int) throws(DocumentError) -> StoppingRule {
    StoppingRule(
      tolerance: try number(
        "innerTolerance", default: tolerance, in: .notNegative,
        about: "residual at which an inner Sinkhorn solve ends"
      ),
      iterationLimit: try integer("innerIterations", default: iterations, about: "the most iterations of an inner Sinkhorn solve"))
  }

  func relaxation() throws(DocumentError) -> MarginalRelaxation {
    func rho(_ key: String, _ side: String) throws(DocumentError) -> Double {
      try number(
        key, in: .notNegativeOrInfinite,
        about: "how firmly the \(side) marginal keeps to its weights; inf prescribes it, 0 frees it"
      )
    }
    return MarginalRelaxation(source: try rho("rho1", "source"), target: try rho("rho2", "target"))
  }

  /// How many starts a solver that matches rows and columns of two tables takes, and their seed.
  func anchoredStarts() throws(DocumentError) -> AnchoredStarts {
    AnchoredStarts(
      starts: try optionalInteger(
        "starts", in: 1...10_000,
        about:
          "the most starts, of which the best counts; when absent 1, and 32 where the tables look symmetric or alike and no start is given"),
      seed: UInt64(try integer("seed", default: 1, in: 0...Int.max, about: "of random choices")))
  }

  func metric() throws(DocumentError) -> PointMetric {
    try choice("metric", default: .squaredEuclidean, about: "between points, where X and Y stand for the cost")
  }
}

/// What a distance between points is.
enum PointMetric: String, CaseIterable, Sendable {
  case squaredEuclidean = "squared-euclidean"
  case euclidean

  func cost(_ x: Matrix, _ y: Matrix) throws(ProblemError) -> Matrix {
    for (name, points) in [("X", x), ("Y", y)] where points.rows == 0 { throw .empty(name: name) }
    if x.columns != y.columns {
      throw .shape(name: "Y", found: "\(y.columns) coordinates", expected: "\(x.columns) (as X)")
    }
    // Squares of smaller numbers are lost.
    for (name, points) in [("X", x), ("Y", y)] { try ProblemError.validate(points, named: name, largestAtLeast: 1e-70) }
    let squares = squaredDistances(x, y)
    return self == .euclidean ? squares.map { $0.squareRoot() } : squares
  }

  func geometry(_ points: Matrix) -> DistanceGeometry {
    self == .euclidean ? .euclidean(points: points) : .squaredEuclidean(points: points)
  }
}

extension InputDescription {
  static let sourceWeights = InputDescription("a", "n", "source weights; uniform when absent")
  static let targetWeights = InputDescription("b", "m", "target weights; uniform when absent")
  static let features = InputDescription("M", "n×m", "cost of matching features; +inf forbids a pair, for fgw")
  static let start = InputDescription("P0", "n×m", "the plan to start from; the product of the weights when absent")
  static let startOfSpaces = InputDescription(
    "P0", "n×m", "the plan to start from; when absent the product of the weights, and where spaces are symmetric another one")

  /// A cost, or points that it is computed from.
  static let cost = [
    InputDescription("C", "n×m", "cost, +inf for forbidden pairs; or X and Y"), InputDescription("X", "n×d", "source points"),
    InputDescription("Y", "m×d", "target points"), sourceWeights, targetWeights,
  ]

  /// Two spaces, each by distances or by points.
  static let spaces = [
    InputDescription("D1", "n×n", "distances in the source space; or X"),
    InputDescription("D2", "m×m", "distances in the target space; or Y"),
    InputDescription("X", "n×d", "source points, in place of D1"),
    InputDescription("Y", "m×e", "target points, in place of D2; e may differ from d"), sourceWeights, targetWeights,
  ]
}

extension ProblemInputs {
  /// C, or the cost between the points X and Y.
  func cost(_ metric: PointMetric) throws -> Matrix {
    if let cost = try matrix("C") {
      if contains("X") || contains("Y") { throw missing("either C or X and Y, not both") }
      return cost
    }
    guard let x = try points("X"), let y = try points("Y") else { throw missing("C, or X and Y") }
    return try metric.cost(x, y)
  }

  /// The memory of a solver that holds so many matrices of the cost's size.
  func memory(ofCosts count: Double) throws -> MemoryNeed {
    MemoryNeed(try rows("C", "X"), contains("C") ? try columns("C") : try rows("Y"), plans: count)
  }

  /// The memory of a solver between two spaces: matrices of the plan's size, and of each space's where it has distances.
  ///
  /// - Parameter formed: n×n matrices that are formed of points as well, of both spaces.
  func memory(ofPlans count: Double, distances: Double = 2, formed: Double = 0) throws -> MemoryNeed {
    MemoryNeed(
      try rows("D1", "X"), try rows("D2", "Y"), plans: count, source: contains("D1") ? distances : formed,
      target: contains("D2") ? distances : formed)
  }

  /// The matrix, without what the rounding of single precision has left between mirrored elements.
  func symmetrized(_ matrix: Matrix, _ name: String) -> Matrix {
    guard matrix.isSquare else { return matrix }
    let (result, change, failure) = matrix.symmetrized(within: 1e-6)
    if failure != nil { return matrix }
    if change > 0 { note("mirrored elements of '\(name)' differ by up to \(change) and were replaced by their mean") }
    return result
  }

  /// The space of D1 or X (D2 or Y).
  func space(_ distances: String, _ points: String, weights: String, _ metric: PointMetric, isSymmetric: Bool) throws -> MetricMeasureSpace
  {
    let weights = try vector(weights)
    if let matrix = try matrix(distances) {
      if contains(points) { throw missing("either \(distances) or \(points), not both") }
      let geometry: DistanceGeometry = isSymmetric ? .symmetric(symmetrized(matrix, distances)) : .asymmetric(matrix)
      return try MetricMeasureSpace(geometry: geometry, weights: weights, name: distances)
    }
    guard let matrix = try self.points(points) else { throw missing("\(distances) or \(points)") }
    return try MetricMeasureSpace(geometry: metric.geometry(matrix), weights: weights, name: points)
  }
}
