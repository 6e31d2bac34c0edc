import Foundation
import LinearAlgebra

/// A generated pair of measurements of the same cells, which stands in for two single-cell modalities: the cells lie on a branching tree
/// of unequal arms, and each modality sees the tree through its own smooth non-linear features, with noise.
///
/// Row i is the same cell in both views; labels are the arms. Everything follows from the seed.
public struct BranchingTree: Sendable {
  /// n×12 features.
  public let first: Matrix
  /// n×9 features.
  public let second: Matrix
  /// 1 is the trunk, then the arms.
  public let labels: [Int]

  /// The tree in the plane: straight arms given by their ends; no symmetry maps it to itself, so that distances alone tell the arms apart.
  private static let arms: [(from: (Double, Double), to: (Double, Double))] = [
    ((0, 0), (2.0, 0)), ((2.0, 0), (3.6, 1.2)), ((2.0, 0), (2.6, -0.8)), ((3.6, 1.2), (3.4, 3.4)),
  ]

  /// - Parameters:
  ///   - cells: n ≥ 8; they are spread over the arms by length.
  ///   - noise: standard deviation of the noise on each feature, whose own spread is about 1.
  ///   - seed: the seed of everything drawn.
  public init(cells: Int, noise: Double, seed: UInt64) {
    precondition(cells >= 8 && noise >= 0, "a branching tree needs 8 cells and noise that is not negative")
    var random = SeededGenerator(seed: seed, stream: "branching-tree")
    let lengths = Self.arms.map { hypot($0.to.0 - $0.from.0, $0.to.1 - $0.from.1) }
    let total = lengths.reduce(0, +)
    var points: [(Double, Double)] = []
    var labels: [Int] = []
    for cell in 0..<cells {
      var position = total * (Double(cell) + random.uniform()) / Double(cells)
      var arm = 0
      while arm < lengths.count - 1, position > lengths[arm] {
        position -= lengths[arm]
        arm += 1
      }
      let (from, to) = Self.arms[arm]
      let along = min(1, position / lengths[arm])
      let jitter = (0.05 * random.normal(), 0.05 * random.normal())
      points.append((from.0 + along * (to.0 - from.0) + jitter.0, from.1 + along * (to.1 - from.1) + jitter.1))
      labels.append(arm + 1)
    }
    self.labels = labels
    first = Self.view(points, features: 12, bend: 0.35, noise: noise, random: &random)
    second = Self.view(points, features: 9, bend: 0.6, noise: noise, random: &random)
  }

  /// Features w·p + bend·sin(q·p + φ). The directions w are spread evenly over the half circle, so that the linear part keeps distances;
  /// the bends are random.
  private static func view(
    _ points: [(Double, Double)], features: Int, bend: Double, noise: Double, random: inout SeededGenerator
  ) -> Matrix {
    let turn = random.uniform(in: 0...Double.pi)
    let maps = (0..<features).map { k in
      let angle = turn + .pi * Double(k) / Double(features)
      return (
        w: (cos(angle), sin(angle)), q: (random.normal(), random.normal()), phase: random.uniform(in: 0...(2 * .pi))
      )
    }
    return Matrix(rows: points.count, columns: features) { i, k in
      let (x, y) = points[i]
      let map = maps[k]
      return map.w.0 * x + map.w.1 * y + bend * sin(map.q.0 * x + map.q.1 * y + map.phase) + noise * random.normal()
    }
  }
}
