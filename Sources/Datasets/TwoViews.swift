import Foundation
import LinearAlgebra

/// Generated measurements of the same cells in two modalities, a stand-in for single-cell data.
///
/// The cells lie on a shape in the plane. Each modality sees it through smooth nonlinear features of its own, with
/// noise. Row i is the same cell in both views, and the seed determines everything.
public struct TwoViews: Sendable {
  /// The shape on which the cells lie.
  public enum Shape: String, Sendable, CaseIterable {
    /// A trunk and three unequal arms without symmetry, so that distances alone tell the arms apart; labels are the
    /// arms.
    case branchingTree = "branching-tree"
    /// Five discs of unequal sizes and masses at random places; labels are the discs.
    case blobs
    /// A segment along which the density falls, so that only density tells its ends apart; labels are its quarters.
    case line
    /// A sheet that the first modality sees rolled up in space; labels are its quarters along the roll.
    case roll
  }

  /// The features of the first modality, n × 12, or n × 3 for a roll.
  public let first: Matrix
  /// The features of the second modality, n × 9.
  public let second: Matrix
  /// The part of the shape that each cell lies on, counted from 1.
  public let labels: [Int]

  /// Generates the data.
  ///
  /// - Parameters:
  ///   - shape: the shape on which the cells lie.
  ///   - cells: the number of cells n, at least 8.
  ///   - noise: the standard deviation of the noise on each feature; a feature's own spread is about 1.
  ///   - depth: if positive, features are exponentiated, and each row of each modality is multiplied by a log-normal
  ///     factor whose logarithm has this standard deviation. It models sequencing depth, which the modalities do not
  ///     share.
  ///   - seed: the seed of all random numbers.
  public init(_ shape: Shape, cells: Int, noise: Double, depth: Double = 0, seed: UInt64) {
    precondition(
      cells >= 8 && noise >= 0 && depth >= 0, "a shape needs 8 cells, and noise and depth that are not negative")
    var random = SeededGenerator(seed: seed, stream: shape.rawValue)
    var points: [Point] = []
    (points, labels) =
      switch shape {
      case .branchingTree: Self.tree(cells, &random)
      case .blobs: Self.blobs(cells, &random)
      case .line: Self.line(cells, &random)
      case .roll: Self.sheet(cells, &random)
      }
    let x =
      shape == .roll
      ? Self.rolled(points, noise, &random) : Self.view(points, features: 12, bend: 0.35, noise: noise, random: &random)
    let y = Self.view(points, features: 9, bend: 0.6, noise: noise, random: &random)
    first = Self.deepened(x, depth, &random)
    second = Self.deepened(y, depth, &random)
  }

  private typealias Point = (Double, Double)

  /// The straight arms of a tree, given by their ends; cells are spread over them by length.
  private static func tree(_ cells: Int, _ random: inout SeededGenerator) -> ([Point], [Int]) {
    let arms: [(from: Point, to: Point)] = [
      ((0, 0), (2.0, 0)), ((2.0, 0), (3.6, 1.2)), ((2.0, 0), (2.6, -0.8)), ((3.6, 1.2), (3.4, 3.4)),
    ]
    let lengths = arms.map { hypot($0.to.0 - $0.from.0, $0.to.1 - $0.from.1) }
    let total = lengths.reduce(0, +)
    var points: [Point] = []
    var labels: [Int] = []
    for cell in 0..<cells {
      var position = total * (Double(cell) + random.uniform()) / Double(cells)
      var arm = 0
      while arm < lengths.count - 1, position > lengths[arm] {
        position -= lengths[arm]
        arm += 1
      }
      let (from, to) = arms[arm]
      let along = min(1, position / lengths[arm])
      let jitter = (0.05 * random.normal(), 0.05 * random.normal())
      points.append((from.0 + along * (to.0 - from.0) + jitter.0, from.1 + along * (to.1 - from.1) + jitter.1))
      labels.append(arm + 1)
    }
    return (points, labels)
  }

  private static func blobs(_ cells: Int, _ random: inout SeededGenerator) -> ([Point], [Int]) {
    let shares = [0.36, 0.25, 0.18, 0.13, 0.08]
    // Centers are drawn until they keep a distance from each other.
    var centers: [Point] = []
    while centers.count < shares.count {
      let center = (4 * random.uniform(), 4 * random.uniform())
      if centers.allSatisfy({ hypot($0.0 - center.0, $0.1 - center.1) > 1.2 }) { centers.append(center) }
    }
    let radii = shares.indices.map { _ in random.uniform(in: 0.1...0.35) }
    var (points, labels): ([Point], [Int]) = ([], [])
    for cell in 0..<cells {
      var (rest, blob) = ((Double(cell) + 0.5) / Double(cells), 0)
      while blob < shares.count - 1, rest > shares[blob] {
        rest -= shares[blob]
        blob += 1
      }
      points.append((centers[blob].0 + radii[blob] * random.normal(), centers[blob].1 + radii[blob] * random.normal()))
      labels.append(blob + 1)
    }
    return (points, labels)
  }

  private static func line(_ cells: Int, _ random: inout SeededGenerator) -> ([Point], [Int]) {
    var (points, labels): ([Point], [Int]) = ([], [])
    for cell in 0..<cells {
      let along = pow((Double(cell) + random.uniform()) / Double(cells), 1.8)
      points.append((4 * along, 0.05 * random.normal()))
      labels.append(min(3, Int(4 * along)) + 1)
    }
    return (points, labels)
  }

  private static func sheet(_ cells: Int, _ random: inout SeededGenerator) -> ([Point], [Int]) {
    var (points, labels): ([Point], [Int]) = ([], [])
    for _ in 0..<cells {
      let along = pow(random.uniform(), 1.4)
      points.append((4 * along, 1.2 * random.uniform()))
      labels.append(min(3, Int(4 * along)) + 1)
    }
    return (points, labels)
  }

  /// The sheet along an Archimedean spiral at unit speed, with the width as the third axis.
  private static func rolled(_ points: [Point], _ noise: Double, _ random: inout SeededGenerator) -> Matrix {
    let coordinates = points.map { point -> [Double] in
      // A turn and a half; the arc length grows with the square of the angle.
      let angle = (4 + 16 * point.0).squareRoot()
      return [0.2 * angle * cos(angle), point.1, 0.2 * angle * sin(angle)]
    }
    return Matrix(rows: points.count, columns: 3) { coordinates[$0][$1] + 0.3 * noise * random.normal() }
  }

  /// Returns features w·p + bend·sin(q·p + φ) of points p.
  ///
  /// The directions w are spread evenly over a half circle, so that the linear part keeps distances; the bends are
  /// random.
  private static func view(
    _ points: [Point], features: Int, bend: Double, noise: Double, random: inout SeededGenerator
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

  private static func deepened(_ features: Matrix, _ depth: Double, _ random: inout SeededGenerator) -> Matrix {
    guard depth > 0 else { return features }
    let factors = (0..<features.rows).map { _ in exp(depth * random.normal()) }
    return Matrix(rows: features.rows, columns: features.columns) { factors[$0] * exp(0.5 * features[$0, $1]) }
  }
}
