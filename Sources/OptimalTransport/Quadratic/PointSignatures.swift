import Glibc
import LinearAlgebra

/// Coordinates of the points of a space that follow from its distances and weights alone, so that an isometry keeps them.
///
/// At first each point has its weight, its distance to itself, and the means of its distances and of their squares. *Pinning* a point adds the
/// distances to it and from it. After each of these the coordinates are refined twice: with z_k a fixed smooth function of the coordinates of point
/// k, the means of D_ik z_k and D_ik² z_k become coordinates of i. Points that the rest of the space tells apart come to differ, as colors do in
/// the refinement by Weisfeiler and Leman (1968); in place of colors these are numbers that change little with the distances.
///
/// Each refinement sees one step further, which is too short in networks of which most entries are 0. Hence walks count as well: with T = D diag(w), its rows
/// divided by their sums of magnitudes and by a little more, G = Σ_k T^k has in row i and column p all walks from i to p. Its diagonal is a coordinate, and
/// pinning p adds its row and column.
struct PointSignatures {
  /// Off the diagonal, less what the distances of both spaces have in common; 0 on it.
  private let distances: Matrix
  private let isSymmetric: Bool
  /// Of mass 1.
  private let shares: [Double]
  /// G; none for many points, since it takes products of matrices.
  private let walks: Matrix?
  /// One array a coordinate, of as many numbers as there are points.
  private(set) var coordinates: [[Double]] = []

  /// The weights of coordinates in z, drawn once.
  private static let weights: [Double] = {
    var random = SeededGenerator(seed: 1, stream: "signatures")
    return (0..<512).map { _ in random.uniform(in: 1...3) }
  }()

  /// - Parameters:
  ///   - distances: a square matrix.
  ///   - offset: what is taken off its entries beside the diagonal.
  ///   - origin: what is taken off its diagonal.
  ///   - scale: in units of which coordinates are given.
  init(_ distances: Matrix, weights: [Double], offset: Double, origin: Double, scale: Double, isSymmetric: Bool) {
    let total = compensatedSum(weights)
    let n = weights.count
    shares = weights.map { $0 / total }
    self.isSymmetric = isSymmetric
    self.distances = Matrix(rows: n, columns: n) { $0 == $1 ? 0 : (distances[$0, $1] - offset) / scale }
    walks = n <= Self.mostWalkers ? Self.walks(self.distances, shares) : nil
    let heaviest = shares.max() ?? 1
    // Beyond some size it only matters that diagonals differ.
    let diagonal = (0..<n).map { min(max((distances[$0, $0] - origin) / scale, -1e3), 1e3) }
    coordinates = [shares.map { $0 / heaviest }, diagonal]
    if let walks { coordinates.append((0..<n).map { walks[$0, $0] }) }
    add(means: shares)
    refine()
  }

  /// The coordinates once a point is told from all others.
  func pinning(_ point: Int) -> PointSignatures {
    var result = self
    let n = shares.count
    result.coordinates.append((0..<n).map { $0 == point ? 2 : 0 })
    result.coordinates.append((0..<n).map { distances[$0, point] })
    if !isSymmetric { result.coordinates.append((0..<n).map { distances[point, $0] }) }
    if let walks {
      result.coordinates.append((0..<n).map { walks[$0, point] })
      if !isSymmetric { result.coordinates.append((0..<n).map { walks[point, $0] }) }
    }
    result.refine()
    return result
  }

  private static let mostWalkers = 500
  /// What T's rows sum to, and the power of two beyond which its powers are below 1e-8.
  private static let decay = 0.98
  private static let doublings = 10

  /// G = (I + T)(I + T²)(I + T⁴)…
  private static func walks(_ distances: Matrix, _ shares: [Double]) -> Matrix {
    let n = shares.count
    let sums = distances.map(abs) * shares
    var power = Matrix(rows: n, columns: n) { sums[$0] > 0 ? decay * distances[$0, $1] * shares[$1] / sums[$0] : 0 }
    var sum = Matrix(rows: n, columns: n) { ($0 == $1 ? 1 : 0) + power[$0, $1] }
    for _ in 1..<doublings {
      power = power * power
      let next = sum * power
      sum = Matrix(rows: n, columns: n, elements: zip(sum.elements, next.elements).map { $0 + $1 })
    }
    return sum
  }

  /// One number a point: equal coordinates give equal numbers, and others different ones but for accidents.
  var labels: [Double] {
    var sums = [Double](repeating: 0, count: shares.count)
    for (position, coordinate) in coordinates.enumerated() {
      let weight = Self.weights[position % Self.weights.count]
      for k in sums.indices { sums[k] += weight * coordinate[k] }
    }
    return sums
  }

  private mutating func refine() {
    for round in 0..<2 {
      let colors = labels.map { cos(Double(1 + round) + $0) }
      add(means: zip(shares, colors).map { $0 * $1 })
    }
  }

  /// The sums of D_ik w_k and D_ik² w_k, and of D_ki w_k where distances go one way.
  private mutating func add(means w: [Double]) {
    let n = w.count
    var (plain, squared) = ([Double](repeating: 0, count: n), [Double](repeating: 0, count: n))
    var backward = [Double](repeating: 0, count: n)
    distances.withUnsafeElements { d in
      for i in 0..<n {
        for k in 0..<n {
          let distance = d[i * n + k]
          plain[i] += distance * w[k]
          squared[i] += distance * distance * w[k]
          backward[k] += distance * w[i]
        }
      }
    }
    coordinates += isSymmetric ? [plain, squared] : [plain, squared, backward]
  }
}
