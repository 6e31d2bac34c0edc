import LinearAlgebra
import Support

/// The metric of a neighbor search.
public enum Metric: String, Sendable, CaseIterable {
  /// The Euclidean distance ‖x − y‖₂.
  case euclidean
  /// 1 minus the Pearson correlation of the coordinates of x and y, in [0, 2].
  case correlation
}

/// How to treat a point whose coordinates are all equal, so that its correlations are undefined.
public enum UndefinedCorrelation: String, Sendable, CaseIterable {
  /// Throw an error.
  case error
  /// Define its correlations as 0, so that it is at distance 1 from every other point.
  case zero
}

/// The lengths of the edges of a neighborhood graph.
public enum EdgeLength: String, Sendable, CaseIterable {
  /// Every edge has length 1: path lengths count edges.
  case connectivity
  /// An edge is as long as the metric distance of its ends.
  case distance
}

extension WeightedGraph {
  /// Creates the symmetric k-nearest-neighbor graph: an edge joins two points if either is among the k nearest of the
  /// other.
  ///
  /// Ties go to the point of lower index. Distances that agree to 1e-12 of the largest distance are tied, so that
  /// rounding, which differs between processors, does not decide.
  ///
  /// - Parameters:
  ///   - points: n×d, one point per row.
  ///   - k: the number of neighbors, at least 1.
  ///   - metric: the metric of the search.
  ///   - edgeLength: the length of an edge: the metric distance of its ends, or 1.
  ///   - countingSelf: whether a point counts as the first of its own k neighbors, so that only k − 1 others are
  ///     joined.
  ///   - undefinedCorrelation: how to treat points with undefined correlations.
  /// - Throws: `GraphError` if there are too few points, or a point has undefined correlations and
  ///   `undefinedCorrelation` is `.error`.
  /// - Complexity: O(n² (d + log n))
  public init(
    nearestNeighborsOf points: Matrix, count k: Int, metric: Metric = .euclidean, edgeLength: EdgeLength = .distance,
    countingSelf: Bool = false,
    undefinedCorrelation: UndefinedCorrelation = .error
  ) throws(GraphError) {
    let others = countingSelf ? k - 1 : k
    if others < 1 || others >= points.rows {
      throw .neighbors(k: k, points: points.rows, countingSelf: countingSelf)
    }
    let distances = try pairwiseDistances(points, metric: metric, undefinedCorrelation: undefinedCorrelation)
    let resolution = 1e-12 * (distances.elements.max() ?? 0)
    let ranks = distances.map { resolution > 0 ? ($0 / resolution).rounded() : 0 }
    var edges: [(first: Int, second: Int, length: Double)] = []
    for i in 0..<points.rows {
      let nearest = (0..<points.rows).lazy.filter { $0 != i }
        .sorted { (ranks[i, $0], $0) < (ranks[i, $1], $1) }.prefix(others)
      edges += nearest.map { (i, $0, edgeLength == .connectivity ? 1 : distances[i, $0]) }
    }
    self.init(count: points.rows, edges: edges)
  }
}

/// Returns the distances between all rows of `points`.
///
/// - Parameters:
///   - points: n×d, one point per row.
///   - metric: the metric.
///   - undefinedCorrelation: how to treat points with undefined correlations.
/// - Returns: the distances, n×n, symmetric with zero diagonal.
/// - Throws: `GraphError.noCorrelation` if `metric` is `.correlation`, all coordinates of a point are equal, and
///   `undefinedCorrelation` is `.error`.
public func pairwiseDistances(
  _ points: Matrix, metric: Metric, undefinedCorrelation: UndefinedCorrelation = .error
) throws(GraphError) -> Matrix {
  switch metric {
  case .euclidean:
    return squaredDistances(points, points).map { $0.squareRoot() }
  case .correlation:
    var standardized = points
    for i in 0..<points.rows {
      let mean = points[row: i].mean
      let norm = points[row: i].reduce(0) { $0 + ($1 - mean) * ($1 - mean) }.squareRoot()
      // Equal coordinates leave a norm that is only rounding error, relative to their magnitude.
      let isConstant = norm <= 1e-12 * abs(mean) * Double(points.columns).squareRoot()
      if isConstant, undefinedCorrelation == .error { throw .noCorrelation(row: i) }
      for k in 0..<points.columns { standardized[i, k] = isConstant ? 0 : (points[i, k] - mean) / norm }
    }
    let correlations = standardized * standardized.transposed
    return correlations.map { max(0, 1 - $0) }
  }
}
