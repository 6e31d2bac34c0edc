import Foundation
import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

@Suite struct UnbalancedSinkhornTests {
  static func relaxed(_ problem: LinearProblem, _ rho: (Double, Double), mass: Double = 1) throws -> LinearProblem {
    try LinearProblem(
      cost: problem.cost, source: problem.source, target: problem.target.map { $0 * mass },
      relaxation: MarginalRelaxation(source: rho.0, target: rho.1))
  }

  static let precise = StoppingRule(tolerance: 1e-14, iterationLimit: 100_000)

  /// The objective by its definition, a fixed marginal having no term.
  static func objective(_ problem: LinearProblem, _ plan: Matrix, epsilon: Double) -> Double {
    let (a, b, rho) = (problem.source, problem.target, problem.relaxation)
    var value = dot(problem.cost.elements, plan.elements) + epsilon * relativeEntropyByDefinition(plan, a, b)
    if rho.source < .infinity { value += rho.source * relativeEntropyByDefinition(plan.rowSums, a) }
    if rho.target < .infinity { value += rho.target * relativeEntropyByDefinition(plan.columnSums, b) }
    return value
  }

  @Test(
    arguments: Sinkhorn.Form.allCases,
    [(1.0, 1.0), (0.1, 3.0), (.infinity, 0.5), (0.2, .infinity), (0, 1.0), (.infinity, 0), (0, 0), (50, 50)]
      as [(Double, Double)])
  func agreesWithTheDefinition(form: Sinkhorn.Form, rho: (Double, Double)) throws {
    let problem = try Self.relaxed(SinkhornTests.randomProblem(9, 6, seed: 1, zeros: ([2], [0, 5])), rho, mass: 1.7)
    let solution = try Sinkhorn(epsilon: 0.1, form: form, stopping: Self.precise).solve(problem)
    let expected = sinkhornByDefinition(
      cost: problem.cost, a: problem.source, b: problem.target, epsilon: 0.1, rho: rho, iterations: 20_000)
    #expect(solution.status == .converged)
    #expect(largestDifference(solution.coupling.plan, expected) < 1e-12)
    #expect(abs(solution.value - Self.objective(problem, expected, epsilon: 0.1)) < 1e-11)
    #expect(abs(solution.value - solution.dualValue) < 1e-10)
    #expect(solution.optimalityError < 1e-13)
  }

  /// ε 1e-4 of the cost range, where POT 0.9.7's stabilised solver gives masses of 8e-5 or 1e4: proven by the dual.
  @Test(arguments: [0.1, 1.0, 10], [nil, 0.25])
  func smallEpsilonIsCorrect(rho: Double, scaling: Double?) throws {
    let problem = try Self.relaxed(SinkhornTests.randomProblem(60, 50, seed: 21), (rho, rho))
    let epsilon = 1e-4 * (problem.cost.elements.max() ?? 1)
    let solver = Sinkhorn(
      epsilon: epsilon, epsilonScaling: scaling, stopping: .init(tolerance: 1e-9, iterationLimit: 200_000))
    let solution = try solver.solve(problem)
    #expect(solution.status == .converged)
    #expect(solution.value - solution.dualValue < 1e-7 && solution.value > solution.dualValue - 1e-9)
  }

  /// The mass of an unbalanced solution follows from its objective: at the optimum the objective is ρ1 m(a) + ρ2 m(b) +
  /// ε m(a) m(b) minus (ρ1 + ρ2 + ε) m(P).
  @Test func valueAndMassAgree() throws {
    let problem = try Self.relaxed(SinkhornTests.randomProblem(12, 15, seed: 22), (0.3, 0.8), mass: 2)
    let solution = try Sinkhorn(epsilon: 0.05, stopping: Self.precise).solve(problem)
    let mass = solution.coupling.plan.elements.reduce(0, +)
    #expect(abs(solution.value - (0.3 + 0.8 * 2 + 0.05 * 2 - (0.3 + 0.8 + 0.05) * mass)) < 1e-12)
  }

  @Test func strictRelaxationTendsToTheBalancedPlan() throws {
    let balanced = try SinkhornTests.randomProblem(10, 10, seed: 23)
    let expected = try Sinkhorn(epsilon: 0.1, stopping: Self.precise).solve(balanced).coupling.plan
    let solution = try Sinkhorn(epsilon: 0.1, stopping: Self.precise).solve(Self.relaxed(balanced, (1e7, 1e7)))
    #expect(solution.status == .converged)
    #expect(largestDifference(solution.coupling.plan, expected) < 1e-6)
    // Without the translation of the potentials this would take ρ/ε iterations.
    #expect(solution.iterations < 2000)
  }

  /// Whatever ρ, ε and the scale of costs and masses: finite, non-negative, and converged only when the conditions
  /// hold.
  @Test(arguments: [1e-9, 1e-2, 1e6], [0, 1e-9, 1.0, 1e9, .infinity])
  func extremesGiveFinitePlans(epsilon: Double, rho: Double) throws {
    for (seed, mass) in [(1, 1e-12), (2, 1.0), (3, 1e12)] as [(UInt64, Double)] {
      let base = try SinkhornTests.randomProblem(7, 5, seed: seed, zeros: ([3], [1]))
      for target in [0, 1.0, .infinity] where !(rho == .infinity && target == .infinity) {
        let problem = try Self.relaxed(base, (rho, target), mass: mass)
        for form in Sinkhorn.Form.allCases {
          let solver = Sinkhorn(epsilon: epsilon, form: form, stopping: .init(tolerance: 1e-9, iterationLimit: 500))
          if rho.isFinite && rho / epsilon > 1e15, (try? solver.solve(problem)) == nil { continue }
          let solution = try solver.solve(problem)
          #expect(
            solution.coupling.plan.elements.allSatisfy { $0 >= 0 && $0.isFinite },
            "ε \(epsilon), ρ \(rho) \(target), mass \(mass)")
          #expect(solution.value.isFinite && solution.dualValue.isFinite)
          let potentials = solution.potentials.source + solution.potentials.target
          #expect(potentials.allSatisfy { $0.isFinite })
          if solution.status == .converged { #expect(solution.optimalityError < 1e-8) }
        }
      }
    }
  }

  /// 3000 problems, balanced and not, of sizes 1 to 12 with many zero weights: the gap proves each that claims to have
  /// converged.
  @Test func randomProblemsAreProvenOptimal() throws {
    var random = SeededGenerator(seed: 24)
    var converged = 0
    for _ in 0..<3000 {
      let (n, m) = (1 + random.integer(below: 12), 1 + random.integer(below: 12))
      func weights(_ count: Int) -> [Double] {
        var weights = (0..<count).map { _ in random.uniform() < 0.3 ? 0 : random.uniform() + 1e-3 }
        if !weights.contains(where: { $0 > 0 }) { weights[0] = 1 }
        return weights
      }
      func rho() -> Double { [0, 0.01, 0.3, 5, 100, .infinity][random.integer(below: 6)] }
      let a = weights(n)
      var b = weights(m)
      let relaxation = random.uniform() < 0.3 ? .balanced : MarginalRelaxation(source: rho(), target: rho())
      if relaxation.isBalanced { b = b.map { $0 * a.reduce(0, +) / b.reduce(0, +) } }
      let cost = Matrix(rows: n, columns: m) { _, _ in (random.normal() * 4).rounded() / 4 + 1 }
      let problem = try LinearProblem(cost: cost, source: a, target: b, relaxation: relaxation)
      let epsilon = [0.01, 0.1, 1][random.integer(below: 3)]
      let solution = try Sinkhorn(epsilon: epsilon, stopping: .init(tolerance: 1e-12, iterationLimit: 20_000)).solve(
        problem)
      #expect(solution.coupling.plan.elements.allSatisfy { $0 >= 0 && $0.isFinite })
      guard solution.status == .converged else { continue }
      converged += 1
      let value = Self.objective(problem, solution.coupling.plan, epsilon: epsilon)
      let scale = 1 + abs(value) + abs(solution.transportCost)
      #expect(abs(solution.value - value) < 1e-9 * scale)
      #expect(abs(value - solution.dualValue) < 1e-8 * scale, "\(n)×\(m), ε \(epsilon), \(relaxation)")
    }
    #expect(converged > 2800)
  }

  /// Against the mass of the other side any error in it would be small.
  @Test(arguments: [1, 5, 20, 100, 5000])
  func aLightPrescribedMarginalIsMet(iterationLimit: Int) throws {
    let cost = squaredDistances(normalPoints(6, dimensions: 2, seed: 7), normalPoints(8, dimensions: 2, seed: 8))
    let light = randomWeights(6, seed: 9).map { 1e-12 * $0 }
    for form in Sinkhorn.Form.allCases {
      for isSource in [true, false] {
        let problem = try LinearProblem(
          cost: isSource ? cost : cost.transposed, source: isSource ? light : nil, target: isSource ? nil : light,
          relaxation: .init(source: isSource ? .infinity : 1, target: isSource ? 1 : .infinity))
        let solution = try Sinkhorn(
          epsilon: 1e-2, form: form, stopping: .init(tolerance: 1e-9, iterationLimit: iterationLimit)
        ).solve(
          problem)
        let sums = isSource ? solution.coupling.plan.rowSums : solution.coupling.plan.columnSums
        let error = zip(sums, light).reduce(0) { $0 + abs($1.0 - $1.1) } / 1e-12
        #expect(!solution.status.isConverged || error < 1e-8, "\(form), \(isSource): \(error)")
        #expect(iterationLimit < 5000 || solution.status.isConverged)
      }
    }
  }

  @Test func boundsBeyondTheRangeOfNumbersAreInfinite() throws {
    let cost = Matrix(rows: 2, columns: 2, elements: [4e8, 0, 0, 4e8])
    let problem = try LinearProblem(cost: cost, relaxation: .relaxed(1e-9))
    let solution = try Sinkhorn(epsilon: 4e14, stopping: .init(tolerance: 1e-9, iterationLimit: 200)).solve(problem)
    #expect(!solution.dualValue.isNaN && !solution.value.isNaN && solution.dualValue <= solution.value)
  }

  @Test(arguments: [-1, .nan])
  func rejectsUnfitRelaxation(rho: Double) throws {
    #expect(throws: ProblemError.self) {
      try LinearProblem(cost: Matrix(rows: 1, columns: 1), relaxation: .relaxed(rho))
    }
  }

  @Test func costsBeyondReasonAreRefused() throws {
    let error = #expect(throws: ProblemError.self) {
      try LinearProblem(cost: Matrix(rows: 1, columns: 2, elements: [0, 1e300]))
    }
    #expect(
      error?.description
        == "the cost matrix holds 1e+300 at (0, 1), which is too large; a magnitude of at most 1e+150 was expected")
    let problem = try LinearProblem(cost: Matrix(rows: 1, columns: 1, repeating: 1e140))
    #expect(throws: ProblemError.self) { try Sinkhorn(epsilon: 1e-20).solve(problem) }
    #expect(throws: ProblemError.self) { try Sinkhorn(epsilon: 1e130, epsilonScaling: 1).solve(problem) }
    let tempting = try LinearProblem(cost: Matrix(rows: 1, columns: 1, repeating: -1e4), relaxation: .relaxed(1))
    #expect(throws: ProblemError.self) { try Sinkhorn(epsilon: 1).solve(tempting) }
    #expect(throws: ProblemError.self) { try NetworkSimplex().solve(tempting) }
  }
}
