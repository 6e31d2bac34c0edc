import LinearAlgebra

/// The map T(x) = m2 + A (x − m1), such as the optimal one between Gaussians.
///
/// O(d²) a point.
public struct AffineMap: TransportMap {
  /// m1, which is mapped to m2.
  public let source: [Double]
  /// m2.
  public let target: [Double]
  /// A, with a row for each coordinate of images.
  public let slope: Matrix

  /// d, the number of coordinates of the points that it maps.
  public var dimension: Int { source.count }

  /// The map with the given parts.
  ///
  /// - Parameters:
  ///   - source: m1.
  ///   - target: m2.
  ///   - slope: A, with a row for each coordinate of m2 and a column for each of m1.
  public init(source: [Double], target: [Double], slope: Matrix) {
    precondition(
      slope.rows == target.count && slope.columns == source.count, "A leads from the space of m1 to that of m2")
    (self.source, self.target, self.slope) = (source, target, slope)
  }

  /// m2 − A m1, the image of the origin.
  public var offset: [Double] { zip(target, slope * source).map { $0 - $1 } }

  /// The images of points, one a row.
  public func images(of points: Matrix) -> Matrix {
    let centered = Matrix(rows: points.rows, columns: points.columns) { points[$0, $1] - source[$1] }
    let images = centered * slope.transposed
    return Matrix(rows: images.rows, columns: images.columns) { images[$0, $1] + target[$1] }
  }
}
