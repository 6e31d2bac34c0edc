import LinearAlgebra
import Support

/// How points are compared when neighbours are sought.
public enum Metric: String, Sendable, CaseIterable {
  /// ‖x − y‖₂.
  case euclidean
  /// 1 − the Pearson correlation of the coordinates of x and y; in [0, 2].
  case correlation
}

/// What is done about a point whose coordinates are all equal, so that it has no correlation with others.
public enum UndefinedCorrelation: String, Sendable, CaseIterable {
  /// Nothing is: it is an error.
  case error
  /// It counts as 0, so that the point is at distance 1 from all others: a neighbour of few, its own neighbours the first in order.
  case zero
}

/// What an edge of a neighbourhood graph is worth.
public enum EdgeLength: String, Sendable, CaseIterable {
  /// Every edge has length 1: path lengths count steps.
  case connectivity
  /// An edge is as long as the metric says.
  case distance
}

extension WeightedGraph {
  /// The graph that joins each point with its k nearest: an edge stands where either end counts the other among its k. Ties go to the point
  /// of lower index; distances that agree to 1e-12 of the largest are tied, so that the rounding of one processor or another does not decide
  /// between them. O(n²(d + log n)).
  ///
  /// - Parameters:
  ///   - points: one a row.
  ///   - k: at least 1.
  ///   - metric: how near is measured.
  ///   - edgeLength: what an edge is long: its distance, or one.
  ///   - countingSelf: whether a point counts as the first of its own k neighbours, so that only k − 1 others are joined.
  ///   - undefinedCorrelation: what is done about points that have no correlation.
  /// - Throws: `GraphError` when there are too few points, or a point has no correlation since its coordinates are all equal.
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

/// The distances between all rows of `points`.
///
/// - Throws: `GraphError.noCorrelation` for the correlation metric when the coordinates of a point are all equal and that is an error.
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
      // Equal coordinates leave rounding alone behind; it is judged against their size.
      let isConstant = norm <= 1e-12 * abs(mean) * Double(points.columns).squareRoot()
      if isConstant, undefinedCorrelation == .error { throw .noCorrelation(row: i) }
      for k in 0..<points.columns { standardized[i, k] = isConstant ? 0 : (points[i, k] - mean) / norm }
    }
    let correlations = standardized * standardized.transposed
    return correlations.map { max(0, 1 - $0) }
  }
}
