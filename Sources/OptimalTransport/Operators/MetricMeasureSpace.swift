import LinearAlgebra

/// A finite set of points with pairwise distances and weights.
public struct MetricMeasureSpace: Sendable {
  /// The distances D between the points.
  ///
  /// Any square matrix is allowed: neither the triangle inequality nor a zero diagonal is required.
  public let geometry: DistanceGeometry
  /// The weights, n nonnegative numbers with a positive sum.
  public let weights: [Double]

  /// The number of points.
  public var count: Int { weights.count }

  /// The distances as an n×n matrix, computed anew if the geometry stores points or a lattice.
  public var distances: Matrix { geometry.matrix }

  /// Creates a space from a symmetric distance matrix.
  ///
  /// - Parameters:
  ///   - distances: n×n, of magnitude at most 1e70, symmetric to a relative 1e-10 per element; mirrored elements are
  ///     replaced by their means.
  ///   - weights: n weights; uniform with sum 1 if nil.
  ///   - name: the name of the matrix in error messages.
  /// - Throws: `ProblemError` if the matrix is not square, finite, and symmetric, or the weights do not fit it.
  public init(distances: Matrix, weights: [Double]? = nil, name: String = "the distance matrix") throws(ProblemError) {
    try self.init(geometry: .symmetric(distances), weights: weights, name: name)
  }

  /// Creates a space from any geometry.
  ///
  /// - Parameters:
  ///   - geometry: a distance matrix, symmetric or not, points with at least one coordinate, or a lattice.
  ///   - weights: n weights; uniform with sum 1 if nil.
  ///   - name: the name of the geometry in error messages.
  /// - Throws: `ProblemError` if a matrix is not square or not symmetric as declared, numbers are not finite, or the
  ///   weights do not fit.
  public init(geometry: DistanceGeometry, weights: [Double]? = nil, name: String = "the distance matrix")
    throws(ProblemError)
  {
    self.geometry = try Self.validated(geometry, name: name)
    let weights = weights ?? .uniform(geometry.count)
    if weights.count != geometry.count {
      throw .shape(
        name: "the weight vector of \(name)", found: "\(weights.count) elements", expected: "\(geometry.count)")
    }
    try ProblemError.validate(weights: weights, named: "the weight vector of \(name)")
    self.weights = weights
  }

  private static func validated(_ geometry: DistanceGeometry, name: String) throws(ProblemError) -> DistanceGeometry {
    if geometry.count == 0 { throw .empty(name: name) }
    switch geometry {
    case .symmetric(let matrix):
      try validate(square: matrix, name: name)
      return .symmetric(try symmetrized(matrix, name: name))
    case .asymmetric(let matrix):
      try validate(square: matrix, name: name)
    case .squaredEuclidean(let points):
      if points.columns == 0 { throw .empty(name: name) }
      try ProblemError.validate(points, named: name, atMost: largestDistance.squareRoot() / 2)
      try ProblemError.validate(points, named: name, largestAtLeast: smallestDistance.squareRoot())
    case .euclidean(let points):
      if points.columns == 0 { throw .empty(name: name) }
      try ProblemError.validate(points, named: name, atMost: largestDistance / 2)
      try ProblemError.validate(points, named: name, largestAtLeast: smallestDistance)
    case .lattice:
      // A lattice was checked when it was created.
      break
    }
    return geometry
  }

  private static func validate(square matrix: Matrix, name: String) throws(ProblemError) {
    if !matrix.isSquare {
      throw .shape(name: name, found: "\(matrix.rows)×\(matrix.columns) elements", expected: "a square matrix")
    }
    try ProblemError.validate(matrix, named: name, atMost: largestDistance)
    try ProblemError.validate(matrix, named: name, largestAtLeast: smallestDistance)
  }

  private static func symmetrized(_ matrix: Matrix, name: String) throws(ProblemError) -> Matrix {
    let (result, _, failure) = matrix.symmetrized(within: 1e-10)
    if let (j, i) = failure {
      throw .asymmetric(name: name, row: j, column: i, value: matrix[j, i], mirrored: matrix[i, j])
    }
    return result
  }
}

/// The largest allowed distance, chosen so that squared distances can serve as costs.
let largestDistance = 1e70

/// The smallest allowed maximum of nonzero distances; below it, squares and their products with masses underflow.
let smallestDistance = 1e-70
