import Foundation
import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

/// Entropic transport with pairs that are forbidden, by +∞ or by costs far beyond all others.
@Suite struct ForbiddenPairTests {
  private static let solver = Sinkhorn(
    epsilon: 0.1, epsilonScaling: 0.25, stopping: .init(tolerance: 1e-9, iterationLimit: 100_000))

  /// Seven in ten pairs are forbidden, the diagonal never.
  private static func sparse(_ n: Int, seed: UInt64, price: Double) -> Matrix {
    var random = SeededGenerator(seed: seed, stream: "sparse")
    return Matrix(rows: n, columns: n) { i, j in
      let value = random.uniform()
      return random.uniform() < 0.7 && i != j ? price : value
    }
  }

  private static func value(_ plan: Matrix, _ cost: Matrix, _ a: [Double], _ b: [Double], epsilon: Double) -> Double {
    let paid = zip(cost.elements, plan.elements).reduce(0) { $0 + ($1.1 > 0 ? $1.0 * $1.1 : 0) }
    return paid + epsilon * relativeEntropyByDefinition(plan, a, b)
  }

  /// Answers are good to some times the tolerance of 1e-9.
  @Test("forbidden_sinkhorn", arguments: [1e3, 1e6, 1e9, 1e12, 1e16, 1e100, .infinity], Sinkhorn.Form.allCases)
  func forbiddenSinkhorn(price: Double, form: Sinkhorn.Form) throws {
    for seed in 3..<6 {
      let weights = [Double].uniform(30)
      let forbidden = Self.sparse(30, seed: UInt64(seed), price: .infinity)
      let expected = sinkhornByDefinition(cost: forbidden, a: weights, b: weights, epsilon: 0.1, iterations: 5000)
      var solver = Self.solver
      solver.form = form
      let solution = try solver.solve(LinearProblem(cost: Self.sparse(30, seed: UInt64(seed), price: price)))
      #expect(solution.status == .converged && solution.iterations < 2000, "\(solution.status), \(solution.iterations)")
      #expect(largestDifference(solution.coupling.plan, expected) < 1e-8)
      let value = Self.value(expected, forbidden, weights, weights, epsilon: 0.1)
      #expect(abs(solution.value - value) < 1e-8 && abs(solution.dualValue - value) < 1e-8)
      let (phi, psi) = (solution.potentials.source, solution.potentials.target)
      for i in 0..<30 {
        for j in 0..<30 where forbidden[i, j] < .infinity {
          #expect(abs(exp((phi[i] + psi[j] - forbidden[i, j]) / 0.1) / 900 - expected[i, j]) < 1e-8)
        }
      }
    }
  }

  /// Pairs that are allowed but that no plan can use: the scalings of a plain iteration would move for ever.
  @Test(arguments: [1e9, 1e12, 1e30, .infinity])
  func pairsThatNoPlanUsesDoNotKeepItFromConverging(price: Double) throws {
    for n in [2, 3, 7] {
      var random = SeededGenerator(seed: UInt64(n))
      let cost = Matrix(rows: n, columns: n) { i, j in i < j ? price : random.uniform() }
      let solution = try Self.solver.solve(LinearProblem(cost: cost))
      #expect(solution.status == .converged && solution.coupling.marginalError < 1e-8)
      let diagonal = Matrix(rows: n, columns: n) { $0 == $1 ? 1 / Double(n) : 0 }
      #expect(largestDifference(solution.coupling.plan, diagonal) < 1e-8)
      let paid = (0..<n).reduce(0) { $0 + cost[$1, $1] } / Double(n)
      #expect(abs(solution.value - (paid + 0.1 * log(Double(n)))) < 1e-8)
    }
  }

  /// A row whose costs are all large pays as much whatever the plan.
  @Test(arguments: [1e8, 1e12, 1e15])
  func forcedCostsTakeNoDigitsFromTheOthers(price: Double) throws {
    let cost = Matrix(rows: 12, columns: 9) { Double(($0 * 7 + $1 * 5) % 11) }
    let weights = (randomWeights(12, seed: 1), randomWeights(9, seed: 2))
    let moved = Matrix(rows: 12, columns: 9) { cost[$0, $1] + ($0 == 3 ? price : 0) }
    var solver = Self.solver
    solver.stopping.tolerance = 1e-12
    let plain = try solver.solve(LinearProblem(cost: cost, source: weights.0, target: weights.1))
    let solution = try solver.solve(LinearProblem(cost: moved, source: weights.0, target: weights.1))
    #expect(solution.status == .converged)
    #expect(largestDifference(solution.coupling.plan, plain.coupling.plan) < 1e-8)
  }

  @Test func noPlanIsASentence() throws {
    let blocked = Matrix(rows: 2, columns: 2, elements: [0, .infinity, 1, .infinity])
    for relaxation in [MarginalRelaxation.balanced, .init(source: 1, target: .infinity)] {
      let error = #expect(throws: ProblemError.self) {
        try Self.solver.solve(LinearProblem(cost: blocked, relaxation: relaxation))
      }
      #expect("\(String(describing: error))".contains("forbidden"))
    }
    // More mass than its allowed partners can take.
    let narrow = Matrix(rows: 2, columns: 2, elements: [0, .infinity, 0, 1])
    let problem = try LinearProblem(cost: narrow, source: [0.6, 0.4], target: [0.5, 0.5])
    #expect(throws: ProblemError.self) { try Self.solver.solve(problem) }
    #expect(throws: ProblemError.self) { try NetworkSimplex().solve(problem) }
  }

  /// Relaxed marginals give up what has no partner.
  @Test(arguments: [1e-3, 0.5, 100.0], [1e9, 1e12, 1e100, .infinity])
  func relaxedMassWithoutPartnersIsGivenUp(rho: Double, price: Double) throws {
    let cost = Matrix(rows: 6, columns: 5) { $0 == 2 || $1 == 4 && $0 != 2 ? price : Double(($0 * 3 + $1 * 5) % 7) / 7 }
    let (a, b) = (randomWeights(6, seed: 5), randomWeights(5, seed: 6))
    let kept = ((0..<6).map { $0 == 2 ? 0 : a[$0] }, (0..<5).map { $0 == 4 ? 0 : b[$0] })
    let solution = try Self.solver.solve(LinearProblem(cost: cost, source: a, target: b, relaxation: .relaxed(rho)))
    let plan = sinkhornByDefinition(
      cost: cost.map { min($0, 1e9) }, a: kept.0, b: kept.1, epsilon: 0.1, rho: (rho, rho), iterations: 20_000)
    #expect(solution.status == .converged, "\(solution.status)")
    #expect(largestDifference(solution.coupling.plan, plan) < 1e-8)
    let value =
      Self.value(plan, cost, a, b, epsilon: 0.1) + rho * relativeEntropyByDefinition(plan.rowSums, a)
      + rho * relativeEntropyByDefinition(plan.columnSums, b)
    #expect(abs(solution.value - value) < 1e-7 * max(1, rho) && abs(solution.dualValue - value) < 1e-7 * max(1, rho))
    let potentials = solution.potentials.source + solution.potentials.target
    let areFinite = potentials.allSatisfy { $0.isFinite }
    #expect(areFinite)
    // Nothing is allowed: all is given up.
    let nothing = try Self.solver.solve(
      LinearProblem(cost: cost.map { _ in .infinity }, source: a, target: b, relaxation: .relaxed(rho)))
    #expect(nothing.status == .converged && nothing.coupling.plan.elements.allSatisfy { $0 == 0 })
    #expect(abs(nothing.value - (2 * rho + 0.1)) < 1e-12 && abs(nothing.dualValue - nothing.value) < 1e-12)
  }

  @Test func theRightParameterIsNamed() throws {
    let cost = squaredDistances(normalPoints(6, dimensions: 2, seed: 1), normalPoints(5, dimensions: 2, seed: 2))
    for (relaxation, name) in [
      (MarginalRelaxation(source: 1e-150, target: 1), "ρ1"), (.init(source: 1, target: 1e-150), "ρ2"),
    ] {
      let solver = Sinkhorn(epsilon: 0.1, epsilonScaling: 0.25, stopping: .init(tolerance: 1e-9, iterationLimit: 1000))
      let solution = try solver.solve(LinearProblem(cost: cost, relaxation: relaxation))
      if case .stalled(let reason) = solution.status {
        #expect(
          reason.contains(name) && !reason.contains("ε is too small") && !reason.contains("costs of this size"),
          "\(reason)")
      } else {
        #expect(!solution.status.description.contains("ε"), "\(solution.status)")
      }
    }
  }
}
