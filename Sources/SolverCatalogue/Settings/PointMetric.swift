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
  static func ofDistances(_ fields: Fields, about: String = "the distance between points, if X or Y is given") throws(DocumentError)
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
