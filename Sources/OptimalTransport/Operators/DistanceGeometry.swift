import CKernels
import LinearAlgebra

/// How the pairwise distances of a space are known. Points need n×d numbers where a matrix needs n×n.
public enum DistanceGeometry: Sendable {
  /// A symmetric matrix D.
  case symmetric(Matrix)
  /// Any square matrix: a network with directed weights. Then Gromov–Wasserstein compares D1_ik with D2_jl as before, over ordered pairs.
  case asymmetric(Matrix)
  /// D_ik = |x_i − x_k|², points by rows. Its products cost O(nmd) instead of O(n²m), and no n×n matrix is ever formed.
  case squaredEuclidean(points: Matrix)
  /// D_ik = |x_i − x_k|, points by rows. Blocks of rows are computed as they are needed: O(n²m) time, no n×n matrix.
  case euclidean(points: Matrix)
  /// Distances on a lattice that are stationary along its rows, as between pixels. Transport on trees makes use of that; other solvers form
  /// the n×n matrix.
  case lattice(LatticeDistances)

  /// The number of points.
  public var count: Int {
    switch self {
    case .symmetric(let matrix), .asymmetric(let matrix), .squaredEuclidean(let matrix), .euclidean(let matrix): matrix.rows
    case .lattice(let lattice): lattice.points.count
    }
  }

  /// All distances as one n×n matrix, formed anew for points.
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

  /// The maps P ↦ Σ A P Bᵀ are made of.
  var operators: [DistanceOperator] {
    switch self {
    case .symmetric(let matrix): [.matrix(matrix)]
    case .asymmetric(let matrix): [.matrix(matrix), .matrix(matrix.transposed)]
    case .squaredEuclidean(let points): [.squaredEuclidean(CentredPoints(points))]
    case .euclidean(let points): [.euclidean(DistanceRows(points, areSquared: false))]
    case .lattice(let lattice): [.matrix(lattice.matrix)]
    }
  }
}

/// Rows of a distance matrix, computed from points when they are asked for.
struct DistanceRows: Sendable {
  let points: Matrix
  /// The points axis after axis, so that a row of distances vectorises.
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
          ck_squared_distance_row(points + i * self.points.columns, axes, self.points.columns, out + position * count, count)
        }
      }
    }
    if !areSquared { ck_sqrt(out, rows.count * count) }
  }
}

/// Points moved to mean zero, which keeps |x|² + |y|² − 2x·y from cancelling more than it must, with their squared norms.
struct CentredPoints: Sendable {
  let points: Matrix
  let squaredNorms: [Double]

  init(_ points: Matrix) {
    let mean = points.columnSums.map { $0 / Double(max(points.rows, 1)) }
    self.points = Matrix(rows: points.rows, columns: points.columns) { points[$0, $1] - mean[$1] }
    squaredNorms = (0..<points.rows).map { [centred = self.points] i in centred[row: i].reduce(0) { $0 + $1 * $1 } }
  }

  /// q(D) w for D_ik = |x_i − x_k|², expanded in moments of the weighted points: O(n d²).
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
      return s[i] * s[i] * total + secondMoment + 4 * square + 2 * s[i] * firstMoment - 4 * s[i] * alongMean - 4 * alongWeightedMean
    }
  }
}
