import LinearAlgebra

extension DistanceGeometry {
  /// Subtracts a common offset from the distances of both spaces, which cancels in all differences D1_ik − D2_jl.
  ///
  /// Distances near 1e8 have squares in which differences near 1 lose all digits. If the off-diagonal distances of
  /// both spaces lie in a range that is small relative to their size, its midpoint is subtracted from all entries of
  /// both matrices; the subtraction is exact. A zero diagonal then becomes nonzero, D = D' − c I. Geometries given by
  /// points are left unchanged.
  static func centered(_ source: DistanceGeometry, _ target: DistanceGeometry) -> (
    source: DistanceGeometry, target: DistanceGeometry
  ) {
    guard let x = source.storedMatrix, let y = target.storedMatrix else { return (source, target) }
    let range = OffDiagonalRange([x, y])
    if !range.isOffset { return (source, target) }
    return (source.subtracting(range.middle, from: x), target.subtracting(range.middle, from: y))
  }

  /// Whether off-diagonal distances in both spaces are nearly equal and differ from the diagonal.
  ///
  /// Almost all of a quadratic objective is then the same for every matching of points.
  static func areNearlyEquidistant(_ source: DistanceGeometry, _ target: DistanceGeometry) -> Bool {
    guard let x = source.storedMatrix, let y = target.storedMatrix else { return false }
    let range = OffDiagonalRange([x, y])
    return [x, y].allSatisfy { matrix in
      (0..<matrix.rows).allSatisfy { abs(matrix[$0, $0] - range.middle) > 8 * range.width }
    }
  }
}

/// The smallest and largest off-diagonal entries of some square matrices.
struct OffDiagonalRange {
  private(set) var least = Double.infinity
  private(set) var largest = -Double.infinity

  init(_ matrices: [Matrix]) {
    for matrix in matrices {
      let n = matrix.rows
      matrix.withUnsafeElements { elements in
        for i in 0..<n {
          for k in 0..<n where k != i {
            least = min(least, elements[i * n + k])
            largest = max(largest, elements[i * n + k])
          }
        }
      }
    }
  }

  /// The width of the range; 0 if there is only one point.
  var width: Double { least <= largest ? largest - least : 0 }
  var middle: Double { least <= largest ? least / 2 + largest / 2 : 0 }
  /// Whether the entries vary little relative to their size.
  var isOffset: Bool { abs(middle) > 8 * width }
}

extension DistanceGeometry {
  /// The distance matrix, if the geometry stores one.
  fileprivate var storedMatrix: Matrix? {
    switch self {
    case .symmetric(let matrix), .asymmetric(let matrix): matrix
    case .lattice(let lattice): lattice.matrix
    case .squaredEuclidean, .euclidean: nil
    }
  }

  /// Returns the geometry with a number subtracted from every distance.
  fileprivate func subtracting(_ offset: Double, from matrix: Matrix) -> DistanceGeometry {
    let rest = matrix.map { $0 - offset }
    if case .asymmetric = self { return .asymmetric(rest) }
    return .symmetric(rest)
  }
}
