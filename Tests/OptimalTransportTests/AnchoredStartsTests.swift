import Foundation
import LinearAlgebra
import Testing

@testable import OptimalTransport

/// A table and a permutation of itself are 0 apart, however symmetric they are; no start knows the permutation.
@Suite struct AnchoredStartsTests {
  static let seeds: [UInt64] = [1, 2, 3]

  @Test(arguments: SymmetricTable.all) func coOptimalTransportFindsPermutations(of table: SymmetricTable) throws {
    for seed in Self.seeds {
      let solution = try AnchoredStarts().solve(
        CoOptimalProblem(source: table.values, target: table.permuted(seed: seed).values), by: CoOptimalTransport())
      #expect(solution.value >= 0 && solution.value < 1e-9 && solution.status == .converged, "seed \(seed)")
    }
  }

  @Test(arguments: SymmetricTable.all) func conicCoOptimalTransportFindsPermutations(of table: SymmetricTable) throws {
    for (seed, delta) in [(1, 0.5), (2, 1), (3, 10)] as [(UInt64, Double)] {
      let problem = try ConicProblem(
        first: Hypernetwork(values: .dense(table.values)),
        second: Hypernetwork(values: .dense(table.permuted(seed: seed).values)),
        delta: delta)
      let solution = try AnchoredStarts().solve(problem, by: ConicCoOptimalTransport())
      #expect(
        solution.squaredDistance >= 0 && solution.squaredDistance < 1e-9 && solution.status == .converged,
        "seed \(seed)")
    }
  }

  @Test(arguments: SymmetricTable.spaces) func conicGromovWassersteinFindsPermutations(of table: SymmetricTable) throws
  {
    for (seed, kernel) in zip(
      Self.seeds, [.gaussianHellinger, .wassersteinFisherRao(), .gaussianHellinger] as [ConeKernel])
    {
      let problem = try ConicProblem(
        first: .network(.dense(table.values)), second: .network(.dense(table.permuted(seed: seed).values)),
        kernel: kernel,
        delta: seed == 3 ? 100 : 1)
      let solution = try AnchoredStarts().solve(problem, by: ConicGromovWasserstein())
      #expect(
        solution.upperSquared >= 0 && solution.upperSquared < 1e-9 && solution.status == .converged, "seed \(seed)")
      #expect(solution.lowerSquared <= solution.upperSquared)
    }
  }

  /// No higher than from the permutation itself, at several ε and ρ.
  @Test(arguments: SymmetricTable.all) func unbalancedCoOptimalTransportIsNoHigherThanFromThePermutation(
    of table: SymmetricTable
  ) throws {
    let (n, d) = (table.values.rows, table.values.columns)
    // Data of unit size, so that one ε means the same for all.
    let largest = table.values.elements.reduce(0) { max($0, abs($1)) }
    let values = table.values.map { $0 / largest }
    for (seed, epsilon, rho) in [(1, 0.02, 1), (2, 0.2, 0.3)] as [(UInt64, Double, Double)] {
      let (_, rows, columns) = table.permuted(seed: seed)
      let target = Matrix(rows: n, columns: d) { values[rows[$0], columns[$1]] }
      let problem = try CoOptimalProblem(source: values, target: target, relaxation: .relaxed(rho))
      var plan = Matrix(rows: d, columns: d)
      for (l, k) in columns.enumerated() { plan[k, l] = 1 / Double(d) }
      let solver = UnbalancedCoOptimalTransport(
        epsilon: epsilon, stopping: .init(tolerance: 1e-9, iterationLimit: 200),
        innerStopping: .init(tolerance: 1e-10, iterationLimit: 1000))
      let right = try solver.solve(problem, fromFeatures: plan)
      let solution = try AnchoredStarts().solve(problem, by: solver)
      #expect(solution.regularizedValue <= right.regularizedValue + 1e-9, "seed \(seed)")
    }
  }

  /// Splitting rows and columns and sharing their weights out changes nothing either.
  @Test func splitPointsAreFound() throws {
    let cycle = try #require(SymmetricTable.spaces.first { $0.name == "cycle of 5" }).values
    let split = Matrix(rows: 10, columns: 10) { cycle[$0 / 2 * 2 % 5, $1 / 2 * 2 % 5] }
    let weights = (0..<10).map { $0 % 2 == 0 ? 0.05 : 0.15 }
    let problem = try CoOptimalProblem(source: cycle, target: split, samples: (nil, weights), features: (nil, weights))
    #expect(try AnchoredStarts().solve(problem, by: CoOptimalTransport()).value < 1e-12)
    let cone = try ConicProblem(
      first: .network(.dense(cycle)), second: .network(.dense(split), weights: weights), delta: 1)
    #expect(try AnchoredStarts().solve(cone, by: ConicGromovWasserstein()).upperSquared < 1e-9)
  }

  /// Between spaces that differ, more starts never end higher, and ordinary tables keep to one.
  @Test func ordinaryTablesTakeOneStart() throws {
    let (x, y) = (CoOptimalTransportTests.data(30, 20, seed: 1), CoOptimalTransportTests.data(25, 22, seed: 2))
    #expect(!TableSymmetry(x, y, rows: (.uniform(30), .uniform(25)), columns: (.uniform(20), .uniform(22))).isSuspected)
    let problem = try CoOptimalProblem(source: x, target: y)
    let single = try CoOptimalTransport().solve(problem)
    let byRule = try AnchoredStarts().solve(problem, by: CoOptimalTransport())
    #expect(byRule.value == single.value && byRule.iterations == single.iterations)
    #expect(try AnchoredStarts(starts: 8).solve(problem, by: CoOptimalTransport()).value <= single.value)
    #expect(throws: ProblemError.self) { try AnchoredStarts(starts: 0).solve(problem, by: CoOptimalTransport()) }
  }

  /// A start that is given is the only one, unless more are asked for.
  @Test func aGivenStartIsKeptTo() throws {
    let unit = Matrix(rows: 6, columns: 6) { $0 == $1 ? 1 : 0 }
    let problem = try CoOptimalProblem(source: unit, target: unit)
    let product = Matrix(rows: 6, columns: 6, repeating: 1 / 36)
    let given = try AnchoredStarts().solve(problem, fromFeatures: product, by: CoOptimalTransport())
    #expect(given.value == (try CoOptimalTransport().solve(problem, fromFeatures: product)).value)
    #expect(try AnchoredStarts(starts: 2).solve(problem, fromFeatures: product, by: CoOptimalTransport()).value == 0)
  }
}
