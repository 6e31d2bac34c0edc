import Foundation
import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

@Suite struct SinkhornTests {
  static func randomProblem(_ n: Int, _ m: Int, seed: UInt64, zeros: ([Int], [Int]) = ([], [])) throws -> LinearProblem
  {
    try LinearProblem(
      cost: squaredDistances(
        normalPoints(n, dimensions: 2, seed: seed), normalPoints(m, dimensions: 2, seed: seed + 1000)),
      source: randomWeights(n, seed: seed, zeros: zeros.0), target: randomWeights(m, seed: seed + 1, zeros: zeros.1))
  }

  static let precise = StoppingRule(tolerance: 1e-13, iterationLimit: 100_000)

  @Test(arguments: Sinkhorn.Form.allCases, [0.05, 1.0])
  func agreesWithTheDefinition(form: Sinkhorn.Form, epsilon: Double) throws {
    let problem = try Self.randomProblem(9, 6, seed: 1, zeros: ([2], [0, 5]))
    let solution = try Sinkhorn(epsilon: epsilon, form: form, stopping: Self.precise).solve(problem)
    let expected = sinkhornByDefinition(
      cost: problem.cost, a: problem.source, b: problem.target, epsilon: epsilon, iterations: 20_000)
    #expect(solution.status == .converged)
    #expect(largestDifference(solution.coupling.plan, expected) < 1e-12)
    #expect(solution.coupling.marginalError < 1e-12)
    let value =
      dot(problem.cost.elements, expected.elements)
      + epsilon * relativeEntropyByDefinition(expected, problem.source, problem.target)
    #expect(abs(solution.value - value) < 1e-11)
    #expect(abs(solution.transportCost - dot(problem.cost.elements, expected.elements)) < 1e-11)
  }

  /// Large enough for several chunks, at an ε where plain scaling underflows.
  @Test func formsAgreeWhereScalingsMustBeAbsorbed() throws {
    let problem = try Self.randomProblem(500, 600, seed: 2)
    let epsilon = 2e-3 * (problem.cost.elements.max() ?? 1)
    let stopping = StoppingRule(tolerance: 1e-11, iterationLimit: 50_000)
    let scaling = try Sinkhorn(epsilon: epsilon, form: .scaling, stopping: stopping).solve(problem)
    let logarithmic = try Sinkhorn(epsilon: epsilon, form: .logarithmic, stopping: stopping).solve(problem)
    #expect(scaling.status == .converged && logarithmic.status == .converged)
    #expect(largestDifference(scaling.coupling.plan, logarithmic.coupling.plan) < 1e-10)
    // Momentum is what it is there for.
    #expect(scaling.iterations < logarithmic.iterations)
  }

  @Test func largeEpsilonGivesTheProductPlan() throws {
    let problem = try Self.randomProblem(5, 8, seed: 3)
    let solution = try Sinkhorn(epsilon: 1e9).solve(problem)
    #expect(largestDifference(solution.coupling.plan, Matrix(outer: problem.source, problem.target)) < 1e-8)
  }

  /// min over permutations ≤ ⟨C, P⟩ up to feasibility, and the entropic value is within ε log n of it.
  @Test func smallEpsilonTendsToTheBestPermutation() throws {
    let n = 6
    let cost = squaredDistances(normalPoints(n, dimensions: 2, seed: 4), normalPoints(n, dimensions: 2, seed: 5))
    let best =
      permutations(n).map { order in (0..<n).reduce(0) { $0 + cost[$1, order[$1]] } / Double(n) }.min() ?? 0
    for epsilon in [1e-1, 1e-2, 1e-3] {
      let solution = try Sinkhorn(epsilon: epsilon, stopping: .init(tolerance: 1e-9, iterationLimit: 200_000)).solve(
        LinearProblem(cost: cost))
      #expect(solution.status == .converged)
      #expect(solution.transportCost > best - 1e-9)
      #expect(solution.value > best - 1e-9)
      #expect(solution.value < best + epsilon * log(Double(n)) + 1e-9)
    }
  }

  @Test(arguments: [1e-3, 1e-1, 10])
  func dualValueCertifies(epsilon: Double) throws {
    let problem = try Self.randomProblem(20, 30, seed: 6, zeros: ([0], [7]))
    let short = try Sinkhorn(epsilon: epsilon, stopping: .init(tolerance: 0, iterationLimit: 3)).solve(problem)
    let long = try Sinkhorn(epsilon: epsilon, stopping: .init(tolerance: 1e-12, iterationLimit: 200_000)).solve(problem)
    #expect(short.status == .iterationLimit)
    #expect(short.dualValue <= long.value + 1e-12)
    #expect(abs(long.value - long.dualValue) < 1e-9)
    // P_ij = a_i b_j exp((φ_i + ψ_j − C_ij)/ε), zero weights included.
    let (phi, psi) = (long.potentials.source, long.potentials.target)
    #expect(phi.allSatisfy(\.isFinite) && psi.allSatisfy(\.isFinite))
    let plan = Matrix(rows: 20, columns: 30) {
      problem.source[$0] * problem.target[$1] * exp((phi[$0] + psi[$1] - problem.cost[$0, $1]) / epsilon)
    }
    #expect(largestDifference(plan, long.coupling.plan) < 1e-12)
  }

  /// Never NaN, and never converged when it is not: costs and ε to the extremes, ties, zero weights, one point.
  @Test(arguments: [1e-12, 1e-4, 1.0, 1e12], [1e-12, 1.0, 1e12])
  func extremesGiveFinitePlans(epsilon: Double, scale: Double) throws {
    for (n, m, zeros) in [(1, 1, []), (1, 7, [3]), (6, 4, [1]), (8, 8, [])] as [(Int, Int, [Int])] {
      let base = try Self.randomProblem(n, m, seed: 8)
      let problem = try LinearProblem(
        cost: base.cost.map { ($0 * 4).rounded() * scale }, source: base.source,
        target: randomWeights(m, seed: 9, zeros: zeros))
      for form in Sinkhorn.Form.allCases {
        let solution = try Sinkhorn(epsilon: epsilon, form: form, stopping: .init(tolerance: 1e-9, iterationLimit: 300))
          .solve(problem)
        #expect(solution.coupling.plan.firstNonFinite == nil, "ε \(epsilon), costs ×\(scale), \(n)×\(m), \(form)")
        #expect(solution.coupling.plan.elements.allSatisfy { $0 >= 0 })
        if solution.status == .converged { #expect(solution.coupling.marginalError < 1e-6) }
      }
    }
  }

  @Test func relabellingRelabelsThePlan() throws {
    let problem = try Self.randomProblem(12, 9, seed: 10)
    var random = SeededGenerator(seed: 11)
    let (rows, columns) = (random.permutation(12), random.permutation(9))
    let moved = try LinearProblem(
      cost: Matrix(rows: 12, columns: 9) { problem.cost[rows[$0], columns[$1]] },
      source: rows.map { problem.source[$0] },
      target: columns.map { problem.target[$0] })
    let solver = Sinkhorn(epsilon: 0.1, stopping: Self.precise)
    let (plan, other) = (try solver.solve(problem).coupling.plan, try solver.solve(moved).coupling.plan)
    #expect(largestDifference(other, Matrix(rows: 12, columns: 9) { plan[rows[$0], columns[$1]] }) < 1e-12)
  }

  @Test func anIterationLimitIsReported() throws {
    let solution = try Sinkhorn(epsilon: 1e-3, stopping: .init(tolerance: 1e-12, iterationLimit: 5)).solve(
      Self.randomProblem(30, 30, seed: 12))
    #expect(solution.status == .iterationLimit)
    #expect(solution.iterations == 5)
    #expect(solution.trace.points.map(\.iteration) == [1, 2, 3, 4, 5])
  }

  @Test(arguments: [nil, 0.3]) func aMonitorInterruptsTheIteration(_ epsilonScaling: Double?) throws {
    let solution = try Sinkhorn(
      epsilon: 1e-3, epsilonScaling: epsilonScaling, stopping: .init(tolerance: 1e-12, iterationLimit: 1000)
    ).solve(Self.randomProblem(30, 30, seed: 13), monitor: { _ in false })
    #expect(solution.status == .interrupted)
    // Stages of ε-scaling that end with their first step are not asked about.
    #expect(solution.iterations < (epsilonScaling == nil ? 2 : 20) && solution.trace.points.count == 1)
    // The last state is a plan all the same: its columns fit, after the pass that made it.
    #expect(solution.coupling.plan.elements.allSatisfy { $0 >= 0 && $0.isFinite })
    #expect(absoluteDifference(solution.coupling.plan.columnSums, solution.coupling.target) < 1e-12)
  }
}

@Suite struct LinearProblemTests {
  private let cost = Matrix(rows: 2, columns: 3, repeating: 1)

  @Test func rejectsUnfitInput() throws {
    #expect(throws: ProblemError.empty(name: "the cost matrix")) {
      try LinearProblem(cost: Matrix(rows: 0, columns: 3))
    }
    #expect(throws: ProblemError.negativeWeight(name: "the source weights", index: 1, value: -0.5)) {
      try LinearProblem(cost: cost, source: [1.5, -0.5])
    }
    #expect(throws: ProblemError.zeroMass(name: "the target weights")) {
      try LinearProblem(cost: cost, target: [0, 0, 0])
    }
    #expect(throws: ProblemError.massMismatch(source: 1, target: 2)) {
      try LinearProblem(cost: cost, target: [1, 0.5, 0.5])
    }
    #expect(throws: ProblemError.self) { try LinearProblem(cost: cost, source: [1]) }
    #expect(throws: ProblemError.self) { try LinearProblem(cost: cost, source: [.infinity, 1]) }
    var broken = cost
    broken[1, 2] = .nan
    let error = #expect(throws: ProblemError.self) { try LinearProblem(cost: broken) }
    #expect(
      error?.description
        == "the cost matrix holds nan at (1, 2); only finite numbers and, for forbidden pairs, +inf are allowed")
  }

  @Test(arguments: [0, -1, .nan, .infinity])
  func rejectsUnfitEpsilon(epsilon: Double) throws {
    let problem = try LinearProblem(cost: cost)
    #expect(throws: ProblemError.self) { try Sinkhorn(epsilon: epsilon).solve(problem) }
  }
}
