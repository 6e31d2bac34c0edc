import LinearAlgebra

/// A map of points of the source to points of the target that was fitted on some of them and maps any others as well.
///
///     let map = try EntropicMap(Sinkhorn(epsilon: 0.1).solve(problem), target: y)
///     let images = try map(newPoints)
public protocol TransportMap: Sendable {
  /// The number of coordinates of the points that it maps.
  var dimension: Int { get }

  /// The images of points that are known to be finite and to have `dimension` coordinates, one a row.
  ///
  /// - Parameter points: k×d.
  /// - Returns: a row for each point.
  func images(of points: Matrix) -> Matrix
}

extension TransportMap {
  /// Maps points, whether or not the map was fitted on them.
  ///
  /// - Parameter points: k points of d coordinates, one a row.
  /// - Returns: their images, one a row.
  /// - Throws: `ProblemError` when the points have another number of coordinates than those that the map was fitted on,
  ///   or one that is not finite.
  public func callAsFunction(_ points: Matrix) throws(ProblemError) -> Matrix {
    if points.columns != dimension {
      throw .shape(
        name: "the points to be mapped", found: "\(points.columns) coordinates",
        expected: "\(dimension) (those of the fitted ones)")
    }
    try ProblemError.validate(points: points, named: "the points to be mapped")
    return images(of: points)
  }
}

extension ProblemError {
  /// Checks that points, one a row, are finite.
  package static func validate(points: Matrix, named name: String) throws(ProblemError) {
    if let place = points.firstNonFinite {
      throw .nonFinite(
        name: name, place: "row \(place.row), column \(place.column) (from 0)", value: points[place.row, place.column])
    }
  }

  /// Checks that points can be fitted on: that there are some, that they are finite, and that they have coordinates.
  package static func validate(fitted points: Matrix, named name: String) throws(ProblemError) {
    if points.rows == 0 || points.columns == 0 { throw .empty(name: name) }
    try validate(points: points, named: name)
  }
}
