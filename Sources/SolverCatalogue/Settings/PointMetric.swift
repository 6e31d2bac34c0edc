import Documents
import LinearAlgebra
import OptimalTransport

/// What a distance between points is.
enum PointMetric: String, CaseIterable, Sendable {
  case squaredEuclidean = "squared-euclidean"
  case euclidean

  /// Of the cost between X and Y.
  static func ofCost(_ fields: Fields) throws(DocumentError) -> PointMetric {
    try fields.choice("metric", default: .squaredEuclidean, about: "between points, where X and Y stand for the cost")
  }

  /// Of distances within a space.
  static func ofDistances(_ fields: Fields, about: String = "between points, where X or Y stands for distances") throws(DocumentError)
    -> PointMetric
  {
    try fields.choice("metric", default: .euclidean, about: about)
  }

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
