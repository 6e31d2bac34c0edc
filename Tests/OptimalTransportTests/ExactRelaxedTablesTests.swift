import Foundation
import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

/// Unbalanced problems of two plans without entropy, with entropies apart, by squares, and with linear terms: values by
/// their definitions, and that neither plan can be improved for the other, by bounds summed up by hand.
@Suite struct ExactRelaxedTablesTests {
  private static let x = normalPoints(7, dimensions: 4, seed: 1)
  private static let y = normalPoints(6, dimensions: 3, seed: 2)
  private static let terms = (
    Matrix(rows: 7, columns: 6) { 0.3 * Double(($0 * 5 + $1 * 3) % 7) + 0.1 },
    Matrix(rows: 4, columns: 3) { 0.5 * Double(($0 + 2 * $1) % 4) + 0.2 }
  )

  private static func problem(_ rho: (Double, Double), hasTerms: Bool = false) throws -> CoOptimalProblem {
    try CoOptimalProblem(
      source: x, target: y, samples: (randomWeights(7, seed: 3), randomWeights(6, seed: 4)),
      features: (randomWeights(4, seed: 5), randomWeights(3, seed: 6)), relaxation: .init(source: rho.0, target: rho.1),
      linear: hasTerms ? (terms.0, terms.1) : (nil, nil))
  }

  private static func outer(_ p: [Double], _ q: [Double]) -> [Double] { p.flatMap { p in q.map { p * $0 } } }

  /// The objective by four loops.
  private static func objective(
    _ problem: CoOptimalProblem, _ p: Matrix, _ q: Matrix, _ penalty: ProductPenalty, epsilon: (Double, Double) = (0, 0)
  ) -> Double {
    var value = 0.0
    for i in 0..<p.rows {
      for j in 0..<p.columns {
        for k in 0..<q.rows {
          for l in 0..<q.columns {
            let difference = problem.source[i, k] - problem.target[j, l]
            value += difference * difference * p[i, j] * q[k, l]
          }
        }
      }
    }
    if let terms = problem.linear.samples { value += zip(terms.elements, p.elements).reduce(0) { $0 + $1.0 * $1.1 } }
    if let terms = problem.linear.features { value += zip(terms.elements, q.elements).reduce(0) { $0 + $1.0 * $1.1 } }
    for (rho, product, weights) in [
      (problem.relaxation.source, outer(p.rowSums, q.rowSums), outer(problem.samples.source, problem.features.source)),
      (
        problem.relaxation.target, outer(p.columnSums, q.columnSums),
        outer(problem.samples.target, problem.features.target)
      ),
    ] where rho.isFinite {
      value +=
        penalty == .kl
        ? rho * relativeEntropyByDefinition(product, weights)
        : rho / 2 * zip(product, weights).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    return value + epsilon.0 * relativeEntropyByDefinition(p, problem.samples.source, problem.samples.target)
      + epsilon.1 * relativeEntropyByDefinition(q, problem.features.source, problem.features.target)
  }

  /// No change of one pair of one plan, up or down, lowers the objective.
  private static func expectMinimal(_ solution: CoOptimalSolution, _ objective: (Matrix, Matrix) -> Double) {
    let (p, q) = (solution.samples.plan, solution.features.plan)
    let value = objective(p, q)
    for step in [1e-3, 1e-2, 0.1] {
      for (plan, isSamples) in [(p, true), (q, false)] {
        for index in plan.elements.indices {
          for factor in [1.0, -1] where plan.elements[index] + factor * step >= 0 {
            var moved = plan
            moved.elements[index] += factor * step
            #expect((isSamples ? objective(moved, q) : objective(p, moved)) >= value - 1e-10)
          }
        }
      }
    }
  }

  @Test(arguments: ProductPenalty.allCases, [false, true]) func neitherPlanCanBeImproved(
    penalty: ProductPenalty, hasTerms: Bool
  ) throws {
    let rho = penalty == .kl ? (1.5, 0.8) : (40.0, 25.0)
    let problem = try Self.problem(rho, hasTerms: hasTerms)
    let solution = try UnbalancedCoOptimalTransport(epsilon: 0, penalty: penalty).solve(problem)
    let (p, q) = (solution.samples.plan, solution.features.plan)
    #expect(solution.status == .converged && solution.value == solution.regularizedValue)
    #expect(solution.samples.entries.count < 7 + 6 && solution.features.entries.count < 4 + 3)
    #expect(abs(solution.value - Self.objective(problem, p, q, penalty)) < 1e-11)
    Self.expectMinimal(solution) { Self.objective(problem, $0, $1, penalty) }
  }

  /// Small entropies tend to none.
  @Test func entropyVanishes() throws {
    let problem = try Self.problem((1, 1))
    let exact = try UnbalancedCoOptimalTransport(epsilon: 0).solve(problem)
    let entropic = try UnbalancedCoOptimalTransport(epsilon: 1e-3).solve(problem, fromFeatures: exact.features.plan)
    #expect(abs(entropic.value - exact.value) < 2e-2 * exact.value)
  }

  @Test(arguments: [(0.1, 0.03), (0.05, 0)]) func entropiesApart(epsilon: (Double, Double)) throws {
    let problem = try Self.problem((1, 2), hasTerms: true)
    let solution = try UnbalancedCoOptimalTransport(epsilon: epsilon.0, featureEpsilon: epsilon.1).solve(problem)
    #expect(solution.status == .converged)
    let (p, q) = (solution.samples.plan, solution.features.plan)
    #expect(abs(solution.regularizedValue - Self.objective(problem, p, q, .kl, epsilon: epsilon)) < 1e-10)
    #expect(abs(solution.value - Self.objective(problem, p, q, .kl)) < 1e-10)
    Self.expectMinimal(solution) { Self.objective(problem, $0, $1, .kl, epsilon: epsilon) }
  }

  /// One point a side: s = m(P) m(Q) is all that counts, and c s + (ρ1 + ρ2)(s log s − s + 1) is least at e^−c/(ρ1 +
  /// ρ2); squares at 1 − c/(ρ1 + ρ2).
  @Test func onePair() throws {
    let problem = try CoOptimalProblem(
      source: Matrix(rows: 1, columns: 1, repeating: 1), target: Matrix(rows: 1, columns: 1, repeating: 1.6),
      relaxation: .init(source: 0.3, target: 0.9))
    func product(_ penalty: ProductPenalty) throws -> Double {
      let solution = try UnbalancedCoOptimalTransport(epsilon: 0, penalty: penalty).solve(problem)
      return solution.samples.plan[0, 0] * solution.features.plan[0, 0]
    }
    #expect(abs(try product(.kl) - exp(-0.36 / 1.2)) < 1e-9)
    #expect(abs(try product(.l2) - (1 - 0.36 / 1.2)) < 1e-9)
  }

  /// Linear terms alone, over tables that say nothing, are two linear problems.
  @Test func linearTermsAloneAreTransport() throws {
    let flat = (Matrix(rows: 7, columns: 4, repeating: 1), Matrix(rows: 6, columns: 3, repeating: 1))
    let (samples, features) = (
      (randomWeights(7, seed: 3), randomWeights(6, seed: 4)), (randomWeights(4, seed: 5), randomWeights(3, seed: 6))
    )
    let problem = try CoOptimalProblem(
      source: flat.0, target: flat.1, samples: samples, features: features, linear: (Self.terms.0, Self.terms.1))
    let solution = try CoOptimalTransport().solve(problem)
    let parts = try (
      NetworkSimplex().solve(LinearProblem(cost: Self.terms.0, source: samples.0, target: samples.1)).value,
      NetworkSimplex().solve(LinearProblem(cost: Self.terms.1, source: features.0, target: features.1)).value
    )
    #expect(solution.status == .converged && abs(solution.value - parts.0 - parts.1) < 1e-12)
    #expect(abs(solution.linearCosts.samples - parts.0) < 1e-12 && abs(solution.transportCost) < 1e-12)
  }

  @Test(arguments: [(0.0, 0.0), (0.05, 0.0), (0.05, 0.1)]) func balancedWithLinearTerms(epsilon: (Double, Double))
    throws
  {
    let problem = try CoOptimalProblem(source: Self.x, target: Self.y, linear: (Self.terms.0, Self.terms.1))
    let solver = CoOptimalTransport(
      sampleEpsilon: epsilon.0, featureEpsilon: epsilon.1, stopping: .init(tolerance: 1e-13, iterationLimit: 2000))
    let solution = try solver.solve(problem)
    #expect(solution.status == .converged)
    let (p, q) = (solution.samples.plan, solution.features.plan)
    #expect(abs(solution.regularizedValue - Self.objective(problem, p, q, .kl, epsilon: epsilon)) < 1e-10)
    #expect(
      abs(solution.value - solution.transportCost - solution.linearCosts.samples - solution.linearCosts.features)
        < 1e-14)
  }

  /// F(π, π) by its definition; nothing near it is lower, and the plan between a space and itself in another order is
  /// exact.
  @Test(arguments: ProductPenalty.allCases) func gromovWassersteinOnTheDiagonal(penalty: ProductPenalty) throws {
    let (d1, d2) = (
      normalizedDistances(normalPoints(8, dimensions: 2, seed: 7)),
      normalizedDistances(normalPoints(6, dimensions: 2, seed: 8))
    )
    let (a, b) = (randomWeights(8, seed: 9), randomWeights(6, seed: 10))
    let rho = penalty == .kl ? (0.5, 0.8) : (20.0, 30.0)
    func value(_ plan: Matrix) -> Double {
      [(rho.0, plan.rowSums, a), (rho.1, plan.columnSums, b)].reduce(gromovWassersteinByDefinition(d1, d2, plan)) {
        sum, side in
        let (product, weights) = (Self.outer(side.1, side.1), Self.outer(side.2, side.2))
        return sum + side.0
          * (penalty == .kl
            ? relativeEntropyByDefinition(product, weights)
            : zip(product, weights).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 2)
      }
    }
    let problem = try QuadraticProblem(
      source: .init(distances: d1, weights: a), target: .init(distances: d2, weights: b),
      relaxation: .init(source: rho.0, target: rho.1))
    let solution = try UnbalancedGromovWasserstein(epsilon: 0, penalty: penalty).solve(problem)
    let plan = solution.coupling.plan
    #expect(
      solution.status == .converged && abs(solution.value - value(plan)) < 1e-11
        && solution.value == solution.regularizedValue)
    for index in plan.elements.indices {
      for step in [1e-4, -1e-4] where plan.elements[index] + step >= 0 {
        var moved = plan
        moved.elements[index] += step
        #expect(value(moved) >= solution.value - 1e-7)
      }
    }
  }

  @Test func aSpaceIsItself() throws {
    let order = [3, 0, 5, 1, 4, 2]
    let d1 = normalizedDistances(normalPoints(6, dimensions: 2, seed: 11))
    let d2 = Matrix(rows: 6, columns: 6) { d1[order[$0], order[$1]] }
    let problem = try QuadraticProblem(
      source: .init(distances: d1), target: .init(distances: d2), relaxation: .relaxed(1))
    let product = Matrix(rows: 6, columns: 6) { order[$1] == $0 ? 0.15 : 0.002 }
    for penalty in ProductPenalty.allCases {
      let solution = try UnbalancedGromovWasserstein(epsilon: 0, penalty: penalty).solve(problem, from: product)
      #expect(solution.status == .converged && solution.value < 1e-9)
    }
  }

  @Test func squaresGoWithoutEntropy() throws {
    let problem = try Self.problem((1, 1))
    #expect(throws: ProblemError.self) { try UnbalancedCoOptimalTransport(epsilon: 0.1, penalty: .l2).solve(problem) }
    #expect(throws: ProblemError.self) {
      try UnbalancedCoOptimalTransport(epsilon: 0, featureEpsilon: 0.1, penalty: .l2).solve(problem)
    }
    #expect(throws: ProblemError.self) {
      try UnbalancedCoOptimalTransport(epsilon: 0, featureEpsilon: -1).solve(problem)
    }
    #expect(throws: ProblemError.self) {
      try CoOptimalProblem(source: Self.x, target: Self.y, linear: (Matrix(rows: 2, columns: 2), nil))
    }
    // Plans that trade mass would trade on for ever.
    let half = try CoOptimalProblem(
      source: Self.x, target: Self.y, relaxation: .relaxed(1), linear: (Self.terms.0, nil))
    #expect(throws: ProblemError.self) { try UnbalancedCoOptimalTransport(epsilon: 0).solve(half) }
    #expect(try UnbalancedCoOptimalTransport(epsilon: 0.1, featureEpsilon: 0.1).solve(half).status == .converged)
  }
}
