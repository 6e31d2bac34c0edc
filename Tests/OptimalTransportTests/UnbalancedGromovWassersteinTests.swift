import Foundation
import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

@Suite struct UnbalancedGromovWassersteinTests {
  /// F(π, γ) of the doc comment by four loops and the full products of measures.
  static func objective(_ problem: QuadraticProblem, _ p: Matrix, _ g: Matrix, epsilon: Double) -> Double {
    let (a, b, rho) = (problem.source.weights, problem.target.weights, problem.relaxation)
    let (d1, d2) = (problem.source.distances, problem.target.distances)
    func product(_ x: [Double], _ y: [Double]) -> [Double] { x.flatMap { x in y.map { x * $0 } } }
    var quadratic = 0.0
    for i in 0..<p.rows {
      for j in 0..<p.columns {
        for k in 0..<p.rows {
          for l in 0..<p.columns { quadratic += (d1[i, k] - d2[j, l]) * (d1[i, k] - d2[j, l]) * p[i, j] * g[k, l] }
        }
      }
    }
    let (massP, massG) = (p.elements.reduce(0, +), g.elements.reduce(0, +))
    var value = problem.alpha * quadratic
    if let m = problem.features {
      value += (1 - problem.alpha) / 2 * (massG * dot(m.elements, p.elements) + massP * dot(m.elements, g.elements))
    }
    if rho.source < .infinity {
      value += rho.source * relativeEntropyByDefinition(product(p.rowSums, g.rowSums), product(a, a))
    }
    if rho.target < .infinity {
      value += rho.target * relativeEntropyByDefinition(product(p.columnSums, g.columnSums), product(b, b))
    }
    let reference = Matrix(outer: a, b).elements
    return value + epsilon * relativeEntropyByDefinition(product(p.elements, g.elements), product(reference, reference))
  }

  static let precise = UnbalancedGromovWasserstein(
    epsilon: 0.05, stopping: .init(tolerance: 1e-13, iterationLimit: 5000),
    innerStopping: .init(tolerance: 1e-14, iterationLimit: 10_000))

  /// A case of an independent implementation, equal to POT's value.
  @Test func agreesWithTheReference() throws {
    let reference = Reference("quadratic-ugw")
    let problem = try QuadraticProblem(
      source: MetricMeasureSpace(distances: reference.matrix("D1"), weights: reference.vector("a")),
      target: MetricMeasureSpace(distances: reference.matrix("D2"), weights: reference.vector("b")),
      relaxation: MarginalRelaxation(source: 0.3, target: 0.1))
    var solver = Self.precise
    solver.epsilon = 0.02
    solver.innerStopping.tolerance = 2e-15
    let solution = try solver.solve(problem, from: reference.matrix("G0"))
    #expect(largestDifference(solution.coupling.plan, try reference.matrix("plan")) < 1e-10)
    #expect(abs(solution.regularizedValue - 0.09536277278109759) < 1e-13)
    let parts = try reference.vector("parts_final")
    #expect(abs(solution.parts.quadratic - parts[1]) < 1e-11)
    #expect(abs(solution.marginalPenalty - parts[3]) < 1e-11)
    #expect(abs(solution.regularizedValue - solution.value - parts[4]) < 1e-11)
    let history = try reference.vector("F_history")
    for (point, expected) in zip(solution.trace.points, history.dropFirst(0)) {
      #expect(abs((point.objective ?? 0) - expected) < 1e-11)
    }
  }

  @Test(arguments: [(1.0, 1.0), (0.05, 2.0), (.infinity, 0.3), (0, 0.5)] as [(Double, Double)], [true, false])
  func valuesAreTheDefinitionsAndNeverRise(rho: (Double, Double), isFused: Bool) throws {
    let base =
      try isFused
      ? GromovWassersteinTests.fused(seed: 50, alpha: 0.7)
      : EntropicGromovWassersteinTests.problem(7, 6, seed: 51, zeros: ([1], []))
    let target = try MetricMeasureSpace(distances: base.target.distances, weights: base.target.weights.map { $0 * 1.4 })
    let problem = try QuadraticProblem(
      source: base.source, target: target, features: base.features, alpha: base.alpha,
      relaxation: MarginalRelaxation(source: rho.0, target: rho.1))
    let solution = try Self.precise.solve(problem)
    #expect(solution.status == .converged)
    let plan = solution.coupling.plan
    #expect(abs(solution.regularizedValue - Self.objective(problem, plan, plan, epsilon: 0.05)) < 1e-11)
    #expect(abs(solution.value - Self.objective(problem, plan, plan, epsilon: 0)) < 1e-11)
    let objectives = solution.trace.points.compactMap(\.objective)
    // A free marginal lets the alternation settle between two plans; averaged costs bring it back to one, uphill.
    if rho.0 > 0 { for (before, after) in zip(objectives, objectives.dropFirst()) { #expect(after <= before + 1e-12) } }
    #expect(abs((objectives.last ?? 0) - solution.regularizedValue) < 1e-11)
    // No nearby plan is better against the same γ: the fixed point solves its own linear problem.
    var random = SeededGenerator(seed: 52)
    for _ in 0..<20 {
      var other = plan
      for index in other.elements.indices { other.elements[index] *= 1 + 0.01 * random.normal() }
      if rho.0 == .infinity {
        let sums = other.rowSums
        for i in 0..<7 { for j in 0..<6 where sums[i] > 0 { other[i, j] *= problem.source.weights[i] / sums[i] } }
      }
      #expect(Self.objective(problem, other, plan, epsilon: 0.05) > solution.regularizedValue - 1e-12)
    }
  }

  @Test func strictRelaxationIsEntropicGromovWasserstein() throws {
    let base = try GromovWassersteinTests.fused(seed: 53)
    let expected = try EntropicGromovWasserstein(
      epsilon: 0.05, stopping: .init(tolerance: 1e-12, iterationLimit: 3000),
      innerStopping: .init(tolerance: 1e-13, iterationLimit: 5000)
    ).solve(base).coupling.plan
    for (rho, tolerance) in [(.infinity, 1e-9), (1e6, 1e-5)] as [(Double, Double)] {
      let problem = try QuadraticProblem(
        source: base.source, target: base.target, features: base.features, alpha: base.alpha, relaxation: .relaxed(rho))
      let solution = try Self.precise.solve(problem)
      #expect(largestDifference(solution.coupling.plan, expected) < tolerance)
    }
  }

  /// POT's `fused_unbalanced_gromov_wasserstein` has features without masses; with α_P = (1 − α)/α and ε/α it is the
  /// unweighted form.
  @Test func theUnweightedFormIsAnotherFunctional() throws {
    let base = try GromovWassersteinTests.fused(seed: 54)
    let problem = try QuadraticProblem(
      source: base.source, target: base.target, features: base.features, alpha: base.alpha, relaxation: .relaxed(0.2))
    var solver = Self.precise
    let weighted = try solver.solve(problem)
    solver.featureTerm = .unweighted
    let unweighted = try solver.solve(problem)
    #expect(abs(weighted.mass - unweighted.mass) > 1e-4)
    let expected = 0.6 * unweighted.parts.quadratic + 0.4 * unweighted.parts.linear + unweighted.marginalPenalty
    #expect(abs(unweighted.value - expected) < 1e-14)
  }

  @Test(arguments: [1e-6, 1e-2, 1e3], [0, 1e-6, 1.0, 1e6])
  func extremesGiveFinitePlans(epsilon: Double, rho: Double) throws {
    for scale in [1e-6, 1.0, 1e6] {
      let base = try EntropicGromovWassersteinTests.problem(6, 5, seed: 55, zeros: ([0], [1]))
      let problem = try QuadraticProblem(
        source: .init(distances: base.source.distances.map { $0 * scale }, weights: base.source.weights),
        target: base.target,
        relaxation: .relaxed(rho))
      let solver = UnbalancedGromovWasserstein(
        epsilon: epsilon, stopping: .init(tolerance: 1e-8, iterationLimit: 50),
        innerStopping: .init(tolerance: 1e-9, iterationLimit: 300))
      let solution = try solver.solve(problem)
      #expect(
        solution.coupling.plan.elements.allSatisfy { $0 >= 0 && $0.isFinite },
        "ε \(epsilon), ρ \(rho), distances ×\(scale)")
      #expect(solution.value.isFinite && solution.regularizedValue.isFinite)
    }
  }

  /// Between single points F is a function of the mass alone, whose minimum has a closed form.
  @Test(arguments: [1e-20, 1e-3, 1, 1e12, 1e30])
  func singlePointsOfAnyMassHaveAFormula(mass: Double) throws {
    let (rho, epsilon) = (0.1, 1e-3)
    let problem = try QuadraticProblem(
      source: MetricMeasureSpace(distances: Matrix(rows: 1, columns: 1), weights: [mass]),
      target: MetricMeasureSpace(distances: Matrix(rows: 1, columns: 1, repeating: 1), weights: [mass]),
      relaxation: .relaxed(rho))
    let solution = try UnbalancedGromovWasserstein(epsilon: epsilon).solve(problem)
    // 2p + 8ρ p log(p/m) + 4ε p log(p/m²) = 0.
    let expected = exp((8 * (rho + epsilon) * log(mass) - 2) / (8 * rho + 4 * epsilon))
    #expect(
      solution.status.isConverged && abs(solution.mass / expected - 1) < 1e-7, "\(solution.mass), expected \(expected)")
  }

  /// A price that is beyond the digits of ε holds a marginal where it is, and is not met.
  @Test func pricesBeyondTheDigitsOfTheEntropyAreNotMet() throws {
    let problem = try QuadraticProblem(
      source: MetricMeasureSpace(distances: Matrix(rows: 2, columns: 2, elements: [0, 1, 1, 0])),
      target: MetricMeasureSpace(distances: Matrix(rows: 1, columns: 1)), relaxation: .init(source: 1e-9, target: 0))
    let solution = try UnbalancedGromovWasserstein(epsilon: 1e-90).solve(problem)
    #expect(!solution.status.isConverged)
  }

  /// POT's feature term is not homogeneous: where all else is dear, the best plan is none.
  @Test func aPlanThatVanishesIsNoAnswer() throws {
    let problem = try QuadraticProblem(
      source: MetricMeasureSpace(distances: normalizedDistances(normalPoints(5, dimensions: 2, seed: 1))),
      target: MetricMeasureSpace(distances: normalizedDistances(normalPoints(4, dimensions: 2, seed: 2))),
      features: Matrix(rows: 5, columns: 4, repeating: 100), alpha: 0.5, relaxation: .relaxed(1))
    let solution = try UnbalancedGromovWasserstein(epsilon: 0.05, featureTerm: .unweighted).solve(problem)
    #expect(!solution.status.isConverged && solution.mass > 0 && solution.coupling.plan.firstNonFinite == nil)
  }
}
