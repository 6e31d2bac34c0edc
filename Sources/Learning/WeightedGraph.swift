import LinearAlgebra

/// An undirected graph whose edges have lengths.
public struct WeightedGraph: Sendable {
  public struct Edge: Sendable, Equatable {
    public let end: Int
    public let length: Double
  }

  /// `edges[i]` holds the edges at point i, by ascending end.
  public let edges: [[Edge]]

  public var count: Int { edges.count }

  /// A graph of `count` points. Of several edges between two points the first given counts.
  ///
  /// - Parameters:
  ///   - count: n.
  ///   - edges: pairs of points with lengths that are not negative, in either order.
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
