import Learning
import LinearAlgebra
import TestSupport
import Testing

@Suite struct NearestNeighborGraphTests {
  /// 0 – 1 – 3 – 7 on a line.
  private let line = Matrix(rows: 4, columns: 1, elements: [0, 1, 3, 7])

  @Test func joinsEachWithItsNearestAndTakesTheUnion() throws {
    let graph = try WeightedGraph(nearestNeighborsOf: line, count: 1)
    #expect(graph.edges.map { $0.map(\.end) } == [[1], [0, 2], [1, 3], [2]])
    #expect(graph.edges[2].map(\.length) == [2, 4])
    let counted = try WeightedGraph(nearestNeighborsOf: line, count: 2, edgeLength: .connectivity, countingSelf: true)
    #expect(counted.edges.map { $0.map(\.end) } == [[1], [0, 2], [1, 3], [2]])
    #expect(counted.edges[2].map(\.length) == [1, 1])
  }

  @Test func tiesGoToTheLowerIndex() throws {
    let square = Matrix(rows: 4, columns: 2, elements: [0, 0, 0, 1, 1, 0, 1, 1])
    let graph = try WeightedGraph(nearestNeighborsOf: square, count: 1)
    #expect(graph.edges[3].map(\.end) == [1])
    #expect(graph.edges[0].map(\.end) == [1, 2])
  }

  /// 0.1 + 0.2 and 0.3 differ in the last bit only.
  @Test func roundingDoesNotBreakTies() throws {
    let points = Matrix(rows: 3, columns: 1, elements: [0, 0.1 + 0.2, -0.3])
    #expect(points[1, 0] != 0.3)
    #expect(try WeightedGraph(nearestNeighborsOf: points, count: 1).edges[0].map(\.end) == [1, 2])
    let nearest = try WeightedGraph(nearestNeighborsOf: points.selectingRows([0, 1, 2, 2]), count: 1).edges[0].map(
      \.end)
    #expect(nearest == [1])
  }

  @Test func correlationIgnoresShiftAndScale() throws {
    let rows = Matrix(rows: 3, columns: 4, elements: [1, 2, 3, 4, 12, 14, 16, 18, 4, 3, 2, 1])
    let distances = try pairwiseDistances(rows, metric: .correlation)
    #expect(abs(distances[0, 1]) < 1e-15)
    #expect(abs(distances[0, 2] - 2) < 1e-14)
  }

  @Test func aConstantRowHasNoCorrelation() throws {
    let rows = Matrix(rows: 3, columns: 3, elements: [1, 2, 3, 0.1, 0.1, 0.1, 3, 1, 2])
    #expect(throws: GraphError.noCorrelation(row: 1)) { try pairwiseDistances(rows, metric: .correlation) }
    let distances = try pairwiseDistances(rows, metric: .correlation, undefinedCorrelation: .zero)
    #expect(distances[0, 1] == 1 && distances[1, 2] == 1)
  }

  @Test(arguments: [(0, false), (4, false), (1, true), (5, true)])
  func rejectsAnUnfitNumberOfNeighbours(k: Int, countingSelf: Bool) {
    #expect(throws: GraphError.neighbors(k: k, points: 4, countingSelf: countingSelf)) {
      try WeightedGraph(nearestNeighborsOf: line, count: k, countingSelf: countingSelf)
    }
  }
}

@Suite struct ShortestPathTests {
  /// Against Floyd and Warshall's three loops on random graphs.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func agreesWithFloydWarshall(seed: UInt64) throws {
    let points = normalPoints(60, dimensions: 2, seed: seed)
    let graph = try WeightedGraph(nearestNeighborsOf: points, count: 5)
    var expected = Matrix(rows: 60, columns: 60) { $0 == $1 ? 0 : .infinity }
    for (i, edges) in graph.edges.enumerated() { for edge in edges { expected[i, edge.end] = edge.length } }
    for k in 0..<60 {
      for i in 0..<60 { for j in 0..<60 { expected[i, j] = min(expected[i, j], expected[i, k] + expected[k, j]) } }
    }
    let largest = expected.elements.filter(\.isFinite).max() ?? 0
    let found = try graph.shortestPathLengths(unreachable: .largestFinite)
    #expect(largestDifference(found, expected.map { $0.isFinite ? $0 : largest }) < 1e-12)
    #expect(found == found.transposed)
  }

  @Test func aDisconnectedGraphIsAnErrorOrFilled() throws {
    let points = Matrix(rows: 5, columns: 1, elements: [0, 1, 2, 100, 101])
    let graph = try WeightedGraph(nearestNeighborsOf: points, count: 1)
    #expect(graph.componentSizes == [3, 2])
    let error = #expect(throws: GraphError.self) { try graph.shortestPathLengths() }
    #expect(error == .disconnected(components: 2, largest: 3, points: 5))
    let filled = try graph.shortestPathLengths(unreachable: .largestFinite)
    #expect(filled[0, 4] == 2)
    #expect(filled[3, 4] == 1)
  }
}
