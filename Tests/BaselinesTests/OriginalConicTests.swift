import Baselines
import Foundation
import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

@Suite struct OriginalConicTests {
  private static func network(_ n: Int, seed: UInt64) throws -> Hypernetwork {
    let masses = randomWeights(n, seed: seed)
    return try .network(
      .dense(normalizedDistances(normalPoints(n, dimensions: 2, seed: seed))), weights: masses.map { 1.2 * $0 })
  }

  /// Two solvers that share nothing: linear programs over plans with radii, and the ascent.
  ///
  /// More radii come down to it.
  @Test(arguments: 0..<3 as Range<UInt64>) func linearProgramsAndAscentMeet(seed: UInt64) throws {
    let problem = try ConicProblem(
      first: Self.network(3, seed: seed), second: Self.network(3, seed: seed + 10), delta: 0.4)
    let ascent =
      try permutations(3).map { order in
        try ConicGromovWasserstein(SemiCouplingAscent(stopping: StoppingRule(tolerance: 1e-10, iterationLimit: 20_000)))
          .solve(problem, from: Matrix(rows: 3, columns: 3) { order[$0] == $1 ? 1 : 0.05 })
      }.map(\.upperSquared).min() ?? .nan
    let values = try [5, 9, 17].map { try OriginalConic(radii: $0, starts: 10).solve(problem).squaredDistance }
    // Its programs end in basins too; none lies below, the best of them close above.
    let best = values.min() ?? .nan
    #expect(values.allSatisfy { $0 >= ascent - 1e-9 }, "\(values) \(ascent)")
    #expect(best <= 1.03 * ascent && values[0] > best, "\(values) \(ascent)")
  }

  @Test func twoMassesHaveAFormula() throws {
    // One node each, radii that hold both masses: δ²(a² + b² − 2abΩ) exactly.
    let (a, b, delta) = (1.0, 0.25, 0.8)
    func point(_ value: Double, _ mass: Double) throws -> Hypernetwork {
      try .network(.dense(Matrix(rows: 1, columns: 1, elements: [value])), weights: [mass])
    }
    let problem = try ConicProblem(first: point(0, a), second: point(0.5, b), delta: delta)
    let answer = try OriginalConic(radii: 5, starts: 3).solve(problem)
    let omega = problem.kernel.value(0.5 / delta)
    #expect(abs(answer.squaredDistance - delta * delta * (a * a + b * b - 2 * a * b * omega)) < 1e-9)
  }

  @Test func tooLargeATensorIsRefusedBeforeItIsMade() throws {
    let problem = try ConicProblem(first: Self.network(20, seed: 1), second: Self.network(20, seed: 2), delta: 1)
    let error = #expect(throws: BaselineError.self) { try OriginalConic(memory: 8e9).solve(problem) }
    let sentence = try #require(error).description
    #expect(
      sentence.contains("12.8 GB") && sentence.contains("20 and 20 nodes") && sentence.contains("8.0 GB"), "\(sentence)"
    )
  }
}
