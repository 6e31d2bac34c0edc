import LinearAlgebra

extension DistanceGeometry {
  /// Two geometries less what their distances have in common, of which the differences D1_ik − D2_jl know nothing.
  ///
  /// Squares of distances near 1e8 leave no digit for differences near 1. Where the distances between different points of both spaces lie in a
  /// range that is small against their size, its middle is taken off all entries of both matrices; the subtraction is exact. A diagonal of
  /// zeros then stands apart: D = D' − c I, which is what such spaces have in truth. Points keep their geometry, which holds coordinates.
  static func centred(_ source: DistanceGeometry, _ target: DistanceGeometry) -> (source: DistanceGeometry, target: DistanceGeometry) {
    guard let x = source.storedMatrix, let y = target.storedMatrix else { return (source, target) }
    let range = OffDiagonalRange([x, y])
    if !range.isOffset { return (source, target) }
    return (source.subtracting(range.middle, from: x), target.subtracting(range.middle, from: y))
  }

  /// Whether all points of both spaces are nearly as far from each other as any two, and not from themselves: all but a small part of a quadratic
  /// objective is then the same for every matching of points.
  static func areNearlyEquidistant(_ source: DistanceGeometry, _ target: DistanceGeometry) -> Bool {
    guard let x = source.storedMatrix, let y = target.storedMatrix else { return false }
    let range = OffDiagonalRange([x, y])
    return [x, y].allSatisfy { matrix in (0..<matrix.rows).allSatisfy { abs(matrix[$0, $0] - range.middle) > 8 * range.width } }
  }
}

/// The least and the largest entry beside the diagonals of some square matrices.
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

  /// 0 where there is but one point.
  var width: Double { least <= largest ? largest - least : 0 }
  var middle: Double { least <= largest ? least / 2 + largest / 2 : 0 }
  /// Whether the entries are alike in all but a small part.
  var isOffset: Bool { abs(middle) > 8 * width }
}

extension DistanceGeometry {
  /// The matrix, where distances are held as one.
  fileprivate var storedMatrix: Matrix? {
    switch self {
    case .symmetric(let matrix), .asymmetric(let matrix): matrix
    case .lattice(let lattice): lattice.matrix
    case .squaredEuclidean, .euclidean: nil
    }
  }

  /// The same geometry with a number taken off each of its distances.
  fileprivate func subtracting(_ offset: Double, from matrix: Matrix) -> DistanceGeometry {
    let rest = matrix.map { $0 - offset }
    if case .asymmetric = self { return .asymmetric(rest) }
    return .symmetric(rest)
  }
}
