import Foundation
import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

@Suite struct CoOptimalTransportTests {
  static func data(_ n: Int, _ d: Int, seed: UInt64) -> Matrix { GromovWassersteinTests.random(n, d, seed: seed) }

  /// Σ (X_ik − Y_jl)² P_ij Q_kl, by loops.
  static func objective(_ x: Matrix, _ y: Matrix, _ p: Matrix, _ q: Matrix) -> Double {
    var sum = 0.0
    for i in 0..<p.rows {
      for j in 0..<p.columns where p[i, j] != 0 {
        for k in 0..<q.rows {
          for l in 0..<q.columns { sum += (x[i, k] - y[j, l]) * (x[i, k] - y[j, l]) * p[i, j] * q[k, l] }
        }
      }
    }
    return sum
  }

  @Test(arguments: [(0, 0), (0.01, 0), (0.02, 0.03)] as [(Double, Double)])
  func valuesAreTheDefinitionsAndNeverRise(epsilon: (Double, Double)) throws {
    for seed in 1...20 as ClosedRange<UInt64> {
      let (x, y) = (Self.data(6, 4, seed: seed), Self.data(5, 7, seed: seed + 100))
      let problem = try CoOptimalProblem(
        source: x, target: y, samples: (randomWeights(6, seed: seed, zeros: [2]), nil),
        features: (nil, randomWeights(7, seed: seed, zeros: [0])))
      let solution = try CoOptimalTransport(
        sampleEpsilon: epsilon.0, featureEpsilon: epsilon.1, stopping: .init(tolerance: 1e-12, iterationLimit: 2000),
        innerStopping: .init(tolerance: 1e-13, iterationLimit: 20_000)
      ).solve(problem)
      #expect(solution.status == .converged)
      #expect(solution.samples.marginalError < 1e-11 && solution.features.marginalError < 1e-11)
      #expect(abs(solution.value - Self.objective(x, y, solution.samples.plan, solution.features.plan)) < 1e-12)
      let objectives = solution.trace.points.compactMap(\.objective)
      for (before, after) in zip(objectives, objectives.dropFirst()) { #expect(after <= before + 1e-12) }
      #expect(abs((objectives.last ?? 0) - solution.regularizedValue) < 1e-11)
      if epsilon == (0, 0) { #expect(solution.samples.entries.count <= 10 && solution.features.entries.count <= 10) }
    }
  }

  /// Neither side can improve: each plan is optimal for the other's cost.
  @Test func eachPlanIsBestForTheOther() throws {
    let (x, y) = (Self.data(8, 6, seed: 3), Self.data(8, 6, seed: 4))
    let solution = try CoOptimalTransport().solve(CoOptimalProblem(source: x, target: y))
    let cost = Matrix(rows: 8, columns: 8) { i, j in
      var sum = 0.0
      for k in 0..<6 {
        for l in 0..<6 { sum += (x[i, k] - y[j, l]) * (x[i, k] - y[j, l]) * solution.features.plan[k, l] }
      }
      return sum
    }
    #expect(abs(try NetworkSimplex().solve(LinearProblem(cost: cost)).value - solution.value) < 1e-13)
  }

  @Test func permutedRowsAndColumnsAreRecovered() throws {
    let x = Self.data(20, 15, seed: 5).map { $0 * $0 * $0 }
    var random = SeededGenerator(seed: 6)
    let (rows, columns) = (random.permutation(20), random.permutation(15))
    let y = Matrix(rows: 20, columns: 15) { x[rows[$0], columns[$1]] }
    let solution = try CoOptimalTransport().solve(CoOptimalProblem(source: x, target: y))
    #expect(solution.value < 1e-15)
    #expect((0..<20).allSatisfy { abs(solution.samples.plan[rows[$0], $0] - 0.05) < 1e-12 })
  }

  /// With symmetric matrices and equal starts the alternation is that of unbalanced Gromov–Wasserstein.
  @Test func unbalancedFormOnDistancesIsUnbalancedGromovWasserstein() throws {
    let base = try EntropicGromovWassersteinTests.problem(7, 6, seed: 7)
    let relaxation = MarginalRelaxation(source: 0.3, target: 0.1)
    let expected = try UnbalancedGromovWassersteinTests.precise.solve(
      QuadraticProblem(source: base.source, target: base.target, relaxation: relaxation))
    let weights = (source: Optional(base.source.weights), target: Optional(base.target.weights))
    let solution = try UnbalancedCoOptimalTransport(
      epsilon: 0.05, stopping: .init(tolerance: 1e-13, iterationLimit: 5000),
      innerStopping: .init(tolerance: 1e-14, iterationLimit: 10_000)
    ).solve(
      CoOptimalProblem(
        source: base.source.distances, target: base.target.distances, samples: weights, features: weights,
        relaxation: relaxation))
    #expect(solution.status == .converged)
    #expect(largestDifference(solution.samples.plan, expected.coupling.plan) < 1e-10)
    #expect(abs(solution.regularizedValue - expected.regularizedValue) < 1e-12)
    #expect(abs(solution.value - expected.value) < 1e-11)
    let objectives = solution.trace.points.compactMap(\.objective)
    for (before, after) in zip(objectives, objectives.dropFirst()) { #expect(after <= before + 1e-12) }
  }

  /// Where POT's unbalanced CO-optimal transport answers inf or NaN: large data, small ε and ρ.
  @Test(arguments: [1e-6, 1e-2, 10], [1e-6, 1.0, 1e6, .infinity])
  func extremesGiveFinitePlans(epsilon: Double, rho: Double) throws {
    for scale in [1e-3, 1.0, 1e3] {
      let problem = try CoOptimalProblem(
        source: Self.data(6, 4, seed: 8).map { $0 * scale }, target: Self.data(5, 7, seed: 9).map { $0 * scale },
        relaxation: .relaxed(rho))
      let solution = try UnbalancedCoOptimalTransport(
        epsilon: epsilon, stopping: .init(tolerance: 1e-8, iterationLimit: 30),
        innerStopping: .init(tolerance: 1e-9, iterationLimit: 300)
      ).solve(problem)
      #expect((solution.samples.plan.elements + solution.features.plan.elements).allSatisfy { $0 >= 0 && $0.isFinite })
      #expect(solution.value.isFinite && solution.regularizedValue.isFinite)
    }
  }

  /// Potentials that double precision can no longer resolve once gave plans of NaN.
  @Test(arguments: [1e20, 1e40, 1e60])
  func dataBeyondTheDigitsOfTheEntropyGiveNoNaN(scale: Double) throws {
    for seed in 0..<20 {
      var random = SeededGenerator(seed: UInt64(seed), stream: "scales")
      let x = Matrix(rows: 8, columns: 6) { _, _ in scale * Double(random.integer(below: 3)) }
      let y = Matrix(rows: 6, columns: 1) { _, _ in random.uniform() / scale }
      do {
        let solution = try CoOptimalTransport(
          sampleEpsilon: 0.05, featureEpsilon: 0.05, stopping: .init(tolerance: 1e-9, iterationLimit: 30)
        )
        .solve(CoOptimalProblem(source: x, target: y))
        #expect(
          solution.samples.plan.firstNonFinite == nil && solution.features.plan.firstNonFinite == nil
            && !solution.value.isNaN)
      } catch {
        #expect("\(error)".contains("too large for double precision"))
      }
    }
  }

  @Test func rejectsUnfitInput() throws {
    let x = Self.data(3, 2, seed: 10)
    #expect(throws: ProblemError.self) { try CoOptimalProblem(source: Matrix(rows: 0, columns: 2), target: x) }
    #expect(throws: ProblemError.self) { try CoOptimalProblem(source: x, target: x, samples: ([1, 2], nil)) }
    #expect(throws: ProblemError.self) { try CoOptimalProblem(source: x, target: x, features: (nil, [1, -1])) }
    #expect(throws: ProblemError.self) { try CoOptimalProblem(source: x, target: x, samples: ([1, 1, 1], nil)) }
    let problem = try CoOptimalProblem(source: x, target: x)
    #expect(throws: ProblemError.self) { try CoOptimalTransport(sampleEpsilon: -1).solve(problem) }
    #expect(throws: ProblemError.self) { try CoOptimalTransport().solve(problem, fromFeatures: x) }
    #expect(throws: ProblemError.self) { try UnbalancedCoOptimalTransport(epsilon: -1).solve(problem) }
    #expect(throws: ProblemError.self) {
      try CoOptimalTransport().solve(CoOptimalProblem(source: x, target: x, relaxation: .relaxed(1)))
    }
  }
}
