import Glibc
import LinearAlgebra

/// Distances between points of a lattice of rows × columns that depend on two rows only through how far these are apart:
///
///     d((i, j), (i', j')) = k(|i − i'|; j, j'),      |i − i'| counted around the circle where rows are cyclic.
///
/// Pixels of the plane are such points, and so are those of a globe when a row is a meridian. The distance matrix is block-Toeplitz (or
/// block-circulant), so products with it become small dense ones after a Fourier transform along the rows: for N = n² points 6 n operations a
/// point in place of n². The n·n²-sized kernel is all that is kept of the N×N matrix.
public struct LatticeDistances: Sendable {
  public let rows: Int
  public let columns: Int
  /// Whether the last row is next to the first.
  public let isCyclic: Bool
  /// The lattice points that are in use, i · columns + j each, rising.
  public let points: [Int]
  /// k(l; ·, ·), columns × columns, for the distances l of rows that there are.
  let kernels: [Matrix]

  /// Whether all points of the lattice are in use.
  var isWhole: Bool { points.count == rows * columns }

  private init(rows: Int, columns: Int, isCyclic: Bool, points: [Int]?, kernel: (Int, Int, Int) -> Double) throws(ProblemError) {
    for (name, size) in [("rows", rows), ("columns", columns)] where size < 1 {
      throw .parameter(name: "the number of \(name) of a lattice", found: "\(size)", expected: "at least 1")
    }
    let points = points ?? Array(0..<rows * columns)
    for (previous, point) in zip([-1] + points, points) where point <= previous || point >= rows * columns {
      throw .parameter(
        name: "a point of the lattice", found: "\(point) after \(previous)", expected: "rising indices from 0 to \(rows * columns - 1)")
    }
    self.rows = rows
    self.columns = columns
    self.isCyclic = isCyclic
    self.points = points
    kernels = (0...(isCyclic ? rows / 2 : rows - 1)).map { lag in Matrix(rows: columns, columns: columns) { kernel(lag, $0, $1) } }
  }

  /// Pixels of the plane with Euclidean distances.
  ///
  /// - Parameters:
  ///   - rows: of pixels.
  ///   - columns: of pixels.
  ///   - unit: the distance of neighbours; nil makes the lattice's diagonal 1.
  ///   - points: the pixels in use; all when nil.
  /// - Throws: `ProblemError` when an extent is below 1, the unit is not positive, or points are not rising indices of the lattice.
  public static func pixels(rows: Int, columns: Int, unit: Double? = nil, points: [Int]? = nil) throws(ProblemError) -> LatticeDistances {
    let unit = unit ?? 1 / max(hypot(Double(rows - 1), Double(columns - 1)), 1)
    try ProblemError.validate(positive: unit, named: "the distance of neighbouring pixels")
    return try LatticeDistances(rows: rows, columns: columns, isCyclic: false, points: points) { lag, j, k in
      unit * hypot(Double(lag), Double(j - k))
    }
  }

  /// A globe with great-circle distances over π: row i is the meridian of longitude 2π(i + ½)/meridians, column j the parallel of colatitude
  /// π(j + ½)/parallels. Cells have areas in proportion to the sine of the colatitude.
  ///
  /// - Parameters:
  ///   - meridians: rows of the lattice.
  ///   - parallels: columns of the lattice.
  ///   - points: those in use; all when nil.
  /// - Throws: as `pixels`.
  public static func globe(meridians: Int, parallels: Int, points: [Int]? = nil) throws(ProblemError) -> LatticeDistances {
    let colatitude = (0..<max(parallels, 0)).map { Double.pi * (Double($0) + 0.5) / Double(parallels) }
    return try LatticeDistances(rows: meridians, columns: parallels, isCyclic: true, points: points) { lag, j, k in
      // Half the chord: stable for neighbours, unlike the arc cosine.
      let across = sin((colatitude[j] - colatitude[k]) / 2)
      let along = sin(Double.pi * Double(lag) / Double(meridians))
      let square = across * across + sin(colatitude[j]) * sin(colatitude[k]) * along * along
      return 2 * asin(min(square.squareRoot(), 1)) / .pi
    }
  }

  /// Distances of one's own that are stationary along the rows, as on a surface of revolution.
  ///
  /// - Parameters:
  ///   - rows: of the lattice.
  ///   - columns: of the lattice.
  ///   - isCyclic: whether the last row is next to the first.
  ///   - points: those in use; all when nil.
  ///   - kernel: k(l; j, k), the distance between columns j and k of rows l apart: finite, not negative, symmetric in j and k.
  /// - Throws: as `pixels`, and where the kernel is not what it should be.
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

  /// The distances of one of the points in use to all of them.
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
    result.withUnsafeMutableElements { out in for index in points.indices { write(index, to: out + index * points.count) } }
    return result
  }
}
