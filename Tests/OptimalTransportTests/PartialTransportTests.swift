import LinearAlgebra
import TestSupport
import Testing

@testable import OptimalTransport

/// Partial transport against all matchings of so many pairs, which are its vertices between points of weight 1.
@Suite struct PartialTransportTests {
  private static func cost(_ n: Int, _ m: Int, seed: UInt64) -> Matrix {
    var random = SeededGenerator(seed: seed, stream: "partial tests")
    return Matrix(rows: n, columns: m) { _, _ in Double(random.integer(below: 50)) - 10 }
  }

  /// All ways to match `count` of n rows with different columns of m.
  static func matchings(_ n: Int, _ m: Int, _ count: Int) -> [[PlanEntry]] {
    guard n > 0 || count == 0 else { return [] }
    if count == 0 { return [[]] }
    let without = matchings(n - 1, m, count)
    let with = matchings(n - 1, m, count - 1).flatMap { matching in
      (0..<m).filter { column in !matching.contains { $0.column == column } }.map {
        matching + [PlanEntry(row: n - 1, column: $0, mass: 1)]
      }
    }
    return without + with
  }

  private static func paid(_ cost: Matrix, _ entries: [PlanEntry]) -> Double {
    entries.reduce(0) { $0 + cost[$1.row, $1.column] * $1.mass }
  }

  @Test(arguments: [(4, 4), (3, 5), (5, 3)]) func theBestMatchingIsFound(_ size: (Int, Int)) throws {
    let (n, m) = size
    for seed in 1...6 as ClosedRange<UInt64> {
      let cost = Self.cost(n, m, seed: seed)
      for mass in 1...min(n, m) {
        let problem = try PartialProblem(
          cost: cost, source: .init(repeating: 1, count: n), target: .init(repeating: 1, count: m), mass: Double(mass))
        let solution = try PartialTransport().solve(problem)
        let best = Self.matchings(n, m, mass).map { Self.paid(cost, $0) }.min()
        #expect(solution.status.isConverged && solution.value == best)
        let (f, g) = (solution.potentials.source, solution.potentials.target)
        #expect((f + g).allSatisfy { $0 <= 0 })
        #expect(f.reduce(0, +) + g.reduce(0, +) + solution.massPrice * Double(mass) == best)
        for i in 0..<n { for j in 0..<m { #expect(f[i] + g[j] + solution.massPrice <= cost[i, j]) } }
      }
    }
  }

  @Test func theMassPriceIsTheSlopeOfTheValue() throws {
    let (cost, a, b) = (Self.cost(6, 5, seed: 9), [0.3, 0.2, 0.1, 0.1, 0.2, 0.1], [0.5, 0.1, 0.3, 0.2, 0.4])
    func solve(_ mass: Double?) throws -> PartialSolution {
      try PartialTransport().solve(PartialProblem(cost: cost, source: a, target: b, mass: mass))
    }
    let all = try solve(nil)
    #expect(abs(all.coupling.plan.elements.reduce(0, +) - 1) < 1e-15)
    #expect(absoluteDifference(all.coupling.source, a) < 1e-15)
    var last = -Double.infinity
    for mass in [0.05, 0.13, 0.31, 0.47, 0.66, 0.85] {
      let (here, more) = (try solve(mass), try solve(mass + 1e-6))
      #expect(abs((more.value - here.value) / 1e-6 - more.massPrice) < 1e-6)
      #expect(more.massPrice >= last)
      last = more.massPrice
    }
  }

  @Test func forbiddenPairsAndMassesThatAreNotThereEndInASentence() throws {
    let forbidden = Matrix(rows: 2, columns: 2) { $0 == 0 ? .infinity : 1 + Double($1) }
    let solution = try PartialTransport().solve(PartialProblem(cost: forbidden, mass: 0.5))
    #expect(solution.value == 0.5 && solution.entries == [PlanEntry(row: 1, column: 0, mass: 0.5)])
    #expect(throws: ProblemError.self) { try PartialTransport().solve(PartialProblem(cost: forbidden, mass: 0.6)) }
    for mass in [-1, 0, 1.001, .nan, .infinity] {
      #expect(throws: ProblemError.self) { try PartialProblem(cost: forbidden, mass: mass) }
    }
    // A mass that is nothing beside the weights.
    let little = try PartialTransport().solve(PartialProblem(cost: forbidden, mass: 1e-30))
    #expect(little.status.isConverged && abs(little.value / 1e-30 - 1) < 1e-12 && little.massPrice == 1)
  }
}

/// Entropic partial transport against its optimality conditions, and against the exact one for small ε.
@Suite struct EntropicPartialTransportTests {
  @Test(arguments: [0.1, 0.6, 0.85, 1.0]) func conditionsHold(mass: Double) throws {
    var random = SeededGenerator(seed: 5, stream: "partial tests")
    let cost = Matrix(rows: 6, columns: 5) { _, _ in random.uniform(in: -1...1) }
    let (a, b) = ([0.3, 0.2, 0.1, 0.1, 0.2, 0.1], [0.5, 0, 0.3, 0.2, 0.4])
    let problem = try PartialProblem(cost: cost, source: a, target: b, mass: mass)
    let solution = try EntropicPartialTransport(
      epsilon: 0.1, stopping: .init(tolerance: 1e-12, iterationLimit: 100_000)
    ).solve(problem)
    let (plan, f, g) = (solution.coupling.plan, solution.potentials.source, solution.potentials.target)
    #expect(solution.status.isConverged && abs(plan.elements.reduce(0, +) - mass) < 1e-11)
    for (sums, weights, prices) in [(plan.rowSums, a, f), (plan.columnSums, b, g)] {
      for (point, sum) in sums.enumerated() {
        #expect(sum <= weights[point] + 1e-11 && prices[point] <= 0)
        // Full, or free of charge.
        #expect(prices[point] == 0 || abs(sum - weights[point]) < 1e-11)
      }
    }
    let primal = dot(cost.elements, plan.elements) + 0.1 * relativeEntropyByDefinition(plan, a, b)
    #expect(abs(solution.value - primal) < 1e-12 && abs(solution.dualValue - primal) < 1e-11)
    let sharp = try EntropicPartialTransport(epsilon: 1e-3).solve(problem)
    let exact = try PartialTransport().solve(problem)
    #expect(sharp.transportCost >= exact.value - 1e-9 && sharp.transportCost - exact.value < 1e-2)
    #expect(abs(sharp.massPrice - exact.massPrice) < 1e-2 || mass == 1)
  }

  @Test func forbiddenPairs() throws {
    let forbidden = Matrix(rows: 2, columns: 2) { $0 == 0 ? .infinity : 1 + Double($1) }
    let solution = try EntropicPartialTransport(epsilon: 0.5).solve(PartialProblem(cost: forbidden, mass: 0.4))
    #expect(
      solution.status.isConverged && solution.coupling.plan[0, 0] == 0 && abs(solution.coupling.source[1] - 0.4) < 1e-9)
    #expect(throws: ProblemError.self) {
      try EntropicPartialTransport(epsilon: 0.5).solve(PartialProblem(cost: forbidden, mass: 0.6))
    }
    #expect(throws: ProblemError.self) {
      try EntropicPartialTransport(epsilon: 0).solve(PartialProblem(cost: forbidden, mass: 0.4))
    }
  }
}

/// Partial Gromov–Wasserstein transport, by four loops and all matchings.
@Suite struct PartialGromovWassersteinTests {
  private static func space(_ count: Int, seed: UInt64) throws -> MetricMeasureSpace {
    var random = SeededGenerator(seed: seed, stream: "partial tests")
    let points = Matrix(rows: count, columns: 2) { _, _ in random.normal() }
    return try MetricMeasureSpace(
      distances: squaredDistances(points, points).map { max($0, 0).squareRoot() },
      weights: .init(repeating: 1, count: count))
  }

  @Test func answersAreStationary() throws {
    for seed in 1...5 as ClosedRange<UInt64> {
      let (source, target) = (try Self.space(4, seed: seed), try Self.space(5, seed: seed + 50))
      let features = seed % 2 == 0 ? Matrix(rows: 4, columns: 5) { Double(($0 + 2 * $1) % 3) } : nil
      let problem = try QuadraticProblem(source: source, target: target, features: features, relaxation: .bounded)
      let solution = try PartialGromovWasserstein(
        mass: 3, starts: 3, stopping: .init(tolerance: 1e-8, iterationLimit: 10_000)
      ).solve(
        problem)
      let plan = solution.coupling.plan
      let quadratic = gromovWassersteinByDefinition(source.distances, target.distances, plan)
      let value =
        problem.alpha * quadratic + (1 - problem.alpha) * (features.map { dot($0.elements, plan.elements) } ?? 0)
      #expect(solution.status.isConverged && abs(solution.value - value) <= 1e-12 * max(1, value))
      #expect(
        abs(plan.elements.reduce(0, +) - 3) < 1e-13 && (plan.rowSums + plan.columnSums).allSatisfy { $0 < 1 + 1e-13 })
      var gradient = (features ?? Matrix(rows: 4, columns: 5)).map { (1 - problem.alpha) * $0 }
      for i in 0..<4 {
        for j in 0..<5 {
          for k in 0..<4 {
            for l in 0..<5 {
              gradient[i, j] +=
                2 * problem.alpha * squaredDifference(source.distances[i, k], target.distances[j, l]) * plan[k, l]
            }
          }
        }
      }
      let best =
        PartialTransportTests.matchings(4, 5, 3).map { $0.reduce(0) { $0 + gradient[$1.row, $1.column] } }.min() ?? 0
      #expect(dot(gradient.elements, plan.elements) - best < 1e-7 * max(1, value))
    }
  }

  @Test func aPartOfASpaceIsFoundInIt() throws {
    let whole = try Self.space(7, seed: 3)
    let part = [5, 1, 3, 2]
    let target = try MetricMeasureSpace(
      distances: Matrix(rows: 4, columns: 4) { whole.distances[part[$0], part[$1]] },
      weights: .init(repeating: 1, count: 4))
    let problem = try QuadraticProblem(source: whole, target: target, relaxation: .bounded)
    let solution = try PartialGromovWasserstein(starts: 30).solve(problem)
    #expect(solution.value < 1e-20 && abs(solution.coupling.plan.elements.reduce(0, +) - 4) < 1e-13)
  }

  @Test func allOfTheMassIsTheBalancedProblem() throws {
    let (source, target) = (try Self.space(6, seed: 11), try Self.space(6, seed: 12))
    let partial = try PartialGromovWasserstein().solve(
      QuadraticProblem(source: source, target: target, relaxation: .bounded))
    let balanced = try GromovWasserstein().solve(QuadraticProblem(source: source, target: target))
    #expect(abs(partial.value - balanced.value) < 1e-9 * balanced.value)
  }

  @Test func aSymmetricSpaceAgainstItselfEndsAtZero() throws {
    let circle = Matrix(rows: 6, columns: 6) { Double(min(abs($0 - $1), 6 - abs($0 - $1))) }
    let space = try MetricMeasureSpace(distances: circle)
    let problem = try QuadraticProblem(source: space, target: space, relaxation: .bounded)
    #expect(try PartialGromovWasserstein(mass: 1).solve(problem).value < 1e-14)
  }

  @Test func unfitParametersAreRefused() throws {
    let space = try Self.space(3, seed: 1)
    let problem = try QuadraticProblem(source: space, target: space, relaxation: .bounded)
    #expect(throws: ProblemError.self) { try PartialGromovWasserstein(mass: 4).solve(problem) }
    #expect(throws: ProblemError.self) { try PartialGromovWasserstein(starts: 0).solve(problem) }
    #expect(throws: ProblemError.self) {
      try PartialGromovWasserstein().solve(QuadraticProblem(source: space, target: space))
    }
    #expect(throws: ProblemError.self) {
      try PartialGromovWasserstein(mass: 1).solve(problem, from: Matrix(rows: 3, columns: 3) { $0 == $1 ? 1 : 0 })
    }
  }
}
