import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

@Suite struct NetworkSimplexTests {
  /// Looks at a solution with nothing but the problem: the plan is feasible, the potentials are, and both have one
  /// value, so both are optimal.
  private func expectOptimal(
    _ solution: ExactSolution, of problem: LinearProblem, _ note: String, location: SourceLocation = #_sourceLocation
  ) {
    let (a, b, cost) = (problem.source, problem.target, problem.cost)
    let mass = a.reduce(0, +)
    let scale = cost.elements.reduce(0) { max($0, abs($1)) }
    var (rows, columns) = ([Double](repeating: 0, count: a.count), [Double](repeating: 0, count: b.count))
    for entry in solution.entries {
      #expect(entry.mass > 0, "\(note)", sourceLocation: location)
      rows[entry.row] += entry.mass
      columns[entry.column] += entry.mass
    }
    #expect(zip(rows, a).allSatisfy { abs($0 - $1) <= 1e-14 * mass }, "\(note)", sourceLocation: location)
    #expect(zip(columns, b).allSatisfy { abs($0 - $1) <= 1e-14 * mass }, "\(note)", sourceLocation: location)
    let (f, g) = (solution.potentials.source, solution.potentials.target)
    for i in a.indices {
      for j in b.indices {
        let rounding = 0x1p-51 * (abs(f[i]) + abs(g[j]) + abs(cost[i, j]))
        #expect(f[i] + g[j] - cost[i, j] <= rounding, "\(note)", sourceLocation: location)
      }
    }
    let value = solution.entries.reduce(0) { $0 + cost[$1.row, $1.column] * $1.mass }
    let dual = zip(a, f).reduce(0) { $0 + $1.0 * $1.1 } + zip(b, g).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(value - dual) <= 1e-11 * scale * mass, "\(note): \(value) and \(dual)", sourceLocation: location)
    #expect(
      abs(solution.value - value) <= 1e-13 * scale * mass && solution.status == .converged, "\(note)",
      sourceLocation: location)
    #expect(
      solution.certificate.violation == 0 && solution.certificate.slackness == 0, "\(note)", sourceLocation: location)
    #expect(solution.entries.count < a.count + b.count, "\(note)", sourceLocation: location)
  }

  /// Random problems of every shape up to 12×12, with many zero weights, ties among costs and masses, and negative
  /// costs.
  @Test(arguments: [0, 1, 2, 3])
  func smallProblemsAreSolvedToTheProof(kind: Int) throws {
    var random = SeededGenerator(seed: UInt64(kind), stream: "simplex")
    for round in 0..<1000 {
      let (n, m) = (1 + random.integer(below: 12), 1 + random.integer(below: 12))
      let cost = Matrix(rows: n, columns: m) { _, _ in
        kind == 0
          ? random.normal()
          : kind == 1 ? Double(random.integer(below: 4)) : kind == 2 ? random.uniform() * 1e12 : random.uniform()
      }
      func weights(_ count: Int) -> [Double] {
        var weights = (0..<count).map { _ in
          random.integer(below: 3) == 0
            ? 0 : kind == 1 ? Double(1 + random.integer(below: 3)) : random.uniform() + (kind == 3 ? 1e-9 : 0)
        }
        if weights.allSatisfy({ $0 == 0 }) { weights[random.integer(below: count)] = 1 }
        let total = weights.reduce(0, +)
        return weights.map { $0 / total }
      }
      let problem = try LinearProblem(cost: cost, source: weights(n), target: weights(m))
      expectOptimal(try NetworkSimplex().solve(problem), of: problem, "kind \(kind), round \(round)")
    }
  }

  @Test func assignmentsAreThoseOfAllPermutations() throws {
    var random = SeededGenerator(seed: 5)
    for n in 1...6 {
      let orders = permutations(n)
      for _ in 0..<20 {
        let cost = Matrix(rows: n, columns: n) { _, _ in random.normal() }
        let best = orders.map { order in (0..<n).reduce(0) { $0 + cost[$1, order[$1]] } / Double(n) }.min() ?? 0
        #expect(abs(try NetworkSimplex().solve(LinearProblem(cost: cost)).value - best) < 1e-14)
      }
    }
  }

  /// On the line with a convex cost the sorted order is optimal.
  @Test func theLineIsSorted() throws {
    var random = SeededGenerator(seed: 6)
    let x = (0..<300).map { _ in random.normal() }
    let y = (0..<300).map { _ in random.normal() + 1 }
    let cost = Matrix(rows: 300, columns: 300) { (x[$0] - y[$1]) * (x[$0] - y[$1]) }
    let problem = try LinearProblem(cost: cost)
    let solution = try NetworkSimplex().solve(problem)
    expectOptimal(solution, of: problem, "the line")
    let sorted = zip(x.sorted(), y.sorted()).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 300
    #expect(abs(solution.value - sorted) < 1e-12)
  }

  /// All costs equal, all masses equal, duplicate points: nothing but ties.
  @Test func tiesDoNotCycle() throws {
    for (n, m) in [(40, 40), (30, 60), (50, 20), (1, 30), (30, 1)] {
      let flat = try LinearProblem(cost: Matrix(rows: n, columns: m) { _, _ in 1 })
      expectOptimal(try NetworkSimplex().solve(flat), of: flat, "flat")
      let stairs = try LinearProblem(cost: Matrix(rows: n, columns: m) { Double(abs($0 / 7 - $1 / 7)) })
      expectOptimal(try NetworkSimplex().solve(stairs), of: stairs, "stairs")
    }
  }

  /// Large enough for the start at entropic prices, with zero weights, ties, and costs and masses of any scale.
  @Test(arguments: [1e-30, 1.0, 1e100], [false, true])
  func largeProblemsAreProvenOptimal(scale: Double, isCoarse: Bool) throws {
    let (n, m) = (300, 280)
    let points = squaredDistances(normalPoints(n, dimensions: 2, seed: 80), normalPoints(m, dimensions: 2, seed: 81))
    let cost = points.map { (isCoarse ? $0.rounded() : $0) * scale }
    let (a, b) = (randomWeights(n, seed: 82, zeros: [0, 7, 299]), randomWeights(m, seed: 83, zeros: [5]))
    let solution = try NetworkSimplex().solve(LinearProblem(cost: cost, source: a, target: b))
    let largest = cost.elements.max() ?? 1
    #expect(solution.status == .converged && solution.coupling.marginalError < 1e-14)
    // Half of what the start at the sinks' least costs needs.
    #expect(solution.pivots < 1100)
    #expect(solution.certificate.violation < 1e-12 * largest && solution.certificate.slackness < 1e-12 * largest)
    #expect(abs(solution.certificate.gap) < 1e-12 * largest)
  }

  @Test func extremeWeightsAndCosts() throws {
    let cost = Matrix(rows: 3, columns: 3) { Double(($0 * 5 + $1 * 7) % 4) }
    for unit in [1e-300, 1e-300 * 1e-10, 1.0, 1e300] {
      let problem = try LinearProblem(
        cost: cost, source: [unit, 2 * unit, 3 * unit], target: [3 * unit, unit, 2 * unit])
      let solution = try NetworkSimplex().solve(problem)
      #expect(solution.status == .converged && solution.certificate.violation == 0)
      #expect(abs(solution.entries.reduce(0) { $0 + $1.mass } / (6 * unit) - 1) < 1e-9)
    }
    let skewed = try LinearProblem(cost: cost, source: [1, 1e-12, 1e-40], target: [1e-40, 1e-12, 1])
    expectOptimal(try NetworkSimplex().solve(skewed), of: skewed, "skewed")
  }

  @Test func aBasisIsAStartForAnotherCost() throws {
    let points = normalPoints(200, dimensions: 2, seed: 1)
    let cost = squaredDistances(points, normalPoints(150, dimensions: 2, seed: 2))
    let weights = (randomWeights(200, seed: 3, zeros: [4, 5]), randomWeights(150, seed: 4))
    let problem = try LinearProblem(cost: cost, source: weights.0, target: weights.1)
    let cold = try NetworkSimplex().solve(problem)
    expectOptimal(cold, of: problem, "cold")
    #expect(try NetworkSimplex().solve(problem, start: cold.basis).pivots == 0)
    let nearby = try LinearProblem(cost: cost.map { $0 * 1.01 + 0.001 * $0 * $0 }, source: weights.0, target: weights.1)
    let warm = try NetworkSimplex().solve(nearby, start: cold.basis)
    expectOptimal(warm, of: nearby, "warm")
    let fresh = try NetworkSimplex().solve(nearby)
    #expect(abs(warm.value - fresh.value) < 1e-12 * fresh.value)
    #expect(warm.pivots < fresh.pivots)
    // One of other weights is ignored.
    let other = try LinearProblem(cost: cost)
    expectOptimal(try NetworkSimplex().solve(other, start: cold.basis), of: other, "other weights")
  }

  @Test func theLimitIsNoConvergence() throws {
    let problem = try LinearProblem(
      cost: squaredDistances(normalPoints(60, dimensions: 2, seed: 1), normalPoints(60, dimensions: 2, seed: 2)))
    let solution = try NetworkSimplex(pivotLimit: 5).solve(problem)
    #expect(solution.status == .iterationLimit && solution.pivots == 5)
    #expect(solution.coupling.marginalError < 1e-14)
    #expect(solution.value >= (try NetworkSimplex().solve(problem)).value)
    #expect(throws: ProblemError.self) { try NetworkSimplex(pivotLimit: -1).solve(problem) }
  }
}
