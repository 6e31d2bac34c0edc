import Foundation
import LinearAlgebra
import OptimalTransport

/// A sequence of transfer operators between images, of which only some pixels take part.
struct ParticleTransfer {
  let operators: [TransferOperator]
  /// The pixels of each snapshot that take part.
  let pixels: [[Int]]
  let raster: ParticleRaster

  /// Pushes an image of the first snapshot to all snapshots.
  func push(_ picture: [Double]) -> [[Double]] {
    var values = pixels[0].map { picture[$0] }
    var pictures = [spread(values, 0)]
    for (step, transfer) in operators.enumerated() {
      values = transfer.push(values)
      pictures.append(spread(values, step + 1))
    }
    return pictures
  }

  private func spread(_ values: [Double], _ step: Int) -> [Double] {
    var picture = [Double](repeating: 0, count: raster.size * raster.size)
    for (pixel, value) in zip(pixels[step], values) { picture[pixel] = value }
    return picture
  }

  /// Returns the distance in pixels between the center of each particle's pushed mass and its position in the last
  /// snapshot; for a lost particle it is the width of the image.
  func errors(from first: Matrix, to last: Matrix) -> [Double] {
    (0..<first.rows).map { particle in
      let own = push(raster.picture(first.selectingRows([particle]))).last ?? []
      let mass = own.reduce(0, +)
      guard mass > 0 else { return Double(raster.size) }
      var (x, y) = (0.0, 0.0)
      for (pixel, value) in own.enumerated() where value > 0 {
        let place = raster.position(pixel)
        x += value * place.x / mass
        y += value * place.y / mass
      }
      return min(hypot(x - last[particle, 0], y - last[particle, 1]) / raster.step, Double(raster.size))
    }
  }

  /// Returns Σ min of two images with sum 1.
  static func overlap(_ a: [Double], _ b: [Double]) -> Double {
    let (first, second) = (a.reduce(0, +), b.reduce(0, +))
    guard first > 0, second > 0 else { return 0 }
    return zip(a, b).reduce(0) { $0 + min($1.0 / first, $1.1 / second) }
  }
}

/// Groups particles by their direction from the center, so that colors can tell them apart.
struct ParticleGroups {
  let count = 6
  private let group: [Int]

  init(_ positions: Matrix) {
    let middle = positions.columnSums.map { $0 / Double(positions.rows) }
    group = (0..<positions.rows).map { row in
      let turn = atan2(positions[row, 1] - middle[1], positions[row, 0] - middle[0]) / (2 * .pi) + 0.5
      return min(Int(turn * 6), 5)
    }
  }

  func members(_ index: Int) -> [Int] { group.indices.filter { group[$0] == index } }
}
