import Datasets
import Documents
import Foundation
import LinearAlgebra
import Pipeline

/// Snapshots of particles, some of which move together while others come and go, and their images on a square of
/// pixels.
struct ParticleData: Sendable {
  private enum Origin: Sendable {
    case drawn(coherent: Int, noise: Int, snapshots: Int)
    case files(coherent: InputReference, noise: InputReference)
  }

  private let origin: Origin
  private let reach: Double
  /// The number of pixels along each side.
  let size: Int

  init(_ fields: Fields) throws(DocumentError) {
    if let generator = try fields.fields("generator", about: "drawn particles instead of files") {
      origin = .drawn(
        coherent: try generator.integer(
          "coherent", default: 12, in: 3...1000, about: "particles that move as a rigid body"),
        noise: try generator.integer(
          "noise", default: 3, in: 0...1000, about: "particles at new random positions in each snapshot"),
        snapshots: try generator.integer("snapshots", default: 4, in: 2...20, about: "the number of snapshots"))
    } else {
      origin = .files(
        coherent: try InputReference(
          try fields.fieldsOrEmpty(
            "coherent", about: "positions of the persistent particles, snapshots × particles × 2"),
          role: "data.coherent"),
        noise: try InputReference(
          try fields.fieldsOrEmpty(
            "noise", about: "positions of the particles that come and go, snapshots × particles × 2"),
          role: "data.noise"))
    }
    reach = try fields.positiveNumber("reach", default: 4, about: "images show [−reach, reach]²")
    size = try fields.integer("size", default: 100, in: 8...400, about: "pixels along each side of the images")
  }

  var inputs: [InputReference] { if case .files(let coherent, let noise) = origin { [coherent, noise] } else { [] } }

  struct Snapshots {
    /// The positions in each snapshot.
    let coherent: [Matrix]
    let noise: [Matrix]
    let raster: ParticleRaster
  }

  func load(_ context: RunContext, seed: Int) throws -> Snapshots {
    let snapshots = try loaded(context, seed: seed)
    guard context.relabeling.mirrors else { return snapshots }
    func mirrored(_ positions: Matrix) -> Matrix {
      Matrix(rows: positions.rows, columns: 2) { $1 == 0 ? positions[$0, 0] : -positions[$0, 1] }
    }
    return Snapshots(
      coherent: snapshots.coherent.map(mirrored), noise: snapshots.noise.map(mirrored), raster: snapshots.raster)
  }

  private func loaded(_ context: RunContext, seed: Int) throws -> Snapshots {
    let raster = ParticleRaster(size: size, reach: reach)
    switch origin {
    case .files(let coherent, let noise):
      let (first, second) = (try positions(coherent, context), try positions(noise, context))
      guard first.count == second.count, first.count >= 2 else {
        throw ExperimentError(
          description:
            """
            data.coherent has \(first.count) snapshots and data.noise \(second.count), but an equal number of at least \
            2 was expected
            """
        )
      }
      return Snapshots(coherent: first, noise: second, raster: raster)
    case .drawn(let coherent, let noise, let snapshots):
      var random = SeededGenerator(seed: UInt64(seed), stream: "particles")
      func cloud(_ count: Int, _ part: Double) -> Matrix {
        Matrix(rows: count, columns: 2) { _, _ in random.uniform(in: -part * reach...part * reach) }
      }
      let body = cloud(coherent, 0.5)
      let moved = (0..<snapshots).map { step in
        let (angle, x, y) = (0.5 * Double(step), 0.12 * reach * Double(step), 0.05 * reach * Double(step))
        return Matrix(rows: coherent, columns: 2) { row, axis in
          let (u, v) = (body[row, 0], body[row, 1])
          return axis == 0 ? cos(angle) * u - sin(angle) * v + x : sin(angle) * u + cos(angle) * v + y
        }
      }
      return Snapshots(coherent: moved, noise: (0..<snapshots).map { _ in cloud(noise, 0.95) }, raster: raster)
    }
  }

  private func positions(_ reference: InputReference, _ context: RunContext) throws -> [Matrix] {
    let path = context.path(reference)
    let array = try context.array(reference)
    guard array.shape.count == 3, array.shape[2] == 2, array.shape[1] > 0 else {
      throw DataError(
        .unfit, path: path, problem: "is \(array.shapeText), but positions (snapshots×particles×2) were expected")
    }
    if let bad = array.elements.firstIndex(where: { !$0.isFinite }) {
      throw DataError(
        .unfit, path: path,
        problem: "holds \(array.elements[bad]) at index \(bad) (from 0), but finite positions were expected")
    }
    let block = array.shape[1] * 2
    return (0..<array.shape[0]).map {
      Matrix(rows: array.shape[1], columns: 2, elements: Array(array.elements[$0 * block..<($0 + 1) * block]))
    }
  }
}

/// A square of pixels on [−reach, reach]², with the first row on top.
struct ParticleRaster: Sendable {
  let size: Int
  let reach: Double

  /// The distance between neighboring pixels.
  var step: Double { 2 * reach / Double(max(size - 1, 1)) }

  func position(_ pixel: Int) -> (x: Double, y: Double) {
    (-reach + step * Double(pixel % size), reach - step * Double(pixel / size))
  }

  /// Draws a sum of Gaussians with standard deviation 2 reach/size; values below 5e-4 of a peak are cut.
  func picture(_ points: Matrix) -> [Double] {
    let width = 2 * reach / Double(size)
    return (0..<size * size).map { pixel in
      let (x, y) = position(pixel)
      let sum = (0..<points.rows).reduce(0.0) { sum, row in
        let (dx, dy) = (points[row, 0] - x, points[row, 1] - y)
        return sum + exp(-(dx * dx + dy * dy) / (2 * width * width))
      }
      return sum < 5e-4 ? 0 : sum
    }
  }
}
