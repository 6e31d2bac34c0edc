import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

/// Costs of very different sizes: no difference may hide behind a larger number.
@Suite struct WideCostTests {
  /// The plan's cost in whole numbers, its masses being whole multiples of a unit.
  private func wholeCost(_ entries: [PlanEntry], _ cost: [[Int128?]], mass: Int) -> Int128 {
    entries.reduce(0) { sum, entry in
      let amount = (entry.mass * Double(mass)).rounded()
      #expect(abs(entry.mass * Double(mass) - amount) < 1e-9)
      return sum + (cost[entry.row][entry.column] ?? 1 << 120) * Int128(amount)
    }
  }

  /// f_i + g_j − C_ij by the rounding of these three numbers alone.
  private func expectProof(_ solution: ExactSolution, of cost: Matrix, _ note: String) {
    let (f, g) = (solution.potentials.source, solution.potentials.target)
    #expect(
      solution.status == .converged && solution.certificate.violation == 0 && solution.certificate.slackness == 0,
      "\(note)")
    for i in f.indices {
      for j in g.indices {
        let rounding = 0x1p-51 * (abs(f[i]) + abs(g[j]) + abs(cost[i, j]))
        #expect(f[i] + g[j] - cost[i, j] <= rounding || cost[i, j] == .infinity, "\(note): pair \(i), \(j)")
      }
    }
    for entry in solution.entries {
      let (f, g, c) = (f[entry.row], g[entry.column], cost[entry.row, entry.column])
      #expect(abs(f + g - c) <= 0x1p-51 * (abs(f) + abs(g) + abs(c)), "\(note): entry \(entry)")
    }
  }

  private func masses(_ random: inout SeededGenerator, _ n: Int, _ m: Int) -> (a: [Int], b: [Int], total: Int) {
    if n == m, random.integer(below: 2) == 0 {
      return ([Int](repeating: 1, count: n), [Int](repeating: 1, count: m), n)
    }
    var a = (0..<n).map { _ in random.integer(below: 5) }
    var b = (0..<m).map { _ in random.integer(below: 5) }
    let difference = a.reduce(0, +) - b.reduce(0, +)
    if difference > 0 { b[random.integer(below: m)] += difference } else { a[random.integer(below: n)] -= difference }
    if a.reduce(0, +) == 0 { (a[0], b[0]) = (1, 1) }
    return (a, b, a.reduce(0, +))
  }

  /// Whole costs from 0 to 1e16, in some problems with large ones that every plan must pay, in others with large or
  /// forbidden ones that none need.
  @Test func wholeNumbersAreExact() throws {
    let sizes: [Int128] = [10_000, 100_000_000, 1_000_000_000_000, 10_000_000_000_000_000]
    for seed in 0..<600 {
      var random = SeededGenerator(seed: UInt64(seed), stream: "wide")
      let n = 1 + random.integer(below: 30)
      let m = random.integer(below: 2) == 0 ? n : 1 + random.integer(below: 30)
      let share = [0.05, 0.3, 0.6, 0.9][seed % 4]
      let forbids = seed % 3 == 0
      var cost = [[Int128?]](repeating: [Int128?](repeating: 0, count: m), count: n)
      for i in 0..<n {
        for j in 0..<m {
          let isLarge = random.uniform() < share || seed % 5 == 0 && (i == 0 || j == m - 1)
          let draw = random.integer(below: 10)
          cost[i][j] = !isLarge ? Int128(draw) : forbids && draw < 4 ? nil : sizes[draw % 4]
        }
      }
      let (a, b, total) = masses(&random, n, m)
      let matrix = Matrix(rows: n, columns: m) { cost[$0][$1].map { Double($0) } ?? .infinity }
      let problem = try LinearProblem(
        cost: matrix, source: a.map { Double($0) / Double(total) }, target: b.map { Double($0) / Double(total) })
      guard let best = wholeNumberOptimum(cost, supply: a, demand: b) else {
        #expect(throws: ProblemError.self) { try NetworkSimplex().solve(problem) }
        continue
      }
      let solution = try NetworkSimplex().solve(problem)
      #expect(wholeCost(solution.entries, cost, mass: total) == best, "seed \(seed)")
      expectProof(solution, of: matrix, "seed \(seed)")
      let value = Double(best) / Double(total)
      #expect(
        abs(solution.value - value) <= 1e-14 * value && abs(solution.certificate.dualValue - value) <= 1e-14 * value,
        "seed \(seed)")
    }
  }

  @Test("forbidden_cost", arguments: [1e3, 1e12, 1e14, 1e16, 1e30, 1e100, .infinity])
  func forbiddenCost(price: Double) throws {
    let cost = Matrix(rows: 3, columns: 3, elements: [2, 3, 4, 5, price, 0, 4, price, 1])
    let solution = try NetworkSimplex().solve(LinearProblem(cost: cost))
    #expect(abs(solution.value - 7 / 3.0) < 1e-15 && abs(solution.certificate.dualValue - 7 / 3.0) < 1e-15)
    expectProof(solution, of: cost, "\(price)")
  }

  /// Costs in [0, 1), three in five pairs forbidden, the diagonal never.
  @Test("forbidden_cost_20", arguments: [1e11, 1e12, 1e14, 1e16, .infinity])
  func forbiddenCost20(price: Double) throws {
    for seed in 1000..<1040 {
      var random = SeededGenerator(seed: UInt64(seed), stream: "forbidden")
      let unit = 0x1p40
      var cost = [[Int128?]](repeating: [], count: 20)
      for i in 0..<20 {
        cost[i] = (0..<20).map { j in
          let value = Int128(random.uniform() * unit)
          return random.uniform() < 0.6 && i != j ? nil : value
        }
      }
      let matrix = Matrix(rows: 20, columns: 20) { cost[$0][$1].map { Double($0) / unit } ?? price }
      let ones = [Int](repeating: 1, count: 20)
      let best = try #require(wholeNumberOptimum(cost, supply: ones, demand: ones))
      let solution = try NetworkSimplex().solve(LinearProblem(cost: matrix))
      #expect(wholeCost(solution.entries, cost, mass: 20) == best, "seed \(seed)")
      #expect(abs(solution.value - Double(best) / unit / 20) < 1e-15)
      expectProof(solution, of: matrix, "seed \(seed)")
    }
  }

  /// Clouds of unit size that share one point far away.
  @Test(arguments: [1e5, 1e6, 1e7, 1e8])
  func aSharedOutlierHidesNothing(distance: Double) throws {
    for seed in 0..<20 {
      var random = SeededGenerator(seed: UInt64(seed), stream: "outlier")
      func cloud(_ dimensions: Int) -> Matrix {
        let points = Matrix(rows: 30, columns: dimensions) { i, _ in
          i == 29 ? distance : (random.normal() * 1024).rounded() / 1024
        }
        return points.selectingRows((0..<30).sorted { ($0 * 7 + seed) % 30 < ($1 * 7 + seed) % 30 })
      }
      let (x, y) = (cloud(2), cloud(2))
      // Multiples of 2⁻²⁰, but for what squares of the distance round off.
      let cost = Matrix(rows: 30, columns: 30) { i, j in
        (0..<2).reduce(0) { $0 + (x[i, $1] - y[j, $1]) * (x[i, $1] - y[j, $1]) }
      }
      let whole = (0..<30).map { i in (0..<30).map { j in Int128?(Int128(cost[i, j] * 0x1p20)) } }
      let ones = [Int](repeating: 1, count: 30)
      let best = try #require(wholeNumberOptimum(whole, supply: ones, demand: ones))
      let solution = try NetworkSimplex().solve(LinearProblem(cost: cost))
      #expect(wholeCost(solution.entries, whole, mass: 30) == best, "seed \(seed)")
      #expect(abs(solution.value - Double(best) / 0x1p20 / 30) < 1e-14)
      expectProof(solution, of: cost, "seed \(seed)")
      let (u, v) = (cloud(1).elements, cloud(1).elements)
      let line = try LineTransport(exponent: 2).solve(u, v)
      let sorted = zip(u.sorted(), v.sorted()).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 30
      #expect(abs(line.value - sorted) < 1e-13, "seed \(seed)")
    }
  }

  /// Random weights whose rounding leaves something over in each block of pairs that are allowed, or cheap.
  @Test(arguments: [1e9, 1e15, 1e30, .infinity])
  func roundingOfWeightsIsNotSentAcrossBlocks(price: Double) throws {
    for seed in 0..<20 {
      let weights = randomWeights(30, seed: UInt64(seed))
      let order = (0..<30).map { $0 / 10 * 10 + ($0 * 7 + seed) % 10 }
      let permuted = order.map { weights[$0] }
      let cost = squaredDistances(
        normalPoints(30, dimensions: 2, seed: 5), normalPoints(30, dimensions: 2, seed: UInt64(seed)))
      let blocks = Matrix(rows: 30, columns: 30) { $0 / 10 == $1 / 10 ? cost[$0, $1] : price }
      let sum = permuted.reduce(0, +)
      let solution = try NetworkSimplex().solve(
        LinearProblem(cost: blocks, source: weights, target: permuted.map { $0 / sum }))
      let parts = try (0..<3).map { block in
        let rows = Array(block * 10..<block * 10 + 10)
        let part = Matrix(rows: 10, columns: 10) { cost[rows[$0], rows[$1]] }
        return try NetworkSimplex().solve(
          LinearProblem(cost: part, source: rows.map { weights[$0] }, target: rows.map { permuted[$0] })
        )
        .value
      }
      #expect(solution.status == .converged && abs(solution.value - parts.reduce(0, +)) < 1e-13)
      #expect(solution.coupling.marginalError < 1e-14)
    }
  }

  @Test func noPlanWithoutForbiddenPairsIsASentence() throws {
    let cost = Matrix(rows: 3, columns: 3, elements: [0, .infinity, .infinity, 1, .infinity, .infinity, 2, 3, 4])
    let error = #expect(throws: ProblemError.self) { try NetworkSimplex().solve(LinearProblem(cost: cost)) }
    #expect("\(String(describing: error))".contains("forbidden"))
    // A point without mass may be forbidden everything.
    let weights = [0.5, 0, 0.5]
    let solution = try NetworkSimplex().solve(LinearProblem(cost: cost, source: weights, target: [0.5, 0.25, 0.25]))
    #expect(solution.value == 1.75 && solution.status == .converged)
    let potentials = solution.potentials.source + solution.potentials.target
    let areFinite = potentials.allSatisfy { $0.isFinite }
    #expect(areFinite)
    for value in [-Double.infinity, .nan] {
      #expect(throws: ProblemError.self) { try LinearProblem(cost: Matrix(rows: 1, columns: 2, elements: [0, value])) }
    }
  }

  /// A value that is a sum of numbers 27 decades smaller than the largest cost.
  @Test func theDualValueIsThatOfThePlan() throws {
    let far = 1e32
    let cost = Matrix(
      rows: 4, columns: 4, elements: [57.5, far, 3, far, far, 60.25, far, 2, 1, far, 61.125, far, far, 4, far, 58.5])
    let solution = try NetworkSimplex().solve(LinearProblem(cost: cost))
    #expect(solution.value == 2.5 && solution.certificate.dualValue == 2.5 && solution.certificate.gap == 0)
  }
}
