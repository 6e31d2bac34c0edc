import LinearAlgebra

/// A map known at some points and carried to others by their nearest neighbors.
///
/// Of a plan P it knows the barycentric projection,
///
///     B_i = Σ_j P_ij y_j / Σ_j P_ij,       T(x) = x + mean over the k nearest x_i of (B_i − x_i),
///
/// or the mean of the B_i themselves (Ferradans, Papadakis, Peyré, Aujol 2014, DOI 10.1137/130929886). The first keeps
/// the details of new points; it is for source and target of as many coordinates.
///
/// At a point that it was fitted on, and with one neighbor, it is B_i exactly. Of neighbors equally near, the first
/// count. O(n d) a point, on all threads.
public struct NearestNeighborMap: TransportMap {
  /// What neighbors hand on.
  public enum Extension: String, Sendable, CaseIterable {
    /// Where their images lie.
    case image
    /// How far their images lie from them.
    case shift
  }

  /// The points that the map is known at, n×d.
  public let points: Matrix
  /// Their images.
  public let knownImages: Matrix
  /// k.
  public let neighbors: Int
  /// What neighbors hand on.
  public let extendsBy: Extension
  /// The points axis after axis.
  private let axes: Matrix

  /// d, the number of coordinates of the points that it maps.
  public var dimension: Int { points.columns }

  /// The map that a plan makes of its barycentric projection.
  ///
  /// Source points without mass are left out.
  ///
  /// - Parameters:
  ///   - coupling: the plan between the points.
  ///   - source: n points, one a row.
  ///   - target: m points, one a row.
  ///   - neighbors: k, how many neighbors a new point is mapped by.
  ///   - extendsBy: what these hand on.
  /// - Throws: `ProblemError` when numbers of points do not fit, a coordinate is not finite, or as
  ///   `init(points:images:neighbors:extendsBy:)`.
  public init(
    _ coupling: Coupling, source: Matrix, target: Matrix, neighbors: Int = 1, extendsBy: Extension = .shift
  ) throws(ProblemError) {
    let (n, m) = (coupling.plan.rows, coupling.plan.columns)
    if source.rows != n {
      throw .shape(name: "the plan", found: "\(n) rows", expected: "\(source.rows) (the source points)")
    }
    if target.rows != m {
      throw .shape(name: "the plan", found: "\(m) columns", expected: "\(target.rows) (the target points)")
    }
    try ProblemError.validate(fitted: target, named: "the target points")
    let masses = coupling.plan.rowSums
    let kept = (0..<n).filter { masses[$0] > 0 }
    if kept.isEmpty { throw .zeroMass(name: "the plan") }
    try self.init(
      points: source.selectingRows(kept), images: coupling.barycentricProjection(onto: target).selectingRows(kept),
      neighbors: neighbors,
      extendsBy: extendsBy)
  }

  /// The map that is known at some points.
  ///
  /// - Parameters:
  ///   - points: n points, one a row.
  ///   - images: the image of each.
  ///   - neighbors: k, how many neighbors a new point is mapped by; at most n.
  ///   - extendsBy: what these hand on.
  /// - Throws: `ProblemError` when numbers of points do not fit, a coordinate is not finite, k lies outside of 1…n, or
  ///   a shift is asked for between spaces of different dimension.
  public init(points: Matrix, images: Matrix, neighbors: Int = 1, extendsBy: Extension = .shift) throws(ProblemError) {
    try ProblemError.validate(fitted: points, named: "the source points")
    if images.rows != points.rows {
      throw .shape(
        name: "the images", found: "\(images.rows) rows", expected: "\(points.rows) (one for each source point)")
    }
    try ProblemError.validate(fitted: images, named: "the images")
    if neighbors < 1 || neighbors > points.rows {
      throw .parameter(
        name: "neighbors", found: "\(neighbors)", expected: "a number from 1 to \(points.rows) (the source points)")
    }
    if extendsBy == .shift, images.columns != points.columns {
      throw .shape(
        name: "the target points", found: "\(images.columns) coordinates",
        expected: "\(points.columns), as the source points, to be mapped by shifts")
    }
    (self.points, knownImages, self.neighbors, self.extendsBy) = (points, images, neighbors, extendsBy)
    axes = points.transposed
  }

  /// The images of points, one a row.
  public func images(of points: Matrix) -> Matrix {
    mapRows(of: points, to: knownImages.columns, room: self.points.rows) { point, squares, image in
      axes.squaredDistances(from: point, into: squares)
      let nearest = Self.smallest(neighbors, of: squares)
      for k in 0..<image.count {
        var sum = 0.0
        for i in nearest { sum += knownImages[i, k] - (extendsBy == .shift ? self.points[i, k] : 0) }
        image[k] = sum / Double(nearest.count)
        // One neighbor's image is to the last digit its own where the point is that neighbor.
        if extendsBy == .shift {
          image[k] = squares[nearest[0]] == 0 && nearest.count == 1 ? knownImages[nearest[0], k] : image[k] + point[k]
        }
      }
    }
  }

  /// The places of the smallest numbers, in rising order; of equal ones the first.
  private static func smallest(_ count: Int, of numbers: UnsafeMutableBufferPointer<Double>) -> [Int] {
    var places: [Int] = []
    for (place, number) in numbers.enumerated() {
      if places.count == count, number >= numbers[places[count - 1]] { continue }
      if places.count == count { places.removeLast() }
      let position = places.firstIndex { numbers[$0] > number } ?? places.count
      places.insert(place, at: position)
    }
    return places
  }
}
