import LinearAlgebra

/// Points whose distances come as near to given ones as they can: metric multidimensional scaling by SMACOF, majorising the raw stress
///
///     σ(X) = Σ_{i<j} (|x_i − x_j| − d_ij)²
///
/// by Guttman's transform X ← B(X) X / n, under which σ never rises (de Leeuw 1977), from classical scaling (Torgerson 1952), so that
/// nothing is random. O(n³) for the start, O(n² k) an iteration.
public struct MultidimensionalScaling: Sendable {
  /// n×k, centred.
  public let points: Matrix
  /// σ at the points.
  public let stress: Double
  public let iterations: Int
  /// Whether a step lowered the stress by no more than the tolerance; false at the limit of iterations.
  public let isConverged: Bool

  /// - Parameters:
  ///   - distances: n×n, symmetric, not negative; the diagonal is not looked at.
  ///   - dimension: k.
  ///   - tolerance: relative fall of the stress in a step at which it ends.
  ///   - iterationLimit: the most steps.
  public init(_ distances: Matrix, dimension: Int = 2, tolerance: Double = 1e-6, iterationLimit: Int = 300) {
    precondition(distances.isSquare && distances.rows > 0 && dimension > 0, "scaling needs a square matrix of distances")
    self.init(distances, from: Self.classical(distances, dimension), tolerance: tolerance, iterationLimit: iterationLimit)
  }

  /// The same from given points.
  public init(_ distances: Matrix, from start: Matrix, tolerance: Double = 1e-6, iterationLimit: Int = 300) {
    precondition(distances.isSquare && start.rows == distances.rows, "scaling needs a point for each row of a square matrix")
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

  /// The leading eigenvectors of −½ J D² J.
  private static func classical(_ distances: Matrix, _ dimension: Int) -> Matrix {
    let n = distances.rows
    let squares = Matrix(rows: n, columns: n) { $0 == $1 ? 0 : distances[$0, $1] * distances[$0, $1] }
    let means = squares.rowSums.map { $0 / Double(n) }
    let mean = means.reduce(0, +) / Double(n)
    let products = Matrix(rows: n, columns: n) { -0.5 * (squares[$0, $1] - means[$0] - means[$1] + mean) }
    guard let eigen = SymmetricEigen(products, largest: dimension) else { preconditionFailure("scaling needs finite distances") }
    let last = eigen.values.count - 1
    return Matrix(rows: n, columns: dimension) { i, k in
      k <= last ? max(eigen.values[last - k], 0).squareRoot() * eigen.vectors[last - k, i] : 0
    }
  }
}
