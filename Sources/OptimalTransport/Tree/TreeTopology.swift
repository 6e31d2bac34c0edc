/// A tree on nodes 0 … n − 1 with n ≥ 2 and n − 1 edges.
public struct TreeTopology: Sendable, Equatable {
  /// An edge between two nodes.
  ///
  /// Matrices of an edge have one row per point of `first` and one column per point of `second`.
  public struct Edge: Sendable, Equatable {
    /// The node of the rows of the edge's matrices.
    public let first: Int
    /// The node of the columns of the edge's matrices.
    public let second: Int
  }

  /// An edge as seen from one of its ends.
  struct Link: Sendable, Equatable {
    let edge: Int
    let neighbor: Int
  }

  /// The number of nodes.
  public let nodeCount: Int
  /// The edges, in the order in which they were given.
  public let edges: [Edge]
  /// The edges at each node, in their order.
  let links: [[Link]]

  /// Creates a tree from its edges.
  ///
  /// - Parameters:
  ///   - nodeCount: the number of nodes, at least 2.
  ///   - edges: pairs of nodes, counted from 0.
  /// - Throws: `ProblemError` if an edge has an invalid node or equal ends, closes a cycle, or leaves a node
  ///   unreachable.
  public init(nodeCount: Int, edges: [(Int, Int)]) throws(ProblemError) {
    if nodeCount < 2 {
      throw .parameter(name: "the number of nodes of a tree", found: "\(nodeCount)", expected: "at least 2")
    }
    var links = [[Link]](repeating: [], count: nodeCount)
    // The smallest node of the component of each node so far.
    var part = Array(0..<nodeCount)
    for (index, (i, j)) in edges.enumerated() {
      for node in [i, j] where !(0..<nodeCount).contains(node) {
        throw .parameter(
          name: "a node of edge \(index)", found: "\(node)", expected: "a number from 0 to \(nodeCount - 1)")
      }
      if part[i] == part[j] {
        throw .parameter(name: "edge \(index)", found: "(\(i), \(j)), which closes a cycle", expected: "a tree")
      }
      links[i].append(Link(edge: index, neighbor: j))
      links[j].append(Link(edge: index, neighbor: i))
      let (old, new) = (max(part[i], part[j]), min(part[i], part[j]))
      for node in part.indices where part[node] == old { part[node] = new }
    }
    if let lost = part.firstIndex(where: { $0 != 0 }) {
      throw .parameter(
        name: "the tree", found: "without a path from node 0 to node \(lost)", expected: "a connected tree")
    }
    self.nodeCount = nodeCount
    self.edges = edges.map { Edge(first: $0.0, second: $0.1) }
    self.links = links
  }

  /// Creates a star with node 0 as the center of `leaves` nodes 1, 2, ….
  public static func star(leaves: Int) throws(ProblemError) -> TreeTopology {
    try TreeTopology(nodeCount: leaves + 1, edges: (0..<leaves).map { (0, $0 + 1) })
  }

  /// Creates the chain 0 – 1 – … – n − 1.
  public static func chain(_ nodeCount: Int) throws(ProblemError) -> TreeTopology {
    try TreeTopology(nodeCount: nodeCount, edges: (0..<max(nodeCount - 1, 0)).map { ($0, $0 + 1) })
  }

  func degree(_ node: Int) -> Int { links[node].count }

  /// The nodes from one end to the other if the tree is a path, otherwise nil.
  var path: [Int]? {
    guard links.allSatisfy({ $0.count <= 2 }), let end = links.firstIndex(where: { $0.count == 1 }) else { return nil }
    var nodes = [end]
    var previous = -1
    while let next = links[nodes[nodes.count - 1]].first(where: { $0.neighbor != previous }) {
      previous = nodes[nodes.count - 1]
      nodes.append(next.neighbor)
    }
    return nodes
  }
}
