import Glibc
import LinearAlgebra
import OptimalTransport
import Support

/// Searches for approximate self-isometries of a modality other than the identity: a rotation, a reflection, or an
/// exchange of equal parts.
///
/// Descent from the product plan cannot find them, because a symmetric start stays symmetric. Instead, one cell is
/// assigned to a distant cell with a similar distribution of distances, and all others follow by their distances to
/// the two. As long as some cell has several distant partners, one of them is fixed in the same way. The descent from
/// each such start uses the mean of given views as its one distance, and results that return to the identity are
/// discarded.
///
/// - Complexity: O(n²) per assignment, O(n³) per descent step
struct SelfMapSearch {
  /// The mean of the given views between landmarks, scaled to a maximum of 1.
  private let distances: Matrix
  private let weights: [Double]

  private static let starts = 5
  /// Pairs that are closer than this on both sides would lead to the same map.
  private static let apart = 0.15
  /// The bandwidth of the kernel that separates likely from unlikely partners.
  private static let width = 0.002
  /// The mean distance of a cell's possible partners from the likeliest one up to which the cell counts as assigned.
  private static let decided = 0.1
  private static let mostDecisions = 16

  /// Creates a search over the mean of given views.
  ///
  /// - Parameters:
  ///   - modality: the views of the modality.
  ///   - views: the indices of the views that are averaged.
  init(_ modality: ModalityViews, views: [Int]) {
    let n = modality.weights.count
    weights = modality.weights
    var sum = Matrix(rows: n, columns: n)
    for view in views { for k in 0..<n * n { sum[k / n, k % n] += Double(modality.between[view].elements[k]) } }
    let largest = sum.elements.reduce(0, max)
    distances = largest > 0 ? sum.map { $0 / largest } : sum
  }

  /// Returns the plans of the self-maps that were found, by increasing distortion.
  func maps() -> [Matrix] {
    let pairs = firstPairs()
    var found = [(distortion: Double, plan: Matrix)?](repeating: nil, count: pairs.count)
    let view = JointViews([
      CrossView(SingleDistances(distances), SingleDistances(distances), source: weights, target: weights)
    ])
    found.withUnsafeMutableBufferPointer { found in
      nonisolated(unsafe) let found = found
      forEachIndependent(of: pairs.count) { index in
        guard let start = try? start(pairs[index]) else { return }
        let descent = AnnealedDescent(schedule: .falling(from: 0.02, to: 0.001, over: 8), steps: 24)
        let plan = descent.run(from: start, source: weights, target: weights) {
          JointViews.score(view.linearize($0, into: &$1))
        }.plan
        found[index] = (JointViews.score(view.ratios(of: plan)), plan)
      }
    }
    return found.compactMap { $0 }.sorted { $0.distortion < $1.distortion }.map(\.plan)
  }

  /// The dissimilarity of the distance distributions of all pairs of cells: the mean squared difference of 25
  /// quantiles.
  private static func profiles(_ distances: Matrix) -> Matrix {
    let n = distances.rows
    let quantiles = (0..<n).map { i -> [Double] in
      let sorted = distances[row: i].sorted()
      return (0..<25).map { sorted[min(n - 1, Int((Double($0) + 0.5) / 25 * Double(n)))] }
    }
    return Matrix(rows: n, columns: n) { i, j in squaredDistance(quantiles[i][...], quantiles[j][...]) / 25 }
  }

  /// Pairs of a cell and the distant cell that is most similar to it, most similar first.
  private func firstPairs() -> [(Int, Int)] {
    let n = weights.count
    let profiles = Self.profiles(distances)
    let twins = (0..<n).compactMap { i -> (likeness: Double, pair: (Int, Int))? in
      let row = distances[row: i]
      let median = row.upperMedian
      let distant = (0..<n).filter { $0 != i && distances[i, $0] >= median && distances[i, $0] > Self.decided }
      return distant.min { (profiles[i, $0], $0) < (profiles[i, $1], $1) }.map { (profiles[i, $0], (i, $0)) }
    }
    let pairs = twins.sorted { ($0.likeness, $0.pair.0) < ($1.likeness, $1.pair.0) }.map(\.pair)
    return basins(of: pairs, most: Self.starts) { pair, basin in
      max(distances[basin.first.0, pair.0], distances[basin.first.1, pair.1]) < Self.apart
    }.map(\.first)
  }

  /// The plan that maps the first of a pair to the second, and all other cells accordingly.
  private func start(_ pair: (Int, Int)) throws -> Matrix {
    let n = weights.count
    var sum = Self.profiles(distances)
    var (pair, decisions) = (pair, 0)
    while true {
      for k in 0..<n {
        for l in 0..<n {
          let difference = distances[pair.0, k] - distances[pair.1, l]
          sum[k, l] += difference * difference
        }
      }
      decisions += 1
      guard decisions < Self.mostDecisions, let next = mostUndecided(sum) else { break }
      pair = next
    }
    return try Sinkhorn(epsilon: Self.width, stopping: StoppingRule(tolerance: 1e-3, iterationLimit: 500))
      .solve(LinearProblem(cost: sum, source: weights, target: weights)).coupling.plan
  }

  /// The cell whose likely partners lie farthest apart, and the one of these farthest from the cell itself, to avoid
  /// the identity.
  private func mostUndecided(_ cost: Matrix) -> (Int, Int)? {
    let n = weights.count
    var most: (spread: Double, pair: (Int, Int)) = (Self.decided, (0, 0))
    for k in 0..<n {
      let row = cost[row: k]
      let least = row.min() ?? 0
      let likely = row.map { exp((least - $0) / Self.width) }
      guard let first = likely.indices.max(by: { (likely[$0], -$0) < (likely[$1], -$1) }) else { continue }
      let mass = likely.reduce(0, +)
      let spread = likely.indices.reduce(0) { $0 + likely[$1] * distances[first, $1] } / mass
      guard spread > most.spread else { continue }
      let partner = likely.indices.filter { likely[$0] > 0.5 }.max { (distances[k, $0], -$0) < (distances[k, $1], -$1) }
      most = (spread, (k, partner ?? first))
    }
    return most.spread > Self.decided ? most.pair : nil
  }
}
