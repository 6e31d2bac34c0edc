import Glibc
import LinearAlgebra

/// An order of points that depends on their distances and weights but not on the order in which they are stored.
///
/// Random starts assign noise to ranks rather than indices, so that results do not depend on how the data are sorted.
/// Points are ranked by Σ_k D_ik w_k, and then by Σ_k D_ik w_k z_k with z a smooth function of the first sums. As
/// long as some points agree to 1e-9, as symmetric points do, one of them is *pinned*: distances to it count as well.
/// The choice of the pinned point does not matter, because a symmetry maps one choice to another. Points that still
/// agree after some pins keep their stored order.
///
/// - Complexity: two products of the distances with a vector, and two more per pin
struct CanonicalOrder {
  private static let mostPins = 32

  /// The rank of each point.
  let ranks: [Int]

  init(ranks: [Int]) { self.ranks = ranks }

  /// Ranks points by one number per point.
  init(labels: [Double]) {
    var ranks = [Int](repeating: 0, count: labels.count)
    for (rank, point) in Self.groups(labels).flatMap({ $0.sorted() }).enumerated() { ranks[point] = rank }
    self.ranks = ranks
  }

  /// Groups of points with equal labels, by increasing label.
  private static func groups(_ labels: [Double]) -> [[Int]] {
    let order = labels.indices.sorted { labels[$0] < labels[$1] }
    guard let first = order.first else { return [] }
    let tolerance = 1e-9 * labels.reduce(0) { max($0, abs($1)) }
    var groups = [[first]]
    for (before, point) in zip(order, order.dropFirst()) {
      if labels[point] - labels[before] <= tolerance {
        groups[groups.count - 1].append(point)
      } else {
        groups.append([point])
      }
    }
    return groups
  }

  /// Ranks the points of a space; the points of a lattice keep the order of the lattice.
  ///
  /// - Parameters:
  ///   - geometry: the distances.
  ///   - weights: the weights of the points.
  ///   - copies: how many consecutive copies each point stands for.
  init(_ geometry: DistanceGeometry, weights: [Double], copies: Int = 1) {
    if case .lattice = geometry {
      self.init(ranks: Array(0..<geometry.count * copies))
    } else {
      let ranks = CanonicalOrder(labels: Self.labels(geometry, weights)).ranks
      self.init(ranks: ranks.flatMap { rank in (0..<copies).map { rank * copies + $0 } })
    }
  }

  /// Labels each point by a number that does not depend on the order of the points.
  ///
  /// - Parameters:
  ///   - geometry: the distances.
  ///   - weights: the weights of the points.
  ///   - known: further numbers that characterize the points.
  /// - Returns: one label per point.
  static func labels(_ geometry: DistanceGeometry, _ weights: [Double], _ known: [Double]? = nil) -> [Double] {
    let largest = weights.max() ?? 1
    let shares = weights.map { largest > 0 ? $0 / largest : 0 }
    let operators = geometry.operators
    func sums(_ w: [Double]) -> [Double] {
      var result = [Double](repeating: 0, count: w.count)
      for (position, distances) in operators.enumerated() {
        var out = Matrix(rows: w.count, columns: 1)
        distances.apply(to: Matrix(rows: w.count, columns: 1, elements: w), into: &out)
        for (i, sum) in unit(out.elements).enumerated() { result[i] += sum / Double(1 + position) }
      }
      return result
    }
    func refined(_ labels: [Double]) -> [Double] {
      let far = sums(zip(shares, labels).map { $0 * cos(3 * $1) })
      return labels.indices.map { labels[$0] + 0.7 * far[$0] }
    }
    let (near, other) = (sums(shares), unit(known ?? [Double](repeating: 0, count: weights.count)))
    var result = refined(near.indices.map { near[$0] + 0.1 * shares[$0] + 0.3 * other[$0] })
    for _ in 0..<mostPins {
      guard let point = firstTied(result) else { break }
      let toPoint = sums(result.indices.map { $0 == point ? 1 : 0 })
      result = refined(result.indices.map { result[$0] + 0.9 * toPoint[$0] })
    }
    return result
  }

  /// The first stored point among the points of the lowest tied label.
  private static func firstTied(_ labels: [Double]) -> Int? {
    groups(labels).first { $0.count > 1 }?.min()
  }

  /// Divides the values by the largest magnitude.
  private static func unit(_ values: [Double]) -> [Double] {
    let largest = values.reduce(0) { max($0, abs($1)) }
    return largest > 0 ? values.map { $0 / largest } : values
  }
}

/// The canonical order of pairs of points of two spaces.
struct PairOrder {
  let rows: CanonicalOrder
  let columns: CanonicalOrder

  /// Draws a matrix of random numbers in canonical order, so that each number belongs to a pair of ranks.
  func drawn(_ draw: () -> Double) -> Matrix {
    let (n, m) = (rows.ranks.count, columns.ranks.count)
    let values = Matrix(rows: n, columns: m) { _, _ in draw() }
    return Matrix(rows: n, columns: m) { values[rows.ranks[$0], columns.ranks[$1]] }
  }
}
