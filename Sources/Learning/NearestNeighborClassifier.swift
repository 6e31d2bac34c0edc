import LinearAlgebra

/// Classifies points by the majority label among the k nearest training points (Euclidean; ties of distance go to the lower index, ties of
/// votes to the smaller label).
public struct NearestNeighborClassifier: Sendable {
  private let points: Matrix
  private let labels: [Int]
  private let neighbors: Int

  /// - Parameters:
  ///   - points: training points, one a row.
  ///   - labels: one a point.
  ///   - neighbors: k, 1…number of points.
  public init(points: Matrix, labels: [Int], neighbors: Int = 5) {
    precondition(points.rows == labels.count, "each training point needs a label")
    precondition((1...points.rows).contains(neighbors), "\(neighbors) neighbours among \(points.rows) points")
    self.points = points
    self.labels = labels
    self.neighbors = neighbors
  }

  public func label(of point: ArraySlice<Double>) -> Int {
    let distances = (0..<points.rows).map { squaredDistance(points[row: $0], point) }
    return nearestNeighborVote(among: Array(0..<points.rows), labels: labels, neighbors: neighbors) { distances[$0] }
  }

  /// The fraction of rows of `points` that get their label: the label transfer accuracy.
  public func accuracy(on points: Matrix, labels: [Int]) -> Double {
    precondition(points.rows == labels.count && points.rows > 0, "each test point needs a label")
    let hits = (0..<points.rows).count { label(of: points[row: $0]) == labels[$0] }
    return Double(hits) / Double(points.rows)
  }
}

/// The majority label among the k nearest of some candidates. O(candidates · k).
///
/// - Parameters:
///   - candidates: the points that may vote.
///   - labels: of all points, by their number.
///   - neighbors: k; all candidates vote where there are fewer.
///   - distance: from the point in question to a candidate.
public func nearestNeighborVote(among candidates: [Int], labels: [Int], neighbors: Int, distance: (Int) -> Double) -> Int {
  var nearest: [(distance: Double, index: Int)] = []
  nearest.reserveCapacity(neighbors + 1)
  for index in candidates {
    let own = distance(index)
    if nearest.count == neighbors, let last = nearest.last, (own, index) >= (last.distance, last.index) { continue }
    let place = nearest.firstIndex { (own, index) < ($0.distance, $0.index) } ?? nearest.count
    nearest.insert((own, index), at: place)
    if nearest.count > neighbors { nearest.removeLast() }
  }
  var votes: [Int: Int] = [:]
  for (_, index) in nearest { votes[labels[index], default: 0] += 1 }
  return votes.min { (-$0.value, $0.key) < (-$1.value, $1.key) }?.key ?? labels[0]
}
