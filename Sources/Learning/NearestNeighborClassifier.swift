import LinearAlgebra

/// A k-nearest-neighbor classifier with Euclidean distance.
///
/// Ties of distance go to the lower index, and ties of votes to the smaller label.
public struct NearestNeighborClassifier: Sendable {
  private let points: Matrix
  private let labels: [Int]
  private let neighbors: Int

  /// Stores the training data.
  ///
  /// - Parameters:
  ///   - points: the training points, one per row.
  ///   - labels: the label of each training point.
  ///   - neighbors: k, between 1 and the number of training points.
  public init(points: Matrix, labels: [Int], neighbors: Int = 5) {
    precondition(points.rows == labels.count, "each training point needs a label")
    precondition((1...points.rows).contains(neighbors), "k = \(neighbors) is out of range for \(points.rows) points")
    self.points = points
    self.labels = labels
    self.neighbors = neighbors
  }

  /// Returns the majority label among the k nearest training points.
  public func label(of point: ArraySlice<Double>) -> Int {
    let distances = (0..<points.rows).map { squaredDistance(points[row: $0], point) }
    return nearestNeighborVote(among: Array(0..<points.rows), labels: labels, neighbors: neighbors) { distances[$0] }
  }

  /// Returns the fraction of test points that are assigned their own label, known as label transfer accuracy.
  public func accuracy(on points: Matrix, labels: [Int]) -> Double {
    precondition(points.rows == labels.count && points.rows > 0, "each test point needs a label")
    let hits = (0..<points.rows).count { label(of: points[row: $0]) == labels[$0] }
    return Double(hits) / Double(points.rows)
  }
}

/// Returns the majority label among the k nearest of some candidate points.
///
/// - Parameters:
///   - candidates: the indices of the points that may vote.
///   - labels: the labels of all points, by index.
///   - neighbors: k; all candidates vote if there are fewer.
///   - distance: the distance from the query point to a candidate, given the candidate's index.
/// - Returns: the label with the most votes, the smallest one on a tie.
/// - Complexity: O(c k) for c candidates
public func nearestNeighborVote(among candidates: [Int], labels: [Int], neighbors: Int, distance: (Int) -> Double)
  -> Int
{
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
