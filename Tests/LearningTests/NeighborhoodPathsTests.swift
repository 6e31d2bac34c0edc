import Learning
import LinearAlgebra
import Testing

@Suite struct NeighborhoodPathsTests {
  private static func points(_ n: Int, seed: UInt64) -> Matrix {
    var random = SeededGenerator(seed: seed)
    return Matrix(rows: n, columns: 3) { _, _ in random.normal() }
  }

  @Test(arguments: [(5, 2), (64, 3), (65, 5), (200, 4), (200, 60)])
  func pathsAreDijkstras(n: Int, k: Int) throws {
    let x = Self.points(n, seed: UInt64(n + k))
    let paths = NeighborhoodPaths(distances: try pairwiseDistances(x, metric: .euclidean), neighbors: k)
    for edges in EdgeLength.allCases {
      let graph = try WeightedGraph(nearestNeighborsOf: x, count: k, edgeLength: edges)
      let expected = try graph.shortestPathLengths(unreachable: .twiceLargest)
      let found = paths.lengths(edges, remote: 2)
      let worst = zip(found.elements, expected.elements).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(worst < 1e-12)
    }
  }

  @Test func allTiedNeighborsCount() {
    // A centre and four points at one distance: the nearest of each outer point is the centre, and all four are its
    // nearest.
    let x = Matrix(rows: 5, columns: 2, elements: [0, 0, 1, 0, -1, 0, 0, 1, 0, -1])
    let d = Matrix(rows: 5, columns: 5) { squaredDistance(x[row: $0], x[row: $1]).squareRoot() }
    let lengths = NeighborhoodPaths(distances: d, neighbors: 1).lengths(.connectivity, remote: 1.2)
    for i in 1..<5 { for j in 1..<5 where i != j { #expect(lengths[0, i] == 1 && lengths[i, j] == 2) } }
  }

  @Test func piecesAreRemote() {
    let x = Matrix(rows: 4, columns: 1, elements: [0, 1, 10, 12])
    let d = Matrix(rows: 4, columns: 4) { abs(x[$0, 0] - x[$1, 0]) }
    let lengths = NeighborhoodPaths(distances: d, neighbors: 1).lengths(.distance, remote: 1.5)
    #expect(lengths[0, 1] == 1 && lengths[2, 3] == 2 && lengths[0, 2] == 3 && lengths[1, 3] == 3)
  }

  @Test func closureOfWaysIsShortest() {
    var random = SeededGenerator(seed: 8)
    var direct = Matrix(rows: 150, columns: 150) { i, j in
      i == j ? 0 : random.uniform() < 0.05 ? random.uniform() : .infinity
    }
    let one = direct
    direct.closeMinPlus()
    // Nothing can be shortened by one more stop, nothing is longer than the direct way, and each length is made of ways
    // that exist.
    for i in 0..<150 {
      for j in 0..<150 {
        #expect(direct[i, j] <= one[i, j])
        if direct[i, j].isFinite, i != j {
          let best = (0..<150).reduce(Double.infinity) { min($0, one[i, $1] + ($1 == i ? .infinity : direct[$1, j])) }
          #expect(abs(best - direct[i, j]) < 1e-12)
        }
      }
    }
  }
}
