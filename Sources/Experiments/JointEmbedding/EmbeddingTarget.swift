import Documents
import Foundation
import Learning
import LinearAlgebra
import OptimalTransport

/// The space that two others are embedded into, with its distances and where they lie.
struct EmbeddingTarget: Sendable {
  enum Surface: String, CaseIterable, Sendable { case plane, sphere, torus }

  let surface: Surface
  /// Points a side.
  let grid: Int
  /// Of the plane's square, where distances within the spaces are at most 1.
  let extent: Double
  /// Nodes along each circle of the torus.
  let nodes: Int

  init(_ params: Fields) throws(DocumentError) {
    let fields = try params.fieldsOrEmpty("target", about: "the space that both are embedded into")
    surface = try fields.choice("surface", default: .plane, about: "a square of the plane, a unit sphere, or a torus of radii 1 and 0.4")
    grid = try fields.integer("grid", default: 30, in: 4...200, about: "points a side")
    extent = surface == .plane ? try fields.positiveNumber("extent", default: 1.14, about: "of the square; distances are at most 1") : 1
    nodes =
      surface == .torus
      ? try fields.integer("nodes", default: 120, in: 12...400, about: "of the torus along each circle, that paths run through") : 0
    if surface == .torus, nodes % grid != 0 {
      throw fields.error("nodes", "is \(nodes), but a multiple of grid (\(grid)) was expected")
    }
  }

  /// What distances of the spaces are divided by: in the plane each by its own largest, on a surface all by the surface's diameter, since the
  /// surface has a size of its own.
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

  /// Coordinates of the target's points.
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
            2 * Double.pi * (Double(point / grid) + 0.5) / Double(grid), Double.pi * (Double(point % grid) + 0.5) / Double(grid)
          )
          return [sin(v) * cos(u), sin(v) * sin(u), cos(v)]
        })
    case .torus:
      guard let torus else { preconditionFailure("a target torus is loaded before it is used") }
      let stride = nodes / grid
      return torus.positions((0..<count).map { Torus.Node(u: $0 / grid * stride, v: $0 % grid * stride) })
    }
  }

  /// Where a plan sends each point: the mean of the target's coordinates, on a surface put back onto it.
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

  /// The target's distances between images, in its own unit: of the plane, radians, or of the torus.
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
