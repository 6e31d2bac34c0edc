import LinearAlgebra
import Testing

@testable import OptimalTransport

/// The library asks for memory before it takes it, for who calls it without the command.
@Suite struct MemoryTests {
  private static let many = 1_000_000

  private static func expectSentence(_ body: () throws -> Void) {
    #expect {
      try body()
    } throws: { error in
      guard case .memory? = error as? ProblemError else { return false }
      return "\(error)".contains(" needs about ") && "\(error)".contains("GB of memory, but this ")
    }
  }

  @Test func problemsOfTerabytesEndInASentence() throws {
    let points = Matrix(rows: Self.many, columns: 1) { i, _ in Double(i) }
    let space = try MetricMeasureSpace(geometry: .euclidean(points: points))
    Self.expectSentence { _ = try QuadraticProblem(source: space, target: space) }
    Self.expectSentence { _ = try CoOptimalProblem(source: points, target: points) }
    Self.expectSentence { _ = try CoOptimalProblem(source: points.transposed, target: points.transposed) }
    let table = try Hypernetwork(values: .dense(points))
    Self.expectSentence { _ = try ConicProblem(first: table, second: table, delta: 1) }
    Self.expectSentence {
      _ = try BarycenterProblem(
        measures: Matrix(rows: 1, columns: Self.many, repeating: 1), support: .grid(shape: [Self.many], step: 1))
    }
    Self.expectSentence {
      _ = try TreeGromovWassersteinProblem(
        topology: TreeTopology(nodeCount: 2, edges: [(0, 1)]),
        spaces: [
          .init(geometry: .euclidean(points: points), marginal: TreeMarginal(freeOver: Self.many)),
          .init(geometry: .euclidean(points: points), marginal: TreeMarginal(freeOver: Self.many)),
        ])
    }
    Self.expectSentence {
      _ = try JointEmbeddingProblem(first: space, second: space, target: .euclidean(points: points), lambda: 1)
    }
  }

  /// The places of ones are counted in 32 bits.
  @Test func moreOnesThanCanBeCountedAreRefused() throws {
    try Adjacency.validate(ones: 2_147_483_647)
    #expect(throws: ProblemError.self) { try Adjacency.validate(ones: 2_147_483_648) }
  }
}
