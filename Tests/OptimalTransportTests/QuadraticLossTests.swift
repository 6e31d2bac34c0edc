import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import OptimalTransport

/// The loss a log(a/b) − a + b against four loops.
@Suite struct QuadraticLossTests {
  private static func similarities(
    _ count: Int, seed: UInt64, isSymmetric: Bool, offset: Double = 0, zeros: Bool = false
  ) -> Matrix {
    var random = SeededGenerator(seed: seed, stream: "loss")
    let drawn = Matrix(rows: count, columns: count) { _, _ in
      zeros && random.uniform() < 0.3 ? 0 : offset + random.uniform(in: 0.1...2)
    }
    return isSymmetric ? Matrix(rows: count, columns: count) { (drawn[$0, $1] + drawn[$1, $0]) / 2 } : drawn
  }

  private static func problem(
    _ seed: UInt64, isSymmetric: Bool = true, offset: Double = 0, relaxation: MarginalRelaxation = .balanced,
    features: Bool = false
  ) throws -> QuadraticProblem {
    func space(_ matrix: Matrix) throws -> MetricMeasureSpace {
      try MetricMeasureSpace(geometry: isSymmetric ? .symmetric(matrix) : .asymmetric(matrix))
    }
    let zeros = similarities(5, seed: seed, isSymmetric: isSymmetric, offset: offset, zeros: offset == 0)
    return try QuadraticProblem(
      source: space(zeros), target: space(similarities(4, seed: seed + 100, isSymmetric: isSymmetric, offset: offset)),
      features: features ? Matrix(rows: 5, columns: 4) { Double(($0 * 3 + $1) % 5) } : nil, relaxation: relaxation,
      loss: .kl())
  }

  /// The definition, and where numbers near 1e8 leave it no digits its series, of which two terms are enough.
  private static func loss(_ a: Double, _ b: Double) -> Double {
    if b < 1e7 { return scalarRelativeEntropy(a, b) }
    let difference = a - b
    return difference * difference / (2 * b) - difference * difference * difference / (6 * b * b)
  }

  private static func byLoops(_ problem: QuadraticProblem, _ plan: Matrix) -> (value: Double, gradient: Matrix) {
    let (d1, d2) = (problem.source.distances, problem.target.distances)
    let quadratic = gromovWassersteinByDefinition(d1, d2, plan, loss: loss)
    let linear = problem.features.map { dot($0.elements, plan.elements) } ?? 0
    let gradient = Matrix(rows: plan.rows, columns: plan.columns) { i, j in
      var sum = (1 - problem.alpha) * (problem.features?[i, j] ?? 0)
      for k in 0..<plan.rows {
        for l in 0..<plan.columns {
          let pair = loss(d1[i, k], d2[j, l]) + loss(d1[k, i], d2[l, j])
          sum += problem.alpha * plan[k, l] * pair
        }
      }
      return sum
    }
    return ((1 - problem.alpha) * linear + problem.alpha * quadratic, gradient)
  }

  @Test(arguments: [true, false], [0.0, 1e8]) func objectiveAndGradient(isSymmetric: Bool, offset: Double) throws {
    for seed in 1...5 as ClosedRange<UInt64> {
      let problem = try Self.problem(
        seed, isSymmetric: isSymmetric, offset: offset, features: seed % 2 == 0 && offset == 0)
      var objective = QuadraticObjective(problem)
      var random = SeededGenerator(seed: seed)
      let plan = Matrix(rows: 5, columns: 4) { _, _ in random.uniform() }
      let parts = objective.evaluate(plan)
      let (value, gradient) = Self.byLoops(problem, plan)
      // Differences of numbers near 1e8 are rounded themselves.
      let tolerance = (offset > 0 ? 1e-7 : 1e-12) * value
      #expect(abs(parts.value - value) <= tolerance)
      #expect(zip(objective.halfGradient.elements, gradient.elements).allSatisfy { abs(2 * $0 - $1) <= tolerance })
      let entries = Coupling(plan: plan, source: plan.rowSums, target: plan.columnSums).entries
      let summed = try #require(objective.parts(of: Array(entries.prefix(8))))
      let few = Coupling(entries: Array(entries.prefix(8)), source: plan.rowSums, target: plan.columnSums).plan
      #expect(abs(summed.value - Self.byLoops(problem, few).value) <= tolerance)
    }
  }

  @Test func solversEndAtStationaryPlans() throws {
    for seed in 1...4 as ClosedRange<UInt64> {
      let problem = try Self.problem(seed, isSymmetric: seed % 2 == 0, features: seed > 2)
      let exact = try GromovWasserstein(stopping: .init(tolerance: 1e-8, iterationLimit: 20_000)).solve(problem)
      let (value, gradient) = Self.byLoops(problem, exact.coupling.plan)
      #expect(exact.status.isConverged && abs(exact.value - value) < 1e-12 * value)
      let best = try NetworkSimplex().solve(LinearProblem(cost: gradient)).value
      #expect(dot(gradient.elements, exact.coupling.plan.elements) - best < 1e-7 * value)
      let entropic = try EntropicGromovWasserstein(epsilon: 0.2).solve(problem)
      let plan = try Sinkhorn(epsilon: 0.2).solve(
        LinearProblem(cost: Self.byLoops(problem, entropic.coupling.plan).gradient.map { $0 / 2 })
      ).coupling.plan
      #expect(entropic.status.isConverged && absoluteDifference(plan.elements, entropic.coupling.plan.elements) < 1e-6)
    }
  }

  @Test func aPermutationOfTheSpaceIsFound() throws {
    // Similarities on a circle: symmetric spaces, whose product plan is flat.
    let circle = Matrix(rows: 6, columns: 6) { 1 / (1 + Double(min(abs($0 - $1), 6 - abs($0 - $1)))) }
    let order = [3, 0, 5, 2, 4, 1]
    let other = Matrix(rows: 6, columns: 6) { circle[order[$0], order[$1]] }
    let problem = try QuadraticProblem(source: .init(distances: circle), target: .init(distances: other), loss: .kl())
    #expect(try GromovWasserstein().solve(problem).value < 1e-14)
  }

  @Test func zerosOfTheTargetAreRefusedOrRaised() throws {
    let distances = Matrix(rows: 3, columns: 3) { $0 == $1 ? 0 : 1 }
    let space = try MetricMeasureSpace(distances: distances)
    #expect(throws: ProblemError.self) { try QuadraticProblem(source: space, target: space, loss: .kl()) }
    let floored = try QuadraticProblem(source: space, target: space, loss: .kl(floor: 1e-16))
    #expect(try GromovWasserstein().solve(floored).value < 1e-14)
    // Where there is no mass, zeros are nobody's matter.
    var weightless = Matrix(rows: 3, columns: 3) { _, _ in 1.0 }
    weightless[2, 2] = 0
    let target = try MetricMeasureSpace(distances: weightless, weights: [0.5, 0.5, 0])
    #expect(try GromovWasserstein().solve(QuadraticProblem(source: space, target: target, loss: .kl())).value.isFinite)
    // All a are 0: KL(0 | b) = b.
    let nothing = try MetricMeasureSpace(distances: Matrix(rows: 2, columns: 2))
    #expect(try GromovWasserstein().solve(QuadraticProblem(source: nothing, target: nothing, loss: .kl())).value == 0)
    let negative = try MetricMeasureSpace(distances: distances.map { $0 - 1 })
    #expect(throws: ProblemError.self) { try QuadraticProblem(source: negative, target: space, loss: .kl(floor: 1)) }
  }

  @Test func solversOfSquaresRefuseIt() throws {
    let problem = try Self.problem(1)
    #expect(throws: ProblemError.self) { try ThirdLowerBound().solve(problem) }
    #expect(throws: ProblemError.self) {
      try UnbalancedGromovWasserstein(epsilon: 1).solve(Self.problem(1, relaxation: .relaxed(1)))
    }
  }

  @Test(arguments: EntropicGromovWasserstein.Step.allCases) func entropicSemiRelaxedStepsEndWhereTheyShould(
    step: EntropicGromovWasserstein.Step
  ) throws {
    for seed in 1...4 as ClosedRange<UInt64> {
      let problem = try Self.problem(seed, isSymmetric: seed % 2 == 0, relaxation: .semiRelaxed, features: seed > 2)
      // Far too long a step, which is shortened.
      for epsilon in [1e-3, 0.2] {
        let solver = EntropicSemiRelaxedGromovWasserstein(
          epsilon: epsilon, step: step, starts: 2, stopping: .init(tolerance: 1e-8, iterationLimit: 20_000))
        let solution = try solver.solve(problem)
        let plan = solution.coupling.plan
        let (value, gradient) = Self.byLoops(problem, plan)
        #expect(solution.status.isConverged && abs(solution.value - value) < 1e-12 * value)
        #expect(absoluteDifference(plan.rowSums, problem.source.weights) < 1e-14)
        #expect(
          zip(solution.trace.points, solution.trace.points.dropFirst()).allSatisfy {
            ($0.objective ?? 0) >= ($1.objective ?? 0) - 1e-12
          })
        if step == .proximalPoint {
          let best = (0..<5).reduce(0) { $0 + problem.source.weights[$1] * (Array(gradient[row: $1]).min() ?? 0) }
          #expect(dot(gradient.elements, plan.elements) - best < 1e-7 * value)
        } else {
          for i in 0..<5 {
            let row = (0..<4).map { exp(-gradient[i, $0] / (2 * epsilon)) }
            let total = row.reduce(0, +)
            #expect((0..<4).allSatisfy { abs(plan[i, $0] - row[$0] / total / 5) < 1e-7 })
          }
        }
      }
    }
  }
}
