import Foundation
import LinearAlgebra

/// A globe as seen from far away.
struct GlobeView {
  /// Unit vectors of the view: to the viewer, to the right, and up.
  private let frame: [[Double]]
  /// The rotation of directions on the globe before they are drawn.
  private let turn: Matrix?

  /// The middle of longitudes 0…2π at a slightly northern latitude.
  static let front = (longitude: Double.pi, colatitude: 1.3)

  /// Creates a view from a direction, after an optional rotation of the globe by an orthogonal 3 × 3 matrix.
  init(facing: (longitude: Double, colatitude: Double), turn: Matrix? = nil) {
    let (u, v) = facing
    frame = [
      [sin(v) * cos(u), sin(v) * sin(u), cos(v)], [-sin(u), cos(u), 0], [-cos(v) * cos(u), -cos(v) * sin(u), sin(v)],
    ]
    self.turn = turn
  }

  static func direction(longitude u: Double, colatitude v: Double) -> [Double] {
    [sin(v) * cos(u), sin(v) * sin(u), cos(v)]
  }

  private static let side = 160

  /// Draws the front and the back of the globe side by side from an image of masses, whose rows are colatitudes and
  /// columns longitudes.
  ///
  /// Densities from the ninth decile on are black, and the sea is light gray.
  ///
  /// - Parameter image: the masses.
  /// - Returns: The ink of the picture.
  func picture(_ image: Matrix) -> Matrix {
    let density = Matrix(rows: image.rows, columns: image.columns) {
      image[$0, $1] / sin(Double.pi * (Double($0) + 0.5) / Double(image.rows))
    }
    // Single pixels near the poles would otherwise outshine all land.
    let land = density.elements.filter { $0 > 1e-3 * (density.elements.max() ?? 0) }.sorted()
    let largest = land.isEmpty ? 0 : land[land.count * 9 / 10]
    let side = Self.side
    return Matrix(rows: side, columns: 2 * side) { i, j in
      let isBack = j >= side
      let x = (Double(j % side) + 0.5) / Double(side) * 2.1 - 1.05
      let y = 1.05 - (Double(i) + 0.5) / Double(side) * 2.1
      let square = x * x + y * y
      guard square <= 1, largest > 0 else { return 0 }
      let depth = (1 - square).squareRoot()
      // Left and right change places on the back.
      let seen = (0..<3).map { axis in
        (isBack ? -depth : depth) * frame[0][axis] + (isBack ? -x : x) * frame[1][axis] + y * frame[2][axis]
      }
      let own = turn.map { turn in (0..<3).map { k in (0..<3).reduce(0) { $0 + turn[$1, k] * seen[$1] } } } ?? seen
      let colatitude = acos(min(max(own[2], -1), 1))
      let longitude = atan2(own[1], own[0])
      let row = min(Int(colatitude / .pi * Double(image.rows)), image.rows - 1)
      let column =
        Int((longitude < 0 ? longitude + 2 * .pi : longitude) / (2 * .pi) * Double(image.columns)) % image.columns
      return min(0.08 + 0.92 * density[row, column] / largest, 1)
    }
  }

  /// Returns the orthogonal matrix R that brings R z closest to x for a plan between directions z and x, the polar
  /// factor of Σ γ x zᵀ.
  ///
  /// It rotates a barycenter, which is only determined up to isometries, to the position of an input.
  ///
  /// - Parameter moment: Σ γ x zᵀ.
  /// - Returns: The matrix R; nil if it is not unique.
  static func alignment(_ moment: Matrix) -> Matrix? {
    // M = R S with S = (Mᵀ M)^½.
    guard let eigen = SymmetricEigen(moment.transposed * moment), let least = eigen.values.first, least > 1e-12 else {
      return nil
    }
    let inverse = Matrix(rows: 3, columns: 3) { i, j in
      (0..<3).reduce(0) { $0 + eigen.vectors[$1, i] * eigen.vectors[$1, j] / eigen.values[$1].squareRoot() }
    }
    return moment * inverse
  }
}
