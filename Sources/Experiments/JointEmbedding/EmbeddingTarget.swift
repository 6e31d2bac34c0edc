import Documents
import Foundation
import Learning
import LinearAlgebra
import OptimalTransport

/// The space that two others are embedded into, with its distances and coordinates.
struct EmbeddingTarget: Sendable {
  enum Surface: String, CaseIterable, Sendable { case plane, sphere, torus }

  let surface: Surface
  /// The number of points along each side.
  let grid: Int
  /// The side of the plane's square; distances within the spaces are at most 1.
  let extent: Double
  /// The number of nodes along each circle of the torus.
  let nodes: Int

  init(_ params: Fields) throws(DocumentError) {
    let fields = try params.fieldsOrEmpty("target", about: "the space into which both are embedded")
    surface = try fields.choice(
      "surface", default: .plane,
      about: "the target: a square of the plane, a unit sphere, or a torus with radii 1 and 0.4")
    grid = try fields.integer("grid", default: 30, in: 4...200, about: "points along each side")
    extent =
      surface == .plane
      ? try fields.positiveNumber(
        "extent", default: 1.14, about: "the side of the square; distances in the spaces are at most 1") : 1
    nodes =
      surface == .torus
      ? try fields.integer(
        "nodes", default: 120, in: 12...400, about: "nodes of the torus along each circle, through which paths run") : 0
    if surface == .torus, nodes % grid != 0 {
      throw fields.error("nodes", "is \(nodes), but a multiple of grid (\(grid)) was expected")
    }
  }

  /// Returns the divisor of a space's distances: in the plane its own largest distance, on a surface the surface's
  /// diameter.
  func unit(_ space: EmbeddingSpace, torus: Torus?) -> Double {
    switch surface {
    case .plane: space.distances.elements.max() ?? 1
    case .sphere: .pi
    case .torus: torus?.diameter ?? 1
    }
  }

  func distances(torus: Torus?) throws -> LatticeDistances {
    switch surface {
    case .plane: return try .pixels(rows: grid, columns: grid, unit: extent / Double(grid - 1))
    case .sphere: return try .globe(meridians: grid, parallels: grid)
    case .torus:
      guard let torus else { preconditionFailure("a target torus is loaded before it is used") }
      return try torus.lattice(side: grid)
    }
  }

  /// Returns the coordinates of the target's points.
  func places(torus: Torus?) -> Matrix {
    let count = grid * grid
    switch surface {
    case .plane:
      let step = extent / Double(grid - 1)
      return Matrix(rows: count, columns: 2) { point, axis in step * Double(axis == 0 ? point % grid : point / grid) }
    case .sphere:
      return Matrix(
        rows: count, columns: 3,
        elements: (0..<count).flatMap { point in
          let (u, v) = (
            2 * Double.pi * (Double(point / grid) + 0.5) / Double(grid),
            Double.pi * (Double(point % grid) + 0.5) / Double(grid)
          )
          return [sin(v) * cos(u), sin(v) * sin(u), cos(v)]
        })
    case .torus:
      guard let torus else { preconditionFailure("a target torus is loaded before it is used") }
      let stride = nodes / grid
      return torus.positions((0..<count).map { Torus.Node(u: $0 / grid * stride, v: $0 % grid * stride) })
    }
  }

  /// Returns the mean target coordinates of each point under a plan, projected back to the surface.
  func images(_ plan: Coupling, places: Matrix, torus: Torus?) -> Matrix {
    let means = plan.barycentricProjection(onto: places)
    switch surface {
    case .plane: return means
    case .sphere:
      return Matrix(
        rows: means.rows, columns: 3,
        elements: (0..<means.rows).flatMap { row in
          let length = max(means[row: row].reduce(0) { $0 + $1 * $1 }.squareRoot(), .leastNormalMagnitude)
          return means[row: row].map { $0 / length }
        })
    case .torus:
      guard let torus else { preconditionFailure("a target torus is loaded before it is used") }
      return torus.positions((0..<means.rows).map { torus.nearest(to: means[row: $0]) })
    }
  }

  /// Returns the target's distances between images, in its own unit (radians on a sphere).
  func distances(among images: Matrix, torus: Torus?) -> Matrix {
    switch surface {
    case .plane: return squaredDistances(images, images).map { $0.squareRoot() }
    case .sphere: return greatCircleDistances(images)
    case .torus:
      guard let torus else { preconditionFailure("a target torus is loaded before it is used") }
      return torus.distances((0..<images.rows).map { torus.nearest(to: images[row: $0]) })
    }
  }
}
