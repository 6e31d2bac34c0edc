import LinearAlgebra

/// Finitely many points with pairwise distances and weights.
public struct MetricMeasureSpace: Sendable {
  /// The distances D, n×n and symmetric. Any symmetric matrix serves: neither the triangle inequality nor a zero diagonal is required.
  public let distances: Matrix
  /// The weights: n non-negative numbers of positive sum.
  public let weights: [Double]

  /// The number of points.
  public var count: Int { weights.count }

  /// - Parameters:
  ///   - distances: n×n, finite, symmetric to 1e-10 of its largest element; it is symmetrised exactly.
  ///   - weights: n weights; uniform with sum 1 when nil.
  ///   - name: how errors call this space.
  /// - Throws: `ProblemError` when the matrix is not square, finite and symmetric, or the weights do not fit it.
  public init(distances: Matrix, weights: [Double]? = nil, name: String = "the distance matrix") throws(ProblemError) {
    if distances.rows == 0 { throw .empty(name: name) }
    if !distances.isSquare {
      throw .shape(name: name, found: "\(distances.rows)×\(distances.columns) elements", expected: "a square matrix")
    }
    if let (row, column) = distances.firstNonFinite {
      throw .nonFinite(name: name, place: "(\(row), \(column))", value: distances[row, column])
    }
    let weights = weights ?? .uniform(distances.rows)
    if weights.count != distances.rows {
      throw .shape(name: "the weights of \(name)", found: "\(weights.count) elements", expected: "\(distances.rows)")
    }
    try ProblemError.validate(weights: weights, named: "the weights of \(name)")
    self.distances = try Self.symmetrised(distances, name: name)
    self.weights = weights
  }

  private static func symmetrised(_ matrix: Matrix, name: String) throws(ProblemError) -> Matrix {
    let largest = matrix.elements.reduce(0) { max($0, abs($1)) }
    var result = matrix
    for i in 0..<matrix.rows {
      for j in 0..<i where matrix[i, j] != matrix[j, i] {
        if abs(matrix[i, j] - matrix[j, i]) > 1e-10 * largest {
          throw .asymmetric(name: name, row: j, column: i, value: matrix[j, i], mirrored: matrix[i, j])
        }
        let mean = (matrix[i, j] + matrix[j, i]) / 2
        result[i, j] = mean
        result[j, i] = mean
      }
    }
    return result
  }
}
