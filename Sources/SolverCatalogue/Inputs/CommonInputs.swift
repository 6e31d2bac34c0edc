import LinearAlgebra
import OptimalTransport

// What several solvers read in the same way.

extension InputDescription {
  static let sourceWeights = InputDescription("a", "n", "source weights; uniform when absent")
  static let targetWeights = InputDescription("b", "m", "target weights; uniform when absent")
  static let features = InputDescription("M", "n×m", "cost of matching features; +inf forbids a pair, for conditional gradients")
  static let start = InputDescription("P0", "n×m", "the plan to start from; the product of the weights when absent")
  static let startOfSpaces = InputDescription(
    "P0", "n×m", "the plan to start from; when absent the product of the weights, and where spaces are symmetric another one")

  static let startOfFeatures = InputDescription(
    "Q0", "d×e", "the plan between columns to start from; the product of their weights when absent")
  static let barycenterWeights = InputDescription("weights", "s", "weights λ of what is averaged; equal when absent")

  /// Two tables whose rows and columns are matched.
  static let tables = [
    InputDescription("X", "n×d", "source data"), InputDescription("Y", "m×e", "target data"),
    InputDescription("a", "n", "weights of the rows of X; uniform when absent"),
    InputDescription("b", "m", "weights of the rows of Y; uniform when absent"),
    InputDescription("c", "d", "weights of the columns of X; uniform when absent"),
    InputDescription("d", "e", "weights of the columns of Y; uniform when absent"),
  ]

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

extension ProblemInputs {
  /// The memory of a solver that matches rows and columns of X and Y: matrices of the sizes of both plans and of their products with the tables.
  func memoryOfTables() throws -> MemoryNeed {
    let (n, m) = (try rows("X"), try rows("Y"))
    let (d, e) = (Double(try columns("X")), Double(try columns("Y")))
    // Besides the plans: the tables as they are read, centred and turned, and products of a plan with one of them.
    let tables = Double(n) * d + Double(m) * e
    return MemoryNeed(n, m, plans: 7, others: 7 * d * e + 4 * tables + 3 * Double(max(n, m)) * max(d, e))
  }
}
