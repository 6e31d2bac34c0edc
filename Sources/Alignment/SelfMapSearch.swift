import Glibc
import LinearAlgebra
import OptimalTransport
import Support

/// Looks for a map of a modality onto itself that is not the identity and keeps its distances: a rotation, a reflection, an exchange of equal parts.
///
/// A descent from the product plan cannot find it, since a symmetric start stays symmetric. Instead a cell is sent to a distant one whose distances to all
/// others are distributed alike, and the others follow by their distances to the two; while some cell still has partners in several places, one of these is
/// decided in the same way. Each such start descends over one distance, the mean of some views, and what has come back to the identity is left out.
/// O(n²) a decision and O(n³) a step.
struct SelfMapSearch {
  /// The mean of some views between landmarks, its largest entry 1.
  private let distances: Matrix
  private let weights: [Double]

  private static let starts = 5
  /// Pairs that are nearer to each other than this on both sides would start the same map.
  private static let apart = 0.15
  /// The width of the kernel in the distance by which partners are told from others.
  private static let width = 0.002
  /// The farthest that a cell's possible partners lie from the likeliest one, in the mean, when it counts as decided.
  private static let decided = 0.1
  private static let mostDecisions = 16

  /// - Parameter views: by index, whose mean is looked at.
  init(_ modality: ModalityViews, views: [Int]) {
    let n = modality.weights.count
    weights = modality.weights
    var sum = Matrix(rows: n, columns: n)
    for view in views { for k in 0..<n * n { sum[k / n, k % n] += Double(modality.between[view].elements[k]) } }
    let largest = sum.elements.reduce(0, max)
    distances = largest > 0 ? sum.map { $0 / largest } : sum
  }

  /// Plans of maps, those of the least distortion first.
  func maps() -> [Matrix] {
    let pairs = firstPairs()
    var found = [(distortion: Double, plan: Matrix)?](repeating: nil, count: pairs.count)
    let view = JointViews([CrossView(SingleDistances(distances), SingleDistances(distances), source: weights, target: weights)])
    found.withUnsafeMutableBufferPointer { found in
      nonisolated(unsafe) let found = found
      forEachIndependent(of: pairs.count) { index in
        guard let start = try? start(pairs[index]) else { return }
        let descent = AnnealedDescent(schedule: .falling(from: 0.02, to: 0.001, over: 8), steps: 24)
        let plan = descent.run(from: start, source: weights, target: weights) { JointViews.score(view.linearize($0, into: &$1)) }.plan
        found[index] = (JointViews.score(view.ratios(of: plan)), plan)
      }
    }
    return found.compactMap { $0 }.sorted { $0.distortion < $1.distortion }.map(\.plan)
  }

  /// How unlike the distances of two cells to all others are distributed: squared differences of twenty-five quantiles, in the mean.
  private static func profiles(_ distances: Matrix) -> Matrix {
    let n = distances.rows
    let quantiles = (0..<n).map { i -> [Double] in
      let sorted = distances[row: i].sorted()
      return (0..<25).map { sorted[min(n - 1, Int((Double($0) + 0.5) / 25 * Double(n)))] }
    }
    return Matrix(rows: n, columns: n) { i, j in squaredDistance(quantiles[i][...], quantiles[j][...]) / 25 }
  }

  /// Pairs of a cell and a distant one that is most like it, the likest first.
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

  /// The plan that sends the first of a pair to the second, and all others where their distances to the decided pairs ask for.
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

  /// The cell whose likely partners lie farthest apart, and of these the one farthest from itself: where there is a choice, the identity is not taken.
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
