import LinearAlgebra
import OptimalTransport
import Pipeline

/// Points drawn from the unit square, with the network of their distances.
struct DrawnNetwork {
  let points: Matrix
  let distances: Matrix

  init(points count: Int, seed: Int, stream: String) {
    var random = SeededGenerator(seed: UInt64(seed), stream: stream)
    self.init(points: Matrix(rows: count, columns: 2) { _, _ in random.uniform() })
  }

  /// Returns the network with its points renumbered.
  func relabeled(_ relabeling: Relabeling, _ stream: String) -> DrawnNetwork {
    DrawnNetwork(points: points.selectingRows(relabeling.order(points.rows, stream)))
  }

  init(points: Matrix) {
    self.points = points
    distances = squaredDistances(points, points).map { max($0, 0).squareRoot() }
  }

  func network(_ weights: [Double]? = nil, squared: Bool = false) throws -> Hypernetwork {
    try .network(.dense(squared ? distances.map { $0 * $0 } : distances), weights: weights)
  }
}
