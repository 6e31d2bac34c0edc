import Foundation
import Learning
import LinearAlgebra
import Pipeline

/// A rectangle of length 1 and height ½, sampled and bent in space without stretching, which an embedding into the
/// plane can unroll.
struct BentRectangle: Sendable {
  enum Form: Sendable { case sBend, roll }

  let form: Form
  let hasHole: Bool
  let points: Int

  private static let height = 0.5
  private static let hole = (x: 0.5, y: 0.25, radius: 0.11)

  struct Sample {
    /// The positions in the rectangle, n × 2.
    let chart: Matrix
    /// The positions in space, n × 3.
    let positions: Matrix
    /// The path lengths in a graph that joins nearby points of the rectangle, with edge lengths measured in space.
    let distances: Matrix
  }

  func sample(seed: UInt64, stream: String) throws -> Sample {
    try ExperimentError.requireMemory(
      matrices: 3, rows: points, columns: points, for: "a rectangle of \(points) points")
    var random = SeededGenerator(seed: seed, stream: stream)
    let chart = spread(&random)
    let positions = Matrix(rows: points, columns: 3) { point, axis in
      let (x, z) = curve(chart[point, 0])
      return axis == 0 ? x : axis == 1 ? chart[point, 1] : z
    }
    // About twenty neighbors for each point, whatever the number of points.
    let area = Self.height - (hasHole ? .pi * Self.hole.radius * Self.hole.radius : 0)
    let reach = 20 * area / (.pi * Double(points))
    var edges: [(first: Int, second: Int, length: Double)] = []
    for i in 0..<points {
      for j in 0..<i where squaredDistance(chart[row: i], chart[row: j]) <= reach && !crossesHole(chart, i, j) {
        edges.append((i, j, squaredDistance(positions[row: i], positions[row: j]).squareRoot()))
      }
    }
    do {
      return Sample(
        chart: chart, positions: positions,
        distances: try WeightedGraph(count: points, edges: edges).shortestPathLengths())
    } catch {
      throw ExperimentError(description: "\(points) points of a bent rectangle are too few for a connected graph")
    }
  }

  /// Draws points far apart: each is the one of eight candidates that is farthest from the previous points.
  private func spread(_ random: inout SeededGenerator) -> Matrix {
    var chart = Matrix(rows: points, columns: 2)
    for point in 0..<points {
      var best = (distance: -1.0, x: 0.0, y: 0.0)
      for _ in 0..<8 {
        var (x, y) = (0.0, 0.0)
        repeat { (x, y) = (random.uniform(), Self.height * random.uniform()) } while isInHole(x, y)
        var nearest = Double.infinity
        for other in 0..<point {
          let (dx, dy) = (chart[other, 0] - x, chart[other, 1] - y)
          nearest = min(nearest, dx * dx + dy * dy)
        }
        if nearest > best.distance { best = (nearest, x, y) }
      }
      (chart[point, 0], chart[point, 1]) = (best.x, best.y)
    }
    return chart
  }

  private func isInHole(_ x: Double, _ y: Double) -> Bool {
    hasHole && hypot(x - Self.hole.x, y - Self.hole.y) < Self.hole.radius
  }

  private func crossesHole(_ chart: Matrix, _ i: Int, _ j: Int) -> Bool {
    guard hasHole else { return false }
    let (dx, dy) = (chart[j, 0] - chart[i, 0], chart[j, 1] - chart[i, 1])
    let square = max(dx * dx + dy * dy, .leastNormalMagnitude)
    let along = ((Self.hole.x - chart[i, 0]) * dx + (Self.hole.y - chart[i, 1]) * dy) / square
    let t = min(max(along, 0), 1)
    return isInHole(chart[i, 0] + t * dx, chart[i, 1] + t * dy)
  }

  /// Returns the point at arc length s of the curve of length 1 that the long side follows.
  private func curve(_ s: Double) -> (x: Double, z: Double) {
    switch form {
    case .sBend:
      // Two arcs of three quarters of a circle each.
      let radius = 1 / (3 * Double.pi)
      let t = (s - 0.5) / radius
      return (radius * sin(t), radius * (t < 0 ? -1 : 1) * (cos(t) - 1))
    case .roll:
      // Archimedes' spiral r = t from 1.5π to 4.5π.
      func length(_ t: Double) -> Double { (t * (1 + t * t).squareRoot() + asinh(t)) / 2 }
      let (first, last) = (1.5 * Double.pi, 4.5 * Double.pi)
      let scale = 1 / (length(last) - length(first))
      var (low, high) = (first, last)
      for _ in 0..<60 {
        let middle = (low + high) / 2
        if (length(middle) - length(first)) * scale < s { low = middle } else { high = middle }
      }
      return (scale * low * cos(low), scale * low * sin(low))
    }
  }
}
