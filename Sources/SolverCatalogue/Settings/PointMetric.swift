import Documents
import LinearAlgebra
import OptimalTransport

/// The distance between points that defines a cost or a space.
enum PointMetric: String, CaseIterable, Sendable {
  case squaredEuclidean = "squared-euclidean"
  case euclidean

  /// Reads the metric of the cost between X and Y.
  static func ofCost(_ fields: Fields) throws(DocumentError) -> PointMetric {
    try fields.choice("metric", default: .squaredEuclidean, about: "the cost between points, if X and Y are given")
  }

  /// Reads the metric of distances within a space.
  static func ofDistances(_ fields: Fields, about: String = "the distance between points, if X or Y is given")
    throws(DocumentError)
    -> PointMetric
  {
    try fields.choice("metric", default: .euclidean, about: about)
  }

  func cost(_ x: Matrix, _ y: Matrix) throws(ProblemError) -> Matrix {
    for (name, points) in [("X", x), ("Y", y)] where points.rows == 0 { throw .empty(name: name) }
    if x.columns != y.columns {
      throw .shape(name: "Y", found: "\(y.columns) coordinates", expected: "\(x.columns) (as X)")
    }
    // Squares of smaller numbers underflow.
    for (name, points) in [("X", x), ("Y", y)] { try ProblemError.validate(points, named: name, largestAtLeast: 1e-70) }
    let squares = squaredDistances(x, y)
    return self == .euclidean ? squares.map { $0.squareRoot() } : squares
  }

  func geometry(_ points: Matrix) -> DistanceGeometry {
    self == .euclidean ? .euclidean(points: points) : .squaredEuclidean(points: points)
  }
}

/// A power of the Euclidean distance as the cost between points.
struct PointPower: Sendable {
  let power: PowerCost

  /// Reads `exponent`, and `metric` where that is absent.
  init(_ fields: Fields) throws(DocumentError) {
    let given = try fields.optionalNumber(
      "exponent", in: .from(1, to: 100), about: "p of the cost ‖x − y‖^p between points, in place of metric")
    if given != nil { try fields.refuse("metric", since: "is for costs without 'exponent', which is given") }
    let exponent: Double
    if let given { exponent = given } else { exponent = try PointMetric.ofCost(fields) == .euclidean ? 1 : 2 }
    do { power = try PowerCost(exponent: exponent) } catch {
      throw fields.error("exponent", "is out of range: \(error)")
    }
  }

  var exponent: Double { power.exponent }

  func cost(_ x: Matrix, _ y: Matrix) throws(ProblemError) -> Matrix {
    if exponent == 2 { return try PointMetric.squaredEuclidean.cost(x, y) }
    let distances = try PointMetric.euclidean.cost(x, y)
    if exponent == 1 { return distances }
    // Beyond the range of numbers a power would be taken for a forbidden pair.
    try ProblemError.validate(distances, named: "the distances between X and Y", atMost: power.largestDistance)
    return distances.map { power.cost($0) }
  }
}
