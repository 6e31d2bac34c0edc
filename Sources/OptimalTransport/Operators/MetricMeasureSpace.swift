import LinearAlgebra

/// Finitely many points with pairwise distances and weights.
public struct MetricMeasureSpace: Sendable {
  /// How the distances D are known. Any square matrix serves: neither the triangle inequality nor a zero diagonal is required.
  public let geometry: DistanceGeometry
  /// The weights: n non-negative numbers of positive sum.
  public let weights: [Double]

  /// The number of points.
  public var count: Int { weights.count }

  /// The distances as a matrix, formed anew for points.
  public var distances: Matrix { geometry.matrix }

  /// - Parameters:
  ///   - distances: n×n, of magnitude at most 1e70, symmetric to 1e-10 of each element; it is symmetrised exactly.
  ///   - weights: n weights; uniform with sum 1 when nil.
  ///   - name: how errors call this space.
  /// - Throws: `ProblemError` when the matrix is not square, finite and symmetric, or the weights do not fit it.
  public init(distances: Matrix, weights: [Double]? = nil, name: String = "the distance matrix") throws(ProblemError) {
    try self.init(geometry: .symmetric(distances), weights: weights, name: name)
  }

  /// - Parameters:
  ///   - geometry: distances as above, a matrix without symmetry, or points with at least one coordinate.
  ///   - weights: n weights; uniform with sum 1 when nil.
  ///   - name: how errors call this space.
  /// - Throws: `ProblemError` when a matrix is not square, numbers are not finite, or the weights do not fit.
  public init(geometry: DistanceGeometry, weights: [Double]? = nil, name: String = "the distance matrix") throws(ProblemError) {
    self.geometry = try Self.validated(geometry, name: name)
    let weights = weights ?? .uniform(geometry.count)
    if weights.count != geometry.count {
      throw .shape(name: "the weight vector of \(name)", found: "\(weights.count) elements", expected: "\(geometry.count)")
    }
    try ProblemError.validate(weights: weights, named: "the weight vector of \(name)")
    self.weights = weights
  }

  private static func validated(_ geometry: DistanceGeometry, name: String) throws(ProblemError) -> DistanceGeometry {
    if geometry.count == 0 { throw .empty(name: name) }
    switch geometry {
    case .symmetric(let matrix):
      try validate(square: matrix, name: name)
      return .symmetric(try symmetrised(matrix, name: name))
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
      // Checked where it is made.
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

  private static func symmetrised(_ matrix: Matrix, name: String) throws(ProblemError) -> Matrix {
    let (result, _, failure) = matrix.symmetrized(within: 1e-10)
    if let (j, i) = failure { throw .asymmetric(name: name, row: j, column: i, value: matrix[j, i], mirrored: matrix[i, j]) }
    return result
  }
}

/// Squares of distances are costs.
let largestDistance = 1e70

/// Where the largest of all distances lies below this one, their squares and products with masses leave it too.
let smallestDistance = 1e-70
