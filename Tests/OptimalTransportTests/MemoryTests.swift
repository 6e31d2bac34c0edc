import Foundation
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

  #if os(Linux)
    /// Cost and returned plan included, in a process of its own, since tests beside this one would count as well.
    @Test func sinkhornHoldsTheCostAndThePlan() async {
      await #expect(processExitsWith: .success) {
        func kilobytes(_ name: String) throws -> Double {
          let lines = try String(contentsOfFile: "/proc/self/status", encoding: .utf8).split(separator: "\n")
          let line = try #require(lines.first { $0.hasPrefix(name + ":") })
          return try #require(line.split(separator: " ").compactMap { Double($0) }.first)
        }
        let n = 2000
        let before = try kilobytes("VmRSS")
        for form in Sinkhorn.Form.allCases {
          let cost = Matrix(rows: n, columns: n) { i, j in Double((i * 7 + j * 13) % 101) / 101 }
          let solver = Sinkhorn(epsilon: 0.5, form: form, stopping: StoppingRule(tolerance: 1e-6, iterationLimit: 10))
          let solution = try solver.solve(LinearProblem(cost: cost))
          let bytes = (try kilobytes("VmHWM") - before) * 1024 / Double(n * n)
          #expect(solution.value > 0 && bytes > 15 && bytes <= 20, "\(form): \(bytes) bytes an entry")
        }
      }
    }
  #endif

  /// The places of ones are counted in 32 bits.
  @Test func moreOnesThanCanBeCountedAreRefused() throws {
    try Adjacency.validate(ones: 2_147_483_647)
    #expect(throws: ProblemError.self) { try Adjacency.validate(ones: 2_147_483_648) }
  }
}
