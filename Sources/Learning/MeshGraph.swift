import Glibc
import LinearAlgebra

extension WeightedGraph {
  /// Creates the graph of a triangle mesh, with shortcuts across pairs of adjacent triangles.
  ///
  /// Its edges are those of the mesh and, across each inner edge, the straight segment between the two opposite
  /// corners in the plane of both unfolded triangles, provided that it crosses the shared edge. Shortest paths along
  /// mesh edges alone zigzag; the shortcuts remove about half of the excess length.
  ///
  /// - Parameters:
  ///   - vertices: the positions of the vertices, n×3.
  ///   - triangles: three vertex indices per triangle.
  /// - Throws: `GraphError` if the mesh is not connected, an edge belongs to more than two faces, or a face has no
  ///   area.
  public init(meshVertices vertices: Matrix, triangles: [[Int]]) throws(GraphError) {
    func length(_ i: Int, _ j: Int) -> Double { squaredDistance(vertices[row: i], vertices[row: j]).squareRoot() }
    var edges: [(first: Int, second: Int, length: Double)] = []
    // The opposite corner in each face, by edge.
    var opposite: [[Int]: [Int]] = [:]
    var order: [[Int]] = []
    for (face, corners) in triangles.enumerated() {
      let sides = (0..<3).map { length(corners[$0], corners[($0 + 1) % 3]) }
      let half = sides.reduce(0, +) / 2
      let square = half * (half - sides[0]) * (half - sides[1]) * (half - sides[2])
      let longest = sides.max() ?? 0
      // Heron's formula; the area of thinner slivers is lost to rounding.
      if !(square > 1e-24 * pow(longest, 4)) { throw .faceWithoutArea(face) }
      for place in 0..<3 {
        let (i, j) = (corners[place], corners[(place + 1) % 3])
        let key = [min(i, j), max(i, j)]
        if opposite[key] == nil {
          order.append(key)
          edges.append((i, j, sides[place]))
        }
        opposite[key, default: []].append(corners[(place + 2) % 3])
      }
    }
    for key in order {
      guard let corners = opposite[key], corners.count > 1 else { continue }
      if corners.count > 2 { throw .edgeOfManyFaces(first: key[0], second: key[1], faces: corners.count) }
      let base = length(key[0], key[1])
      // Each corner in coordinates along the edge and perpendicular to it.
      let flat = corners.map { corner in
        let (u, v) = (length(key[0], corner), length(key[1], corner))
        let along = (u * u - v * v + base * base) / (2 * base)
        return (along: along, away: max(u * u - along * along, 0).squareRoot())
      }
      let crossing = (flat[0].along * flat[1].away + flat[1].along * flat[0].away) / (flat[0].away + flat[1].away)
      if crossing > 0, crossing < base {
        edges.append((corners[0], corners[1], hypot(flat[0].along - flat[1].along, flat[0].away + flat[1].away)))
      }
    }
    // Of parallel edges the first counts, and a mesh edge is never longer than a shortcut.
    self.init(count: vertices.rows, edges: edges)
    let sizes = componentSizes
    if sizes.count > 1 {
      throw .meshInPieces(components: sizes.count, largest: sizes.max() ?? 0, vertices: vertices.rows)
    }
  }
}
