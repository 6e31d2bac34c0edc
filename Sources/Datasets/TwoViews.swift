import Foundation
import LinearAlgebra

/// A generated pair of measurements of the same cells, which stands in for two single-cell modalities: the cells lie on a shape in the plane, and each
/// modality sees it through its own smooth non-linear features, with noise.
///
/// Row i is the same cell in both views. Everything follows from the seed.
public struct TwoViews: Sendable {
  /// Where the cells lie.
  public enum Shape: String, Sendable, CaseIterable {
    /// A trunk and three unequal arms; no symmetry maps it to itself, so that distances alone tell the arms apart. Labels are the arms.
    case branchingTree = "branching-tree"
    /// Five discs of unequal sizes and masses at random places. Labels are the discs.
    case blobs
    /// A segment along which cells thin out: nothing but their density tells its ends apart. Labels are its quarters.
    case line
    /// A sheet, which the first modality sees rolled up in space. Labels are its quarters along the roll.
    case roll
  }

  /// n×12 features, n×3 for a roll.
  public let first: Matrix
  /// n×9 features.
  public let second: Matrix
  /// 1, 2, …: the part of the shape that a cell lies on.
  public let labels: [Int]

  /// - Parameters:
  ///   - cells: n ≥ 8.
  ///   - noise: standard deviation of the noise on each feature, whose own spread is about 1.
  ///   - depth: when positive, features become positive (their exponentials), and each row of each modality is multiplied by its own log-normal
  ///     factor with this standard deviation of the logarithm: sequencing depth, which the modalities don't share.
  ///   - seed: the seed of everything drawn.
  public init(_ shape: Shape, cells: Int, noise: Double, depth: Double = 0, seed: UInt64) {
    precondition(cells >= 8 && noise >= 0 && depth >= 0, "a shape needs 8 cells, and noise and depth that are not negative")
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
      shape == .roll ? Self.rolled(points, noise, &random) : Self.view(points, features: 12, bend: 0.35, noise: noise, random: &random)
    let y = Self.view(points, features: 9, bend: 0.6, noise: noise, random: &random)
    first = Self.deepened(x, depth, &random)
    second = Self.deepened(y, depth, &random)
  }

  private typealias Point = (Double, Double)

  /// The tree's straight arms given by their ends; cells are spread over them by length.
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
    // Centres that keep a distance from each other, drawn until they do.
    var centres: [Point] = []
    while centres.count < shares.count {
      let centre = (4 * random.uniform(), 4 * random.uniform())
      if centres.allSatisfy({ hypot($0.0 - centre.0, $0.1 - centre.1) > 1.2 }) { centres.append(centre) }
    }
    let radii = shares.indices.map { _ in random.uniform(in: 0.1...0.35) }
    var (points, labels): ([Point], [Int]) = ([], [])
    for cell in 0..<cells {
      var (rest, blob) = ((Double(cell) + 0.5) / Double(cells), 0)
      while blob < shares.count - 1, rest > shares[blob] {
        rest -= shares[blob]
        blob += 1
      }
      points.append((centres[blob].0 + radii[blob] * random.normal(), centres[blob].1 + radii[blob] * random.normal()))
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

  /// The sheet along an Archimedean spiral with room for the width, at unit speed.
  private static func rolled(_ points: [Point], _ noise: Double, _ random: inout SeededGenerator) -> Matrix {
    let coordinates = points.map { point -> [Double] in
      // A turn and a half; the arc's length grows with the square of the angle.
      let angle = (4 + 16 * point.0).squareRoot()
      return [0.2 * angle * cos(angle), point.1, 0.2 * angle * sin(angle)]
    }
    return Matrix(rows: points.count, columns: 3) { coordinates[$0][$1] + 0.3 * noise * random.normal() }
  }

  /// Features w·p + bend·sin(q·p + φ). The directions w are spread evenly over the half circle, so that the linear part keeps distances;
  /// the bends are random.
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
