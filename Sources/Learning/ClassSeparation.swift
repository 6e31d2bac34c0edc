import LinearAlgebra

/// How well a distance matrix separates given classes of points.
public struct ClassSeparation: Sendable {
  /// The mean silhouette coefficient over all points (Rousseeuw, 1987), in [−1, 1].
  ///
  /// A point's coefficient is (b − a)/max(a, b), where a is its mean distance to its own class and b to the nearest
  /// other class; it is 0 for a point that is alone in its class.
  public let silhouette: Double
  /// The fraction of points whose nearest other point has the same class; ties go to the lower index.
  public let nearestNeighbor: Double
  /// The mean distance over pairs of points of the same class.
  public let meanWithin: Double
  /// The mean distance over pairs of points of different classes.
  public let meanBetween: Double

  /// Computes the scores.
  ///
  /// - Parameters:
  ///   - distances: n×n, symmetric; the diagonal is ignored.
  ///   - classes: the class of each point; at least two different ones.
  public init(_ distances: Matrix, classes: [Int]) {
    precondition(
      distances.isSquare && distances.rows == classes.count && Set(classes).count > 1,
      "separation needs at least two classes")
    let members = Dictionary(grouping: classes.indices, by: { classes[$0] })
    func mean(_ point: Int, _ others: [Int]) -> Double {
      others.reduce(0) { $0 + distances[point, $1] } / Double(max(others.count, 1))
    }
    var (silhouettes, hits) = (0.0, 0)
    var (within, between) = ((sum: 0.0, count: 0), (sum: 0.0, count: 0))
    for point in classes.indices {
      let own = (members[classes[point]] ?? []).filter { $0 != point }
      let others = members.filter { $0.key != classes[point] }.map(\.value)
      let (a, b) = (mean(point, own), others.map { mean(point, $0) }.min() ?? 0)
      if !own.isEmpty, max(a, b) > 0 { silhouettes += (b - a) / max(a, b) }
      let nearest = classes.indices.filter { $0 != point }.min {
        (distances[point, $0], $0) < (distances[point, $1], $1)
      }
      if let nearest, classes[nearest] == classes[point] { hits += 1 }
      for other in classes.indices where other != point {
        if classes[other] == classes[point] {
          within = (within.sum + distances[point, other], within.count + 1)
        } else {
          between = (between.sum + distances[point, other], between.count + 1)
        }
      }
    }
    silhouette = silhouettes / Double(classes.count)
    nearestNeighbor = Double(hits) / Double(classes.count)
    meanWithin = within.sum / Double(max(within.count, 1))
    meanBetween = between.sum / Double(max(between.count, 1))
  }
}
