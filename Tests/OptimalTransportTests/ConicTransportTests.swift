import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import OptimalTransport

@Suite struct ConicTransportTests {
  @Test func diracsHaveFormulas() throws {
    let (mass, weights, distances, delta) = (0.8, [0.5, 0.2, 0.9], [0.1, 0.6, 1.4], 0.7)
    for kernel in [ConeKernel.gaussianHellinger, .wassersteinFisherRao()] {
      let solution = try ConicTransport(
        kernel: kernel, stopping: StoppingRule(tolerance: 1e-12, iterationLimit: 10_000)
      )
      .solve(distances: Matrix(rows: 1, columns: 3, elements: distances), source: [mass], target: weights, delta: delta)
      // max Σ M_j √(p_j ν_j) over Σ p_j = μ is √(μ Σ M_j² ν_j).
      let earned = zip(distances, weights).reduce(0) { $0 + pow(max(kernel.value($1.0 / delta), 0), 2) * $1.1 }
      let expected = delta * delta * (mass + weights.reduce(0, +) - 2 * (mass * earned).squareRoot())
      #expect(abs(solution.squaredDistance - expected) < 1e-10 && solution.status.isConverged)
    }
  }

  /// The Gaussian form is transport of cost d²/δ² and Kullback–Leibler marginals, in another shape.
  @Test func gaussianHellingerIsUnbalancedTransport() throws {
    let (n, m, delta) = (12, 9, 0.6)
    let (x, y) = (normalPoints(n, dimensions: 2, seed: 1), normalPoints(m, dimensions: 2, seed: 2))
    let squares = squaredDistances(x, y)
    let (a, b) = (randomWeights(n, seed: 3).map { 2 * $0 }, randomWeights(m, seed: 4))
    let solution = try ConicTransport(
      kernel: .gaussianHellinger, stopping: StoppingRule(tolerance: 1e-9, iterationLimit: 100_000)
    )
    .solve(distances: squares.map { $0.squareRoot() }, source: a, target: b, delta: delta)
    #expect(solution.status.isConverged && solution.gap < 1e-7)
    let epsilon = 1e-4
    let problem = try LinearProblem(
      cost: squares.map { $0 / (delta * delta) }, source: a, target: b,
      relaxation: MarginalRelaxation(source: 1, target: 1))
    let entropic = try Sinkhorn(epsilon: epsilon, stopping: StoppingRule(tolerance: 1e-10, iterationLimit: 200_000))
      .solve(problem)
    let plan = entropic.coupling.plan
    let value = dot(problem.cost.elements, plan.elements) + divergence(plan.rowSums, a) + divergence(plan.columnSums, b)
    // Any plan is an upper bound of the least value; at this ε it is a close one.
    #expect(solution.squaredDistance - solution.gap <= delta * delta * value + 1e-12)
    #expect(abs(solution.squaredDistance - delta * delta * value) < 2e-4)
  }

  private func divergence(_ p: [Double], _ q: [Double]) -> Double {
    zip(p, q).reduce(0) { $0 + ($1.0 > 0 ? $1.0 * log($1.0 / $1.1) : 0) - $1.0 + $1.1 }
  }

  /// The distributions of values of two networks are no farther apart than the networks.
  @Test func valueDistributionsBoundNetworksFromBelow() throws {
    for seed in 0..<5 as Range<UInt64> {
      let (first, second) = (try ConicTests.network(5, seed: seed), try ConicTests.network(6, seed: seed + 20))
      let (delta, kernel) = (0.5, ConeKernel.wassersteinFisherRao())
      let network = try ConicTests.precise.solve(
        ConicProblem(first: first, second: second, kernel: kernel, delta: delta))
      func values(_ network: Hypernetwork) -> (values: [Double], weights: [Double]) {
        (network.values.matrix.elements, Matrix(outer: network.nodes, network.nodes).elements)
      }
      let (a, b) = (values(first), values(second))
      let line = try ConicTransport(kernel: kernel).solve(
        distances: Matrix(rows: a.values.count, columns: b.values.count) { abs(a.values[$0] - b.values[$1]) },
        source: a.weights,
        target: b.weights, delta: delta)
      #expect(
        line.squaredDistance - line.gap <= network.lowerSquared + 1e-10
          && network.lowerSquared <= network.upperSquared + 1e-12)
      #expect(line.squaredDistance > 0)
    }
  }

  /// CCOT² at δ 1 with the Gaussian is at most unbalanced CO-optimal transport at ρ 1: there, plans are couplings of
  /// their own marginals.
  @Test func conicIsBelowUnbalancedCoOptimal() throws {
    for seed in 0..<4 as Range<UInt64> {
      let (x, y) = (normalPoints(7, dimensions: 4, seed: seed), normalPoints(6, dimensions: 3, seed: seed + 40))
      let unbalanced = try UnbalancedCoOptimalTransport(epsilon: 1e-3).solve(
        CoOptimalProblem(source: x, target: y, relaxation: MarginalRelaxation(source: 1, target: 1)))
      let conic = try ConicCoOptimalTransport().solve(
        ConicProblem(first: Hypernetwork(values: .dense(x)), second: Hypernetwork(values: .dense(y)), delta: 1))
      #expect(conic.squaredDistance <= unbalanced.value + 1e-9)
    }
  }

  @Test func trianglesCloseBetweenTinyNetworks() throws {
    // Three points: a few starts find the best.
    func distance(_ first: Hypernetwork, _ second: Hypernetwork) throws -> Double {
      let starts = permutations(3).map { order in Matrix(rows: 3, columns: 3) { order[$0] == $1 ? 1 : 0.01 } }
      return try starts.map { start in
        try ConicTests.precise.solve(ConicProblem(first: first, second: second, delta: 0.5), from: start).distance
      }.min() ?? .nan
    }
    for seed in 0..<6 as Range<UInt64> {
      let networks = try (0..<3).map {
        try ConicTests.network(3, seed: 3 * seed + $0, weights: randomWeights(3, seed: 3 * seed + $0 + 50))
      }
      let sides = [
        try distance(networks[0], networks[1]), try distance(networks[1], networks[2]),
        try distance(networks[0], networks[2]),
      ]
      #expect(
        sides[2] <= sides[0] + sides[1] + 1e-9 && sides[0] <= sides[1] + sides[2] + 1e-9
          && sides[1] <= sides[0] + sides[2] + 1e-9)
    }
  }

  /// Where squares of the kernel underflow, rows once shared out more mass than they had.
  @Test func farPointsReceiveNoMoreThanThereIs() throws {
    var random = SeededGenerator(seed: 5)
    for number in 0..<300 {
      let (n, m) = (1 + random.integer(below: 6), 1 + random.integer(below: 6))
      // In units of δ: Ω is exp(−z²/2), from 1e-150 to 1e-310.
      let distances = Matrix(rows: n, columns: m) { _, _ in random.uniform(in: 26...37.5) }
      let (a, b) = (randomWeights(n, seed: UInt64(number)), randomWeights(m, seed: UInt64(number + 1000)))
      let solution = try ConicTransport(
        kernel: .gaussianHellinger, stopping: .init(tolerance: 1e-6, iterationLimit: 30)
      )
      .solve(distances: distances, source: a, target: b, delta: 1)
      let (rows, columns) = (solution.coupling.source.rowSums, solution.coupling.target.columnSums)
      #expect(
        zip(rows, a).allSatisfy { $0 <= $1 * (1 + 1e-12) } && zip(columns, b).allSatisfy { $0 <= $1 * (1 + 1e-12) },
        "\(number)")
      #expect(abs(solution.squaredDistance - 2) < 1e-12)
    }
  }

  @Test func nonsenseIsRefused() throws {
    let d = Matrix(rows: 1, columns: 2, elements: [0, 1])
    #expect(throws: ProblemError.self) {
      try ConicTransport().solve(distances: d, source: [1], target: [1, 1], delta: -1)
    }
    #expect(throws: ProblemError.self) {
      try ConicTransport().solve(distances: d, source: [1, 1], target: [1, 1], delta: 1)
    }
    #expect(throws: ProblemError.self) {
      try ConicTransport().solve(distances: d, source: [1], target: [-1, 1], delta: 1)
    }
    #expect(throws: ProblemError.self) {
      try ConicTransport().solve(distances: d.map { -$0 }, source: [1], target: [1, 1], delta: 1)
    }
    #expect(throws: ProblemError.self) {
      try ConicTransport(sweeps: 0).solve(distances: d, source: [1], target: [1, 1], delta: 1)
    }
  }
}
