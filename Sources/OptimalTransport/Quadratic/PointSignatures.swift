import Glibc
import LinearAlgebra

/// Coordinates of the points of a space that depend only on its distances and weights, so that isometries preserve
/// them.
///
/// Initially each point has its weight, its distance to itself, and the means of its distances and squared distances.
/// *Pinning* a point adds the distances to it and from it. After each of these steps the coordinates are refined
/// twice: with z_k a fixed smooth function of the coordinates of point k, the means of D_ik z_k and D_ik² z_k become
/// coordinates of i. This separates points that the rest of the space can distinguish, like the color refinement of
/// Weisfeiler and Leman (1968), but with numbers that depend smoothly on the distances in place of colors.
///
/// Each refinement extends the range by one step, which is too little in sparse networks. Therefore walks are counted
/// as well: with T = D diag(w), normalized by slightly more than its absolute row sums, G = Σ_k T^k has all walks
/// from i to p in row i and column p. Its diagonal is a coordinate, and pinning p adds its row and column.
struct PointSignatures {
  /// The off-diagonal distances minus the common offset of both spaces; 0 on the diagonal.
  private let distances: Matrix
  private let isSymmetric: Bool
  /// The weights, scaled to mass 1.
  private let shares: [Double]
  /// G; nil for many points, because it takes matrix products.
  private let walks: Matrix?
  /// The coordinates, each an array with one number per point.
  private(set) var coordinates: [[Double]] = []

  /// The weights of the coordinates in z, drawn once.
  private static let weights: [Double] = {
    var random = SeededGenerator(seed: 1, stream: "signatures")
    return (0..<512).map { _ in random.uniform(in: 1...3) }
  }()

  /// Computes the initial coordinates.
  ///
  /// - Parameters:
  ///   - distances: a square matrix.
  ///   - weights: the weights of the points.
  ///   - offset: the number that is subtracted from off-diagonal entries.
  ///   - origin: the number that is subtracted from diagonal entries.
  ///   - scale: the unit of the coordinates.
  ///   - isSymmetric: whether distances in one direction suffice.
  init(_ distances: Matrix, weights: [Double], offset: Double, origin: Double, scale: Double, isSymmetric: Bool) {
    let total = compensatedSum(weights)
    let n = weights.count
    shares = weights.map { $0 / total }
    self.isSymmetric = isSymmetric
    self.distances = Matrix(rows: n, columns: n) { $0 == $1 ? 0 : (distances[$0, $1] - offset) / scale }
    walks = n <= Self.mostWalkers ? Self.walks(self.distances, shares) : nil
    let heaviest = shares.max() ?? 1
    // Beyond some magnitude it only matters that diagonals differ.
    let diagonal = (0..<n).map { min(max((distances[$0, $0] - origin) / scale, -1e3), 1e3) }
    coordinates = [shares.map { $0 / heaviest }, diagonal]
    if let walks { coordinates.append((0..<n).map { walks[$0, $0] }) }
    add(means: shares)
    refine()
  }

  /// Returns the coordinates after pinning a point.
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
  /// The row sums of T; determines the power beyond which its powers are below 1e-8.
  private static let decay = 0.98
  private static let doublings = 10

  /// Computes G as the product (I + T)(I + T²)(I + T⁴)….
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

  /// One number per point, equal for points with equal coordinates and different otherwise, except by coincidence.
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

  /// Adds the sums of D_ik w_k and D_ik² w_k, and those of D_ki w_k for asymmetric distances.
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
