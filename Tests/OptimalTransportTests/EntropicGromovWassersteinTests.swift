import Foundation
import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

@Suite struct EntropicGromovWassersteinTests {
  static func space(_ n: Int, seed: UInt64, weights: [Double]? = nil) throws -> MetricMeasureSpace {
    try MetricMeasureSpace(distances: normalizedDistances(normalPoints(n, dimensions: 2, seed: seed)), weights: weights)
  }

  static func problem(_ n: Int, _ m: Int, seed: UInt64, zeros: ([Int], [Int]) = ([], [])) throws -> QuadraticProblem {
    try QuadraticProblem(
      source: space(n, seed: seed, weights: randomWeights(n, seed: seed, zeros: zeros.0)),
      target: space(m, seed: seed + 50, weights: randomWeights(m, seed: seed + 51, zeros: zeros.1)))
  }

  @Test func costAgreesWithTheFourTensorAndItsGradient() throws {
    let problem = try Self.problem(5, 4, seed: 1)
    var random = SeededGenerator(seed: 2)
    // Not a coupling: the marginals must be the plan's own.
    let plan = Matrix(rows: 5, columns: 4) { _, _ in random.uniform() }
    let (d1, d2) = (problem.source.distances, problem.target.distances)
    var cost = QuadraticCost(problem, isMixed: true)
    let value = cost.refresh(plan)
    #expect(abs(value - gromovWassersteinByDefinition(d1, d2, plan)) < 1e-12)
    for i in 0..<5 {
      for j in 0..<4 {
        var (above, below) = (plan, plan)
        above[i, j] += 1e-5
        below[i, j] -= 1e-5
        let slope = (gromovWassersteinByDefinition(d1, d2, above) - gromovWassersteinByDefinition(d1, d2, below)) / 2e-5
        #expect(abs(slope - 2 * cost.matrix[i, j]) < 1e-8)
      }
    }
  }

  /// Each step by the definitions: T by four loops, the entropic problem by the oracle.
  @Test(arguments: EntropicGromovWasserstein.Step.allCases)
  func stepsAgreeWithTheDefinition(step: EntropicGromovWasserstein.Step) throws {
    let problem = try Self.problem(6, 5, seed: 3, zeros: ([1], [4]))
    let epsilon = 0.02
    let (a, b) = (problem.source.weights, problem.target.weights)
    var plan = Matrix(outer: a, b)
    for _ in 0..<4 {
      var cost = Matrix(rows: 6, columns: 5) { i, j in
        var sum = 0.0
        for k in 0..<6 {
          for l in 0..<5 {
            let difference = problem.source.distances[i, k] - problem.target.distances[j, l]
            sum += difference * difference * plan[k, l]
          }
        }
        return sum
      }
      if step == .proximalPoint {
        cost = Matrix(rows: 6, columns: 5) { i, j in
          a[i] > 0 && b[j] > 0 ? cost[i, j] - epsilon * log(plan[i, j] / (a[i] * b[j])) : 0
        }
      }
      plan = sinkhornByDefinition(cost: cost, a: a, b: b, epsilon: epsilon, iterations: 3000)
    }
    var solver = EntropicGromovWasserstein(epsilon: epsilon, step: step)
    solver.stopping = StoppingRule(tolerance: 0, iterationLimit: 4)
    solver.innerStopping = StoppingRule(tolerance: 1e-14, iterationLimit: 20_000)
    let solution = try solver.solve(problem)
    #expect(largestDifference(solution.coupling.plan, plan) < 1e-11)
    let value = gromovWassersteinByDefinition(problem.source.distances, problem.target.distances, plan)
    #expect(abs(solution.value - value) < 1e-12)
    #expect(abs(solution.regularizedValue - value - 2 * epsilon * relativeEntropyByDefinition(plan, a, b)) < 1e-11)
    #expect(solution.status == .iterationLimit)
  }

  /// Against POT 0.9.7, entropic_gromov_wasserstein(D1, D2, p, q, epsilon=0.05, tol=1e-12): D1 = |i−j|/4 on 5 points,
  /// D2 = |√i−√j|/√3 on 4, p ∝ 1…5, q uniform.
  ///
  /// Their gw_dist is GW² of the plan.
  @Test func agreesWithPOT() throws {
    let d1 = Matrix(rows: 5, columns: 5) { abs(Double($0 - $1)) / 4 }
    let d2 = Matrix(rows: 4, columns: 4) { abs(Double($0).squareRoot() - Double($1).squareRoot()) / 3.0.squareRoot() }
    let problem = try QuadraticProblem(
      source: MetricMeasureSpace(distances: d1, weights: (1...5).map { Double($0) / 15 }),
      target: MetricMeasureSpace(distances: d2))
    var solver = EntropicGromovWasserstein(gradientEpsilon: 0.05)
    solver.stopping.tolerance = 1e-13
    solver.innerStopping.tolerance = 1e-14
    let solution = try solver.solve(problem)
    #expect(solution.status == .converged)
    #expect(abs(solution.value - POTReference.value) < 1e-9)
    #expect(largestDifference(solution.coupling.plan, POTReference.plan) < 1e-8)
  }

  @Test func aPermutedCopyIsRecognized() throws {
    let n = 40
    let points = normalPoints(n, dimensions: 3, seed: 5)
    var random = SeededGenerator(seed: 6)
    let order = random.permutation(n)
    let problem = try QuadraticProblem(
      source: MetricMeasureSpace(distances: normalizedDistances(points)),
      target: MetricMeasureSpace(distances: normalizedDistances(points.selectingRows(order))))
    let solution = try EntropicGromovWasserstein(epsilon: 1e-3).solve(problem)
    #expect(solution.status == .converged)
    #expect(solution.value < 2e-3)
    let hits = (0..<n).count { k in solution.coupling.plan[order[k], k] > 0.5 / Double(n) }
    #expect(hits == n)
  }

  /// Euclidean distances are conditionally negative, for which mirror descent is known to descend.
  @Test func theObjectiveFalls() throws {
    let problem = try Self.problem(60, 50, seed: 7)
    for step in EntropicGromovWasserstein.Step.allCases {
      var solver = EntropicGromovWasserstein(epsilon: 2e-3, step: step)
      solver.stopping.iterationLimit = 60
      solver.innerStopping.tolerance = 1e-13
      let objectives = try solver.solve(problem).trace.points.compactMap(\.objective)
      #expect(objectives.count == 60 || step == .mirrorDescent)
      for (earlier, later) in zip(objectives, objectives.dropFirst()) { #expect(later <= earlier + 1e-11) }
    }
  }

  @Test func relabellingRelabelsThePlan() throws {
    let problem = try Self.problem(15, 12, seed: 8)
    var random = SeededGenerator(seed: 9)
    let order = random.permutation(12)
    let target = problem.target
    let moved = try QuadraticProblem(
      source: problem.source,
      target: MetricMeasureSpace(
        distances: Matrix(rows: 12, columns: 12) { target.distances[order[$0], order[$1]] },
        weights: order.map { target.weights[$0] }))
    let solver = EntropicGromovWasserstein(epsilon: 5e-3)
    let (first, second) = (try solver.solve(problem), try solver.solve(moved))
    #expect(abs(first.value - second.value) < 1e-9)
    #expect(
      largestDifference(second.coupling.plan, Matrix(rows: 15, columns: 12) { first.coupling.plan[$0, order[$1]] })
        < 1e-7)
  }

  /// (sD, ε s²) has the plans of (D, ε).
  @Test func distancesScaleWithTheRootOfEpsilon() throws {
    let problem = try Self.problem(14, 11, seed: 10)
    let scaled = try QuadraticProblem(
      source: MetricMeasureSpace(distances: problem.source.distances.map { 3 * $0 }, weights: problem.source.weights),
      target: MetricMeasureSpace(distances: problem.target.distances.map { 3 * $0 }, weights: problem.target.weights))
    let plan = try EntropicGromovWasserstein(epsilon: 5e-3).solve(problem).coupling.plan
    let other = try EntropicGromovWasserstein(epsilon: 45e-3).solve(scaled).coupling.plan
    #expect(largestDifference(plan, other) < 1e-8)
  }

  /// What mixed precision does to a converged result, and to one that is cut short.
  @Test func mixedPrecisionDoesNotMoveTheResult() throws {
    let problem = try Self.problem(300, 260, seed: 15)
    var solver = EntropicGromovWasserstein(epsilon: 2.5e-3)
    let mixed = try solver.solve(problem)
    solver.usesMixedPrecision = false
    let double = try solver.solve(problem)
    #expect(mixed.status == .converged && double.status == .converged)
    #expect(abs(mixed.value - double.value) < 1e-9)
    // Entries are about 1e-5.
    #expect(largestDifference(mixed.coupling.plan, double.coupling.plan) < 1e-10)
    solver.stopping.iterationLimit = 5
    let short = try solver.solve(problem)
    solver.usesMixedPrecision = true
    #expect(abs(try solver.solve(problem).value - short.value) < 1e-6 * short.value)
  }

  @Test func zeroWeightsGetNoMass() throws {
    let problem = try Self.problem(10, 9, seed: 11, zeros: ([0, 9], [4]))
    let plan = try EntropicGromovWasserstein(epsilon: 1e-2).solve(problem).coupling.plan
    #expect(plan.firstNonFinite == nil)
    for j in 0..<9 { #expect(plan[0, j] == 0 && plan[9, j] == 0) }
    for i in 0..<10 { #expect(plan[i, 4] == 0) }
  }

  @Test(arguments: [1e-10, 1e-6, 1e3])
  func extremeEpsilonGivesAFinitePlan(epsilon: Double) throws {
    var solver = EntropicGromovWasserstein(epsilon: epsilon)
    solver.stopping.iterationLimit = 30
    let solution = try solver.solve(Self.problem(20, 25, seed: 12))
    #expect(solution.coupling.plan.firstNonFinite == nil)
    #expect(solution.value.isFinite)
    if solution.status == .converged { #expect(solution.coupling.marginalError < 1e-7) }
  }

  /// A plan at rest whose marginals are not met must not be called converged.
  @Test func unmetMarginalsAreNotConvergence() throws {
    var solver = EntropicGromovWasserstein(epsilon: 1e-4)
    solver.stopping = StoppingRule(tolerance: 1, iterationLimit: 3)
    solver.innerStopping = StoppingRule(tolerance: 1e-15, iterationLimit: 1)
    #expect(try solver.solve(Self.problem(30, 30, seed: 13)).status == .iterationLimit)
  }

  @Test func rejectsUnfitInput() throws {
    let problem = try Self.problem(4, 4, seed: 14)
    let solver = EntropicGromovWasserstein(epsilon: 0.1)
    #expect(throws: ProblemError.self) { try EntropicGromovWasserstein(epsilon: 0).solve(problem) }
    #expect(throws: ProblemError.self) { try solver.solve(problem, from: Matrix(rows: 4, columns: 5, repeating: 0.1)) }
    #expect(throws: ProblemError.self) { try solver.solve(problem, from: Matrix(rows: 4, columns: 4, repeating: -0.1)) }
    #expect(throws: ProblemError.self) { try solver.solve(problem, from: Matrix(rows: 4, columns: 4, repeating: .nan)) }
    let lopsided = Matrix(rows: 2, columns: 2, elements: [0, 1, 2, 0])
    #expect(throws: ProblemError.asymmetric(name: "D", row: 0, column: 1, value: 1, mirrored: 2)) {
      try MetricMeasureSpace(distances: lopsided, name: "D")
    }
    #expect(throws: ProblemError.self) { try MetricMeasureSpace(distances: Matrix(rows: 2, columns: 3)) }
    #expect(throws: ProblemError.self) {
      try MetricMeasureSpace(distances: Matrix(rows: 2, columns: 2), weights: [1, 2, 3])
    }
    #expect(throws: ProblemError.self) {
      try QuadraticProblem(source: Self.space(3, seed: 1), target: Self.space(3, seed: 2, weights: [1, 1, 1]))
    }
  }
}
