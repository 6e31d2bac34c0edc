import LinearAlgebra

/// Metric multidimensional scaling by SMACOF: points whose Euclidean distances approximate given ones.
///
/// It minimizes the raw stress
///
///     σ(X) = Σ_{i<j} (|x_i − x_j| − d_ij)²
///
/// by iterating the Guttman transform X ← B(X) X / n, which never increases σ (de Leeuw, 1977). It starts from
/// classical scaling (Torgerson, 1952) and uses no random numbers.
///
/// - Complexity: O(n³) for the start, O(n² k) per iteration
public struct MultidimensionalScaling: Sendable {
  /// The embedded points, n×k, centered at the origin.
  public let points: Matrix
  /// The raw stress σ at `points`.
  public let stress: Double
  /// The number of iterations.
  public let iterations: Int
  /// Whether the last step decreased the stress by no more than the tolerance; false at the iteration limit.
  public let isConverged: Bool

  /// Embeds points, starting from classical scaling.
  ///
  /// - Parameters:
  ///   - distances: the target distances, n×n, symmetric and not negative; the diagonal is ignored.
  ///   - dimension: the dimension k of the embedding.
  ///   - tolerance: the relative decrease of the stress in one step below which the iteration stops.
  ///   - iterationLimit: the maximum number of steps.
  public init(_ distances: Matrix, dimension: Int = 2, tolerance: Double = 1e-6, iterationLimit: Int = 300) {
    precondition(
      distances.isSquare && distances.rows > 0 && dimension > 0, "scaling needs a square matrix of distances")
    self.init(
      distances, from: Self.classical(distances, dimension), tolerance: tolerance, iterationLimit: iterationLimit)
  }

  /// Embeds points, starting from given ones.
  ///
  /// - Parameters:
  ///   - distances: the target distances, n×n, symmetric and not negative; the diagonal is ignored.
  ///   - start: the initial points, n×k.
  ///   - tolerance: the relative decrease of the stress in one step below which the iteration stops.
  ///   - iterationLimit: the maximum number of steps.
  public init(_ distances: Matrix, from start: Matrix, tolerance: Double = 1e-6, iterationLimit: Int = 300) {
    precondition(
      distances.isSquare && start.rows == distances.rows, "scaling needs a point for each row of a square matrix")
    var hollow = distances
    for i in 0..<hollow.rows { hollow[i, i] = 0 }
    let n = Double(hollow.rows)
    var points = start
    var step = guttmanTransform(hollow, points)
    var (count, isConverged) = (0, false)
    while count < iterationLimit, !isConverged {
      points = step.image.map { $0 / n }
      let stress = step.stress
      step = guttmanTransform(hollow, points)
      isConverged = stress - step.stress <= tolerance * stress
      count += 1
    }
    let stress = step.stress
    (self.points, self.stress, iterations, self.isConverged) = (points, stress, count, isConverged)
  }

  /// Classical scaling: the leading eigenvectors of −½ J D² J, scaled by the roots of their eigenvalues.
  private static func classical(_ distances: Matrix, _ dimension: Int) -> Matrix {
    let n = distances.rows
    let squares = Matrix(rows: n, columns: n) { $0 == $1 ? 0 : distances[$0, $1] * distances[$0, $1] }
    let means = squares.rowSums.map { $0 / Double(n) }
    let mean = means.reduce(0, +) / Double(n)
    let products = Matrix(rows: n, columns: n) { -0.5 * (squares[$0, $1] - means[$0] - means[$1] + mean) }
    guard let eigen = SymmetricEigen(products, largest: dimension) else {
      preconditionFailure("scaling needs finite distances")
    }
    let last = eigen.values.count - 1
    return Matrix(rows: n, columns: dimension) { i, k in
      k <= last ? max(eigen.values[last - k], 0).squareRoot() * eigen.vectors[last - k, i] : 0
    }
  }
}
