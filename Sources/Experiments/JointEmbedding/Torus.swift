import Foundation
import Learning
import LinearAlgebra
import OptimalTransport

/// A torus with geodesic distances, computed by shortest paths on a grid of nodes that are joined in sixteen
/// directions.
///
/// Rotations about the axis change nothing, so paths from one node of each parallel give all distances.
struct Torus: Sendable {
  /// The number of nodes along each of the two circles.
  let nodes: Int
  static let radii = (large: 1.0, small: 0.4)

  /// The distances: `distances[v][u' · nodes + v']` is the distance from (0, v) to (u', v').
  private let distances: [[Double]]
  /// The largest distance.
  let diameter: Double

  init(nodes: Int) {
    self.nodes = nodes
    let step = 2 * Double.pi / Double(nodes)
    let directions = [(1, 0), (0, 1), (1, 1), (1, -1), (1, 2), (2, 1), (1, -2), (2, -1)]
    var edges: [(first: Int, second: Int, length: Double)] = []
    for u in 0..<nodes {
      for v in 0..<nodes {
        for (du, dv) in directions {
          let other = ((u + du) % nodes, (v + dv + nodes) % nodes)
          let radius = Self.radii.large + Self.radii.small * cos(step * (Double(v) + Double(dv) / 2))
          edges.append(
            (u * nodes + v, other.0 * nodes + other.1, step * hypot(radius * Double(du), Self.radii.small * Double(dv)))
          )
        }
      }
    }
    let graph = WeightedGraph(count: nodes * nodes, edges: edges)
    let distances = (0..<nodes).map { graph.shortestPathLengths(from: $0) }
    self.distances = distances
    diameter = distances.reduce(0) { max($0, $1.max() ?? 0) }
  }

  /// A node by its indices along the large and the small circle.
  struct Node: Sendable {
    let u: Int
    let v: Int
  }

  func distance(_ first: Node, _ second: Node) -> Double {
    distances[first.v][(second.u - first.u + nodes) % nodes * nodes + second.v]
  }

  func distances(_ places: [Node]) -> Matrix {
    var result = Matrix(rows: places.count, columns: places.count)
    for i in 0..<places.count {
      for j in 0..<i {
        let length = distance(places[i], places[j])
        (result[i, j], result[j, i]) = (length, length)
      }
    }
    return result
  }

  func position(_ node: Node) -> [Double] {
    let (u, v) = (2 * Double.pi * Double(node.u) / Double(nodes), 2 * Double.pi * Double(node.v) / Double(nodes))
    let radius = Self.radii.large + Self.radii.small * cos(v)
    return [radius * cos(u), radius * sin(u), Self.radii.small * sin(v)]
  }

  func positions(_ places: [Node]) -> Matrix {
    Matrix(rows: places.count, columns: 3, elements: places.flatMap { position($0) })
  }

  /// Returns the node nearest to a point near the surface.
  func nearest(to place: ArraySlice<Double>) -> Node {
    let place = Array(place)
    let u = atan2(place[1], place[0])
    let v = atan2(place[2], hypot(place[0], place[1]) - Self.radii.large)
    func index(_ angle: Double) -> Int {
      let turn = Int((angle / (2 * .pi) * Double(nodes)).rounded())
      return (turn % nodes + nodes) % nodes
    }
    return Node(u: index(u), v: index(v))
  }

  /// A part of the torus.
  enum Part: Sendable { case half, triangle }

  func nodes(of part: Part, stride: Int) -> [Node] {
    var result: [Node] = []
    for u in Swift.stride(from: 0, to: nodes, by: stride) {
      for v in Swift.stride(from: 0, to: nodes, by: stride) {
        let (x, y) = (Double(u) / Double(nodes), Double(v) / Double(nodes))
        let isInside = part == .half ? x < 0.5 : x < 0.6 && y < 0.6 && x + y < 0.6
        if isInside { result.append(Node(u: u, v: v)) }
      }
    }
    return result
  }

  /// Returns side × side nodes with distances as fractions of the diameter; the rows are rotations about the axis.
  func lattice(side: Int) throws -> LatticeDistances {
    let stride = nodes / side
    return try LatticeDistances.stationary(rows: side, columns: side, isCyclic: true) { lag, j, k in
      distance(Node(u: 0, v: j * stride), Node(u: lag * stride, v: k * stride)) / diameter
    }
  }
}
