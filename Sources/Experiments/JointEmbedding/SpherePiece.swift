import Foundation
import LinearAlgebra
import Pipeline

/// A part of the unit sphere, sampled from a Fibonacci lattice, with great-circle distances.
struct SpherePiece: Sendable {
  enum Form: Sendable {
    /// Longitudes below 108° within 34° of the equator, with a round hole.
    case rectangle
    /// A band around the pole.
    case cap
  }

  let form: Form
  /// The number of points of the whole sphere.
  let points: Int

  struct Sample {
    /// Unit vectors, n × 3.
    let positions: Matrix
    /// Great-circle distances in radians.
    let distances: Matrix
  }

  func sample() throws -> Sample {
    let golden = Double.pi * (3 - 5.0.squareRoot())
    var positions: [Double] = []
    for point in 0..<points {
      let z = 1 - (2 * Double(point) + 1) / Double(points)
      let longitude = golden * Double(point)
      let radius = (1 - z * z).squareRoot()
      let place = [radius * cos(longitude), radius * sin(longitude), z]
      if contains(place) { positions += place }
    }
    let matrix = Matrix(rows: positions.count / 3, columns: 3, elements: positions)
    try ExperimentError.requireMemory(
      matrices: 3, rows: matrix.rows, columns: matrix.rows, for: "a piece of a sphere of \(matrix.rows) points")
    return Sample(positions: matrix, distances: greatCircleDistances(matrix))
  }

  private func contains(_ place: [Double]) -> Bool {
    let colatitude = acos(place[2])
    switch form {
    case .rectangle:
      var longitude = atan2(place[1], place[0])
      if longitude < 0 { longitude += 2 * .pi }
      let hole = zip(place, [cos(0.95), sin(0.95), 0]).reduce(0) { $0 + $1.0 * $1.1 }
      return longitude < 0.6 * .pi && abs(colatitude - .pi / 2) < 0.6 && acos(min(hole, 1)) > 0.25
    case .cap:
      return colatitude > 0.25 && colatitude < 0.9
    }
  }
}

/// Returns the angles between unit vectors, n × 3.
func greatCircleDistances(_ points: Matrix) -> Matrix {
  // Half the chord is stable for small angles, unlike the arc cosine.
  squaredDistances(points, points).map { 2 * asin(min($0.squareRoot() / 2, 1)) }
}
