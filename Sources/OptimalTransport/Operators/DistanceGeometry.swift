import CKernels
import LinearAlgebra

/// The pairwise distances of a space, as a matrix or in a form that avoids it.
///
/// Points need n×d numbers, where a matrix needs n×n.
public enum DistanceGeometry: Sendable {
  /// A symmetric distance matrix D, n×n.
  case symmetric(Matrix)
  /// Any square matrix, such as a network with directed weights.
  ///
  /// Gromov–Wasserstein problems then compare D1_ik with D2_jl over ordered pairs.
  case asymmetric(Matrix)
  /// Squared Euclidean distances D_ik = |x_i − x_k|² of points, n×d.
  ///
  /// Products cost O(nmd) instead of O(n²m), and no n×n matrix is formed.
  case squaredEuclidean(points: Matrix)
  /// Euclidean distances D_ik = |x_i − x_k| of points, n×d.
  ///
  /// Blocks of rows are computed when needed, in O(n²m) time and without an n×n matrix.
  case euclidean(points: Matrix)
  /// Distances on a lattice that are stationary along its rows, such as distances between pixels.
  ///
  /// Only solvers on trees exploit the structure; others form the n×n matrix.
  case lattice(LatticeDistances)

  /// The number of points.
  public var count: Int {
    switch self {
    case .symmetric(let matrix), .asymmetric(let matrix), .squaredEuclidean(let matrix), .euclidean(let matrix):
      matrix.rows
    case .lattice(let lattice): lattice.points.count
    }
  }

  /// All distances as an n×n matrix, computed anew if the geometry stores points or a lattice.
  public var matrix: Matrix {
    switch self {
    case .symmetric(let matrix), .asymmetric(let matrix):
      return matrix
    case .squaredEuclidean(let points), .euclidean(let points):
      let rows = DistanceRows(points, areSquared: isSquaredEuclidean)
      var result = Matrix(rows: count, columns: count)
      result.withUnsafeMutableElements { rows.write(0..<count, to: $0) }
      return result
    case .lattice(let lattice):
      return lattice.matrix
    }
  }

  private var isSquaredEuclidean: Bool { if case .squaredEuclidean = self { true } else { false } }

  /// The operators from which the maps P ↦ Σ A P Bᵀ are built.
  var operators: [DistanceOperator] {
    switch self {
    case .symmetric(let matrix): [.matrix(matrix)]
    case .asymmetric(let matrix): [.matrix(matrix), .matrix(matrix.transposed)]
    case .squaredEuclidean(let points): [.squaredEuclidean(CenteredPoints(points))]
    case .euclidean(let points): [.euclidean(DistanceRows(points, areSquared: false))]
    case .lattice(let lattice): [.matrix(lattice.matrix)]
    }
  }
}

/// Rows of a distance matrix that are computed from points on demand.
struct DistanceRows: Sendable {
  let points: Matrix
  /// The coordinates, one axis after the other, so that the computation of a row of distances vectorizes.
  private let axes: Matrix
  private let areSquared: Bool
  var count: Int { points.rows }

  init(_ points: Matrix, areSquared: Bool) {
    self.points = points
    axes = points.transposed
    self.areSquared = areSquared
  }

  func write(_ rows: Range<Int>, to out: UnsafeMutablePointer<Double>) {
    guard points.columns > 0 else { return out.update(repeating: 0, count: rows.count * count) }
    points.withUnsafeElements { points in
      axes.withUnsafeElements { axes in
        for (position, i) in rows.enumerated() {
          ck_squared_distance_row(
            points + i * self.points.columns, axes, self.points.columns, out + position * count, count)
        }
      }
    }
    if !areSquared { ck_sqrt(out, rows.count * count) }
  }
}

/// Points centered at the origin, with their squared norms.
///
/// Centering limits the cancellation in |x|² + |y|² − 2x·y.
struct CenteredPoints: Sendable {
  let points: Matrix
  let squaredNorms: [Double]

  init(_ points: Matrix) {
    let mean = points.columnSums.map { $0 / Double(max(points.rows, 1)) }
    self.points = Matrix(rows: points.rows, columns: points.columns) { points[$0, $1] - mean[$1] }
    squaredNorms = (0..<points.rows).map { [centered = self.points] i in centered[row: i].reduce(0) { $0 + $1 * $1 } }
  }

  /// The product q(D) w for D_ik = |x_i − x_k|², expanded into moments of the weighted points, in O(n d²).
  func squaresApplied(to w: [Double]) -> [Double] {
    let (x, s) = (points, squaredNorms)
    let d = x.columns
    let total = w.reduce(0, +)
    let firstMoment = dot(s, w)
    let secondMoment = zip(s, w).reduce(0) { $0 + $1.0 * $1.0 * $1.1 }
    let mean = x.transposedProduct(w)
    let weightedMean = x.transposedProduct(zip(s, w).map { $0 * $1 })
    let scaled = Matrix(rows: x.rows, columns: d) { x[$0, $1] * w[$0] }
    let covariance = x.transposed * scaled
    let spread = x * covariance
    return (0..<x.rows).map { i in
      var (alongMean, alongWeightedMean, square) = (0.0, 0.0, 0.0)
      for k in 0..<d {
        alongMean += x[i, k] * mean[k]
        alongWeightedMean += x[i, k] * weightedMean[k]
        square += x[i, k] * spread[i, k]
      }
      return s[i] * s[i] * total + secondMoment + 4 * square + 2 * s[i] * firstMoment - 4 * s[i] * alongMean - 4
        * alongWeightedMean
    }
  }
}
