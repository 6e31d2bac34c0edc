import Glibc
import LinearAlgebra

/// Distances on a rows × columns lattice that are stationary along its rows.
///
/// They depend on two rows only through the rows' distance:
///
///     d((i, j), (i', j')) = k(|i − i'|; j, j')
///
/// where |i − i'| is taken on a circle if rows are cyclic. Examples are pixels in the plane, and points on a sphere
/// with meridians as rows. The distance matrix is block Toeplitz, or block circulant for cyclic rows. Products with
/// it become small dense products after a Fourier transform along the rows: for N = n² points they take 6 n
/// operations per point instead of n². Only the kernel with n · n² numbers is stored, not the N×N matrix.
public struct LatticeDistances: Sendable {
  /// The number of rows of the lattice.
  public let rows: Int
  /// The number of columns of the lattice.
  public let columns: Int
  /// Whether the last row is adjacent to the first.
  public let isCyclic: Bool
  /// The lattice points in use, as ascending indices i · columns + j.
  public let points: [Int]
  /// The matrices k(l; ·, ·), columns × columns, for each distance l between rows.
  let kernels: [Matrix]

  /// Whether all points of the lattice are in use.
  var isWhole: Bool { points.count == rows * columns }

  private init(rows: Int, columns: Int, isCyclic: Bool, points: [Int]?, kernel: (Int, Int, Int) -> Double)
    throws(ProblemError)
  {
    for (name, size) in [("rows", rows), ("columns", columns)] where size < 1 {
      throw .parameter(name: "the number of \(name) of a lattice", found: "\(size)", expected: "at least 1")
    }
    let points = points ?? Array(0..<rows * columns)
    for (previous, point) in zip([-1] + points, points) where point <= previous || point >= rows * columns {
      throw .parameter(
        name: "a point of the lattice", found: "\(point) after \(previous)",
        expected: "ascending indices from 0 to \(rows * columns - 1)")
    }
    self.rows = rows
    self.columns = columns
    self.isCyclic = isCyclic
    self.points = points
    kernels = (0...(isCyclic ? rows / 2 : rows - 1)).map { lag in
      Matrix(rows: columns, columns: columns) { kernel(lag, $0, $1) }
    }
  }

  /// Creates the pixels of an image with Euclidean distances.
  ///
  /// - Parameters:
  ///   - rows: the number of pixel rows.
  ///   - columns: the number of pixel columns.
  ///   - unit: the distance between adjacent pixels; if nil, the diagonal of the lattice has length 1.
  ///   - points: the pixels in use, as ascending indices i · columns + j; all if nil.
  /// - Returns: the distances between the pixels in use.
  /// - Throws: `ProblemError` if a size is below 1, the unit is not positive, or `points` are not ascending indices
  ///   of the lattice.
  public static func pixels(rows: Int, columns: Int, unit: Double? = nil, points: [Int]? = nil) throws(ProblemError)
    -> LatticeDistances
  {
    let unit = unit ?? 1 / max(hypot(Double(rows - 1), Double(columns - 1)), 1)
    try ProblemError.validate(positive: unit, named: "the distance of adjacent pixels")
    return try LatticeDistances(rows: rows, columns: columns, isCyclic: false, points: points) { lag, j, k in
      unit * hypot(Double(lag), Double(j - k))
    }
  }

  /// Creates a grid of meridians and parallels on a sphere, with great-circle distances divided by π.
  ///
  /// Row i is the meridian of longitude 2π(i + ½)/meridians, and column j the parallel of colatitude π(j +
  /// ½)/parallels. The area of a cell is proportional to the sine of its colatitude.
  ///
  /// - Parameters:
  ///   - meridians: the number of meridians, the rows of the lattice.
  ///   - parallels: the number of parallels, the columns of the lattice.
  ///   - points: the points in use, as ascending indices i · parallels + j; all if nil.
  /// - Returns: the distances between the points in use, in [0, 1].
  /// - Throws: `ProblemError` if a size is below 1, or `points` are not ascending indices of the lattice.
  public static func globe(meridians: Int, parallels: Int, points: [Int]? = nil) throws(ProblemError)
    -> LatticeDistances
  {
    let colatitude = (0..<max(parallels, 0)).map { Double.pi * (Double($0) + 0.5) / Double(parallels) }
    return try LatticeDistances(rows: meridians, columns: parallels, isCyclic: true, points: points) { lag, j, k in
      // Half the chord is numerically stable for close points, unlike the arc cosine.
      let across = sin((colatitude[j] - colatitude[k]) / 2)
      let along = sin(Double.pi * Double(lag) / Double(meridians))
      let square = across * across + sin(colatitude[j]) * sin(colatitude[k]) * along * along
      return 2 * asin(min(square.squareRoot(), 1)) / .pi
    }
  }

  /// Creates a lattice with custom distances that are stationary along the rows, such as those of a surface of
  /// revolution.
  ///
  /// - Parameters:
  ///   - rows: the number of rows.
  ///   - columns: the number of columns.
  ///   - isCyclic: whether the last row is adjacent to the first.
  ///   - points: the points in use, as ascending indices i · columns + j; all if nil.
  ///   - kernel: k(l; j, k), the distance between columns j and k of rows at distance l; finite, not negative, and
  ///     symmetric in j and k.
  /// - Returns: the distances between the points in use.
  /// - Throws: `ProblemError` if a size is below 1, `points` are not ascending indices of the lattice, or the kernel
  ///   violates its conditions.
  public static func stationary(
    rows: Int, columns: Int, isCyclic: Bool, points: [Int]? = nil, kernel: (Int, Int, Int) -> Double
  ) throws(ProblemError) -> LatticeDistances {
    let lattice = try LatticeDistances(rows: rows, columns: columns, isCyclic: isCyclic, points: points, kernel: kernel)
    for (lag, matrix) in lattice.kernels.enumerated() {
      let name = "the lattice distances of rows \(lag) apart"
      try ProblemError.validate(matrix, named: name, atMost: largestDistance)
      for j in 0..<columns {
        for k in 0..<j where abs(matrix[j, k] - matrix[k, j]) > 1e-10 * abs(matrix[j, k]) {
          throw .asymmetric(name: name, row: k, column: j, value: matrix[k, j], mirrored: matrix[j, k])
        }
      }
    }
    return lattice
  }

  /// Writes the distances of one of the points in use to all of them.
  func write(_ index: Int, to out: UnsafeMutablePointer<Double>) {
    let (i, j) = points[index].quotientAndRemainder(dividingBy: columns)
    if isWhole {
      for row in 0..<rows {
        kernels[lag(i, row)].withUnsafeElements { (out + row * columns).update(from: $0 + j * columns, count: columns) }
      }
    } else {
      for (position, point) in points.enumerated() {
        let (row, column) = point.quotientAndRemainder(dividingBy: columns)
        out[position] = kernels[lag(i, row)][j, column]
      }
    }
  }

  private func lag(_ i: Int, _ k: Int) -> Int {
    let apart = abs(i - k)
    return isCyclic ? min(apart, rows - apart) : apart
  }

  var matrix: Matrix {
    var result = Matrix(rows: points.count, columns: points.count)
    result.withUnsafeMutableElements { out in
      for index in points.indices { write(index, to: out + index * points.count) }
    }
    return result
  }
}
