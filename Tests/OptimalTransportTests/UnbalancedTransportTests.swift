import Foundation
import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

/// Unbalanced transport without entropy, against closed forms, plain majorisation–minimisation, POT, and bounds summed
/// up by hand.
@Suite struct UnbalancedTransportTests {
  private static let pairs: [(Double, Double)] = [
    (1, 1), (0.1, 3), (.infinity, 0.5), (0.2, .infinity), (0, 1), (2, 0), (50, 50),
  ]

  private static func problem(_ n: Int, _ m: Int, seed: UInt64, rho: (Double, Double), mass: Double = 1.3) throws
    -> LinearProblem
  {
    let (x, y) = (normalPoints(n, dimensions: 2, seed: seed), normalPoints(m, dimensions: 2, seed: seed + 100))
    return try LinearProblem(
      cost: squaredDistances(x, y), source: randomWeights(n, seed: seed),
      target: randomWeights(m, seed: seed + 1).map { mass * $0 },
      relaxation: MarginalRelaxation(source: rho.0, target: rho.1))
  }

  private static func penalty(_ penalty: MarginalPenalty, _ rho: Double, _ p: [Double], _ a: [Double]) -> Double {
    if rho == 0 || rho == .infinity { return 0 }
    return switch penalty {
    case .kl: rho * relativeEntropyByDefinition(p, a)
    case .l2: rho / 2 * zip(p, a).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    case .tv: rho * zip(p, a).reduce(0) { $0 + abs($1.0 - $1.1) }
    }
  }

  /// min over p ≥ 0 of ρ D(p, a) + ⟨f, p⟩.
  private static func bound(_ penalty: MarginalPenalty, _ rho: Double, _ f: [Double], _ a: [Double]) -> Double {
    zip(f, a).reduce(0) { sum, point in
      let (f, a) = point
      if rho == .infinity { return sum + f * a }
      if rho == 0 { return f < 0 ? -.infinity : sum }
      switch penalty {
      case .kl: return sum + rho * a * (1 - exp(-f / rho))
      case .l2:
        let p = max(0, a - f / rho)
        return sum + rho / 2 * (p - a) * (p - a) + f * p
      case .tv: return f < -rho ? -.infinity : sum + a * min(f, rho)
      }
    }
  }

  private static func objective(_ penalty: MarginalPenalty, _ problem: LinearProblem, _ plan: Matrix) -> Double {
    zip(problem.cost.elements, plan.elements).reduce(0) { $0 + ($1.1 > 0 ? $1.0 * $1.1 : 0) }
      + Self.penalty(penalty, problem.relaxation.source, plan.rowSums, problem.source)
      + Self.penalty(penalty, problem.relaxation.target, plan.columnSums, problem.target)
  }

  /// Value and bound by their definitions, from what the solution gives.
  private static func check(_ solution: UnbalancedSolution, _ penalty: MarginalPenalty, _ problem: LinearProblem) {
    let (f, g, plan) = (solution.potentials.source, solution.potentials.target, solution.coupling.plan)
    #expect(solution.status == .converged)
    for i in f.indices { for j in g.indices { #expect(f[i] + g[j] <= problem.cost[i, j] + 1e-12) } }
    let value = objective(penalty, problem, plan)
    let lower =
      bound(penalty, problem.relaxation.source, f, problem.source)
      + bound(penalty, problem.relaxation.target, g, problem.target)
    #expect(abs(value - solution.value) <= 1e-12 && abs(lower - solution.dualValue) <= 1e-12)
    #expect(value - lower <= 1e-11 && value - lower >= -1e-12 && solution.gap <= 1e-11)
    for (rho, sums, weights) in [
      (problem.relaxation.source, plan.rowSums, problem.source),
      (problem.relaxation.target, plan.columnSums, problem.target),
    ] where rho == .infinity {
      #expect(zip(sums, weights).allSatisfy { abs($0 - $1) < 1e-14 })
    }
  }

  @Test(arguments: MarginalPenalty.allCases, pairs) func noPlanIsCheaper(
    penalty: MarginalPenalty, rho: (Double, Double)
  ) throws {
    for (n, m, seed) in [(9, 6, 1), (40, 31, 2), (1, 5, 3)] as [(Int, Int, UInt64)] {
      let problem = try Self.problem(n, m, seed: seed, rho: rho)
      Self.check(try UnbalancedTransport(penalty: penalty).solve(problem), penalty, problem)
    }
  }

  /// p = (a^ρ1 b^ρ2 e^−c)^1/(ρ1 + ρ2); max(0, ρ1 a + ρ2 b − c)/(ρ1 + ρ2); and by cases.
  @Test(arguments: [-0.3, 0, 0.2, 0.9, 4]) func onePair(cost: Double) throws {
    let (a, b, rho) = (0.7, 1.2, (0.5, 0.9))
    let problem = try LinearProblem(
      cost: Matrix(rows: 1, columns: 1, repeating: cost), source: [a], target: [b],
      relaxation: .init(source: rho.0, target: rho.1))
    func mass(_ penalty: MarginalPenalty) throws -> Double {
      try UnbalancedTransport(penalty: penalty).solve(problem).entries.reduce(0) { $0 + $1.mass }
    }
    let total = rho.0 + rho.1
    #expect(abs(try mass(.kl) - exp((rho.0 * log(a) + rho.1 * log(b) - cost) / total)) < 1e-14)
    #expect(abs(try mass(.l2) - max(0, rho.0 * a + rho.1 * b - cost) / total) < 1e-14)
    // From a on a unit costs c + ρ1 − ρ2, below it c − ρ1 − ρ2, above b it would cost c + ρ1 + ρ2.
    #expect(abs(try mass(.tv) - (cost > total ? 0 : cost + rho.0 - rho.1 > 0 ? a : b)) < 1e-14)
  }

  /// No plan on a grid is cheaper.
  @Test(arguments: MarginalPenalty.allCases) func fourPairsByBruteForce(penalty: MarginalPenalty) throws {
    let problem = try LinearProblem(
      cost: Matrix(rows: 2, columns: 2, elements: [0.1, 0.7, 0.5, 0.3]), source: [0.6, 0.4], target: [0.3, 0.9],
      relaxation: .init(source: 0.6, target: 0.8))
    let solution = try UnbalancedTransport(penalty: penalty).solve(problem)
    let steps = (0...20).map { 0.05 * Double($0) }
    var least = Double.infinity
    for p in steps {
      for q in steps {
        for r in steps {
          for s in steps {
            least = min(least, Self.objective(penalty, problem, Matrix(rows: 2, columns: 2, elements: [p, q, r, s])))
          }
        }
      }
    }
    #expect(solution.value <= least + 1e-12 && least - solution.value < 0.02)
  }

  /// The iteration of Chapel et al.
  ///
  /// in plain loops comes to the same value, from above.
  @Test(arguments: [MarginalPenalty.kl, .l2]) func majorisationAndMinimisation(penalty: MarginalPenalty) throws {
    let problem = try Self.problem(7, 5, seed: 11, rho: (0.8, 1.7))
    let (a, b, rho) = (problem.source, problem.target, problem.relaxation)
    var plan = Matrix(outer: a, b)
    for _ in 0..<20_000 {
      let (rows, columns) = (plan.rowSums, plan.columnSums)
      plan = Matrix(rows: a.count, columns: b.count) { i, j in
        let total = rho.source + rho.target
        if penalty == .l2 {
          let wanted = max(0, rho.source * a[i] + rho.target * b[j] - problem.cost[i, j])
          return plan[i, j] * wanted / (rho.source * rows[i] + rho.target * columns[j] + 1e-300)
        }
        return plan[i, j]
          * exp((rho.source * log(a[i] / rows[i]) + rho.target * log(b[j] / columns[j]) - problem.cost[i, j]) / total)
      }
    }
    let reached = Self.objective(penalty, problem, plan)
    let value = try UnbalancedTransport(penalty: penalty).solve(problem).value
    #expect(value <= reached + 1e-12 && reached - value < 1e-6)
  }

  /// `total_cost` and the mass by POT 0.9.7:
  /// `ot.unbalanced.mm_unbalanced(a, b, C, (ρ1, ρ2), div=…, numItermax=2000000, stopThr=1e-17, log=True)`.
  @Test(arguments: [
    (MarginalPenalty.kl, 0.5, 1.5, 0.2934479673165785, 1.0407760163417106),
    (.l2, 3, 5, 0.2958731231231232, 1.1283783783783785),
  ])
  func agreesWithPOT(penalty: MarginalPenalty, rho1: Double, rho2: Double, value: Double, mass: Double) throws {
    let cost = Matrix(rows: 5, columns: 4) { i, j in abs(Double(i) / 4 - Double(j) / 3) + 0.1 * Double(i * j % 3) }
    let problem = try LinearProblem(
      cost: cost, source: (1...5).map { Double($0) / 15 }, target: [4, 3, 2, 1].map { $0 / 8 },
      relaxation: .init(source: rho1, target: rho2))
    let solution = try UnbalancedTransport(penalty: penalty).solve(problem)
    #expect(abs(solution.value - value) < 1e-9)
    #expect(abs(solution.entries.reduce(0) { $0 + $1.mass } - mass) < 1e-6)
  }

  /// At the optimum of KL the objective is ρ1 m(a) + ρ2 m(b) − (ρ1 + ρ2) m(P).
  @Test func valueAndMassAgree() throws {
    let problem = try Self.problem(30, 25, seed: 5, rho: (0.3, 0.8), mass: 2)
    let solution = try UnbalancedTransport().solve(problem)
    let mass = solution.entries.reduce(0) { $0 + $1.mass }
    #expect(abs(solution.value - (0.3 + 0.8 * 2 - 1.1 * mass)) < 1e-13)
  }

  /// Without entropy it is what `Sinkhorn` tends to.
  @Test func entropyVanishes() throws {
    let problem = try Self.problem(12, 15, seed: 6, rho: (0.7, 1.1))
    let exact = try UnbalancedTransport().solve(problem)
    let entropic = try Sinkhorn(
      epsilon: 1e-4, epsilonScaling: 0.25, stopping: .init(tolerance: 1e-9, iterationLimit: 100_000)
    ).solve(
      problem)
    #expect(exact.value <= entropic.value && entropic.value - exact.value < 2e-3)
  }

  /// Dear penalties prescribe the marginals; with tv at a finite price, and the rest is dropped.
  @Test func dearPenaltiesPrescribe() throws {
    let problem = try Self.problem(20, 20, seed: 7, rho: (1e5, 1e5), mass: 1)
    let balanced = try NetworkSimplex().solve(
      LinearProblem(cost: problem.cost, source: problem.source, target: problem.target)
    ).value
    #expect(abs(try UnbalancedTransport(penalty: .kl).solve(problem).value - balanced) < 1e-3)
    #expect(abs(try UnbalancedTransport(penalty: .l2).solve(problem).value - balanced) < 1e-2)
    #expect(abs(try UnbalancedTransport(penalty: .tv).solve(problem).transportCost - balanced) < 1e-9)
    let heavier = try Self.problem(20, 20, seed: 7, rho: (1e5, 1e5), mass: 1.5)
    #expect(abs(try UnbalancedTransport(penalty: .tv).solve(heavier).penalties.target / 1e5 - 0.5) < 1e-9)
  }

  @Test(arguments: MarginalPenalty.allCases) func forbiddenPairsHaveNoMass(penalty: MarginalPenalty) throws {
    let whole = try Self.problem(14, 11, seed: 8, rho: (1.5, 2))
    // A row whose pairs are all forbidden, and a quarter of the others.
    let cost = Matrix(rows: 14, columns: 11) { $0 == 3 || ($0 * 7 + $1 * 5) % 4 == 0 ? .infinity : whole.cost[$0, $1] }
    let problem = try LinearProblem(
      cost: cost, source: whole.source, target: whole.target, relaxation: whole.relaxation)
    let solution = try UnbalancedTransport(penalty: penalty).solve(problem)
    #expect(solution.entries.allSatisfy { cost[$0.row, $0.column] < .infinity } && !solution.entries.isEmpty)
    Self.check(solution, penalty, problem)
    let prescribed = try LinearProblem(
      cost: cost, source: whole.source, target: whole.target, relaxation: .init(source: .infinity, target: 1))
    #expect(throws: ProblemError.self) { try UnbalancedTransport(penalty: penalty).solve(prescribed) }
  }

  /// With KL points of weight zero take no part; with the others they may.
  @Test func weightsOfZero() throws {
    let problem = try LinearProblem(
      cost: Matrix(rows: 2, columns: 1, elements: [0, 5]), source: [0, 1], target: [1], relaxation: .relaxed(2))
    #expect(try UnbalancedTransport(penalty: .kl).solve(problem).entries.allSatisfy { $0.row == 1 })
    #expect(try UnbalancedTransport(penalty: .l2).solve(problem).entries.contains { $0.row == 0 })
    for penalty in MarginalPenalty.allCases {
      Self.check(try UnbalancedTransport(penalty: penalty).solve(problem), penalty, problem)
    }
  }

  @Test func costsOfAnyMassAreRefused() throws {
    let problem = try LinearProblem(cost: Matrix(rows: 1, columns: 1, repeating: -3), relaxation: .relaxed(1))
    #expect(throws: ProblemError.self) { try UnbalancedTransport(penalty: .tv).solve(problem) }
    let wild = try LinearProblem(cost: Matrix(rows: 1, columns: 1, repeating: -3e4), relaxation: .relaxed(1))
    #expect(throws: ProblemError.self) { try UnbalancedTransport(penalty: .kl).solve(wild) }
  }

  @Test func aMonitorStopsIt() throws {
    let problem = try Self.problem(60, 60, seed: 9, rho: (100, 100))
    let solution = try UnbalancedTransport().solve(problem) { _ in false }
    #expect(solution.status == .interrupted && solution.value.isFinite && solution.gap > 0 && !solution.entries.isEmpty)
  }
}
