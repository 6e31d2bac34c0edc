import LinearAlgebra
import OptimalTransport

// Inputs that several solvers share.

extension InputDescription {
  static let sourceWeights = InputDescription("a", "n", "source weights; uniform if absent")
  static let targetWeights = InputDescription("b", "m", "target weights; uniform if absent")
  static let features = InputDescription(
    "M", "n×m", "feature cost matrix; +inf forbids a pair (conditional gradient steps only)")
  static let start = InputDescription("P0", "n×m", "initial plan; the product of the weights if absent")
  static let startOfSpaces = InputDescription(
    "P0", "n×m",
    "initial plan; the product of the weights if absent, and also another start if the spaces are symmetric")

  static let startOfFeatures = InputDescription(
    "Q0", "d×e", "initial plan between columns; the product of their weights if absent")
  static let barycenterWeights = InputDescription("weights", "s", "barycentric weights λ; equal if absent")

  /// Two data tables whose rows and columns are matched.
  static let tables = [
    InputDescription("X", "n×d", "source data"), InputDescription("Y", "m×e", "target data"),
    InputDescription("a", "n", "weights of the rows of X; uniform if absent"),
    InputDescription("b", "m", "weights of the rows of Y; uniform if absent"),
    InputDescription("c", "d", "weights of the columns of X; uniform if absent"),
    InputDescription("d", "e", "weights of the columns of Y; uniform if absent"),
  ]

  /// A cost matrix, or the points from which it is computed.
  static let cost = [
    InputDescription("C", "n×m", "cost matrix, +inf forbids a pair; or give X and Y"),
    InputDescription("X", "n×d", "source points"),
    InputDescription("Y", "m×d", "target points"), sourceWeights, targetWeights,
  ]

  /// Two spaces, each given by distances or by points.
  static let spaces = [
    InputDescription("D1", "n×n", "distances in the source space; or give X"),
    InputDescription("D2", "m×m", "distances in the target space; or give Y"),
    InputDescription("X", "n×d", "source points, instead of D1"),
    InputDescription("Y", "m×e", "target points, instead of D2; e may differ from d"), sourceWeights, targetWeights,
  ]
}

extension ProblemInputs {
  /// Reads the cost matrix C, or computes it from the points X and Y.
  func cost(_ metric: PointMetric) throws -> Matrix { try cost { try metric.cost($0, $1) } }

  /// Reads the cost matrix C, or forms it from the points X and Y by `points`.
  func cost(of points: (Matrix, Matrix) throws -> Matrix) throws -> Matrix {
    if let cost = try matrix("C") {
      if contains("X") || contains("Y") { throw missing("either C or X and Y, not both") }
      return cost
    }
    guard let x = try self.points("X"), let y = try self.points("Y") else { throw missing("C, or X and Y") }
    return try points(x, y)
  }

  /// The memory of a solver that holds `count` matrices of the size of the cost.
  func memory(ofCosts count: Double) throws -> MemoryNeed {
    MemoryNeed(try rows("C", "X"), contains("C") ? try columns("C") : try rows("Y"), plans: count)
  }

  /// The memory of a solver between two spaces.
  ///
  /// - Parameters:
  ///   - count: the number of n×m matrices that are held at once.
  ///   - distances: the number of n×n and m×m matrices, for each space that is given by distances.
  ///   - formed: the number of n×n and m×m matrices that are formed even for a space that is given by points.
  /// - Returns: the memory at the peak.
  /// - Throws: an error if an input cannot be read.
  func memory(ofPlans count: Double, distances: Double = 2, formed: Double = 0) throws -> MemoryNeed {
    MemoryNeed(
      try rows("D1", "X"), try rows("D2", "Y"), plans: count, source: contains("D1") ? distances : formed,
      target: contains("D2") ? distances : formed)
  }

  /// Returns the matrix with mirrored elements replaced by their means if they differ only by single-precision
  /// rounding.
  func symmetrized(_ matrix: Matrix, _ name: String) -> Matrix {
    guard matrix.isSquare else { return matrix }
    let (result, change, failure) = matrix.symmetrized(within: 1e-6)
    if failure != nil { return matrix }
    if change > 0 { note("mirrored elements of '\(name)' differ by up to \(change) and were replaced by their means") }
    return result
  }

  /// Reads a metric measure space from D1 or X, or from D2 or Y.
  func space(_ distances: String, _ points: String, weights: String, _ metric: PointMetric, isSymmetric: Bool) throws
    -> MetricMeasureSpace
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
  /// The memory of a solver that matches the rows and columns of X and Y: both plans and their products with the
  /// tables.
  func memoryOfTables() throws -> MemoryNeed {
    let (n, m) = (try rows("X"), try rows("Y"))
    let (d, e) = (Double(try columns("X")), Double(try columns("Y")))
    // Besides the plans: the tables as read, centered, and transposed, and products of a plan with one of them.
    let tables = Double(n) * d + Double(m) * e
    let linear = (samples: contains("MP") ? 3.0 : 0, features: contains("MQ") ? 3.0 : 0)
    return MemoryNeed(
      n, m, plans: 7 + linear.samples,
      others: (7 + linear.features) * d * e + 4 * tables + 3 * Double(max(n, m)) * max(d, e))
  }
}
