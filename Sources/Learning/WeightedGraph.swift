import LinearAlgebra

/// An undirected graph whose edges have nonnegative lengths.
public struct WeightedGraph: Sendable {
  /// An edge as seen from one of its ends.
  public struct Edge: Sendable, Equatable {
    /// The index of the other end.
    public let end: Int
    /// The length of the edge, not negative.
    public let length: Double
  }

  /// The edges at each point, by ascending index of the other end.
  public let edges: [[Edge]]

  /// The number of points.
  public var count: Int { edges.count }

  /// Creates a graph from a list of edges; of several edges between the same two points, the first counts.
  ///
  /// - Parameters:
  ///   - count: the number of points.
  ///   - edges: pairs of different points in either order, with lengths that are not negative.
  public init(count: Int, edges: some Sequence<(first: Int, second: Int, length: Double)>) {
    var lists = [[Edge]](repeating: [], count: count)
    for (first, second, length) in edges {
      lists[first].append(Edge(end: second, length: length))
      lists[second].append(Edge(end: first, length: length))
    }
    self.edges = lists.map(Self.sortedUnique)
  }

  private static func sortedUnique(_ edges: [Edge]) -> [Edge] {
    var result: [Edge] = []
    for (_, edge) in edges.enumerated().sorted(by: { ($0.element.end, $0.offset) < ($1.element.end, $1.offset) })
    where result.last?.end != edge.end { result.append(edge) }
    return result
  }
}
