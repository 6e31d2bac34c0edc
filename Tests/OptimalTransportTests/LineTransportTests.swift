import Foundation
import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

@Suite struct LineTransportTests {
  struct Case {
    let x: [Double]
    let y: [Double]
    let a: [Double]
    let b: [Double]
  }

  /// Sizes 1 to 12 with ties, zero weights, and positions on a coarse lattice every other time.
  static func randomCase(_ random: inout SeededGenerator) -> Case {
    func positions(_ count: Int, _ isCoarse: Bool) -> [Double] {
      (0..<count).map { _ in isCoarse ? Double(random.integer(below: 8)) / 8 : random.uniform() * 3 - 1 }
    }
    func weights(_ count: Int) -> [Double] {
      var weights = (0..<count).map { _ in random.uniform() < 0.3 ? 0 : Double(1 + random.integer(below: 4)) }
      if !weights.contains(where: { $0 > 0 }) { weights[count - 1] = 1 }
      let total = weights.reduce(0, +)
      return weights.map { $0 / total }
    }
    let (n, m, isCoarse) = (1 + random.integer(below: 12), 1 + random.integer(below: 12), random.uniform() < 0.5)
    return Case(x: positions(n, isCoarse), y: positions(m, isCoarse), a: weights(n), b: weights(m))
  }

  /// 2000 problems: the value is the network simplex's, and the potentials prove it.
  @Test(arguments: [1, 1.5, 2, 3.0])
  func lineAgreesWithTheNetworkSimplex(exponent: Double) throws {
    var random = SeededGenerator(seed: 60)
    for _ in 0..<500 {
      let c = Self.randomCase(&random)
      let cost = Matrix(rows: c.x.count, columns: c.y.count) { pow(abs(c.x[$0] - c.y[$1]), exponent) }
      let solution = try LineTransport(exponent: exponent).solve(c.x, c.y, source: c.a, target: c.b)
      let expected = try NetworkSimplex().solve(LinearProblem(cost: cost, source: c.a, target: c.b))
      #expect(abs(solution.value - expected.value) < 1e-12)
      #expect(solution.coupling.marginalError < 1e-14)
      let potentials = try #require(solution.potentials)
      let (f, g) = (potentials.source, potentials.target)
      for i in f.indices { for j in g.indices { #expect(f[i] + g[j] <= cost[i, j] + 1e-12) } }
      for entry in solution.entries {
        #expect(abs(f[entry.row] + g[entry.column] - cost[entry.row, entry.column]) < 1e-12)
      }
    }
  }

  @Test(arguments: [1, 1.5, 2, 3.0])
  func circleAgreesWithTheNetworkSimplex(exponent: Double) throws {
    var random = SeededGenerator(seed: 61)
    for _ in 0..<500 {
      let c = Self.randomCase(&random)
      let length = [1, 0.7, 5][random.integer(below: 3)]
      let cost = Matrix(rows: c.x.count, columns: c.y.count) { i, j in
        let difference = abs(c.x[i] - c.y[j]).truncatingRemainder(dividingBy: length)
        return pow(min(difference, length - difference), exponent)
      }
      let solution = try CircleTransport(circumference: length, exponent: exponent).solve(
        c.x, c.y, source: c.a, target: c.b)
      let expected = try NetworkSimplex().solve(LinearProblem(cost: cost, source: c.a, target: c.b))
      #expect(abs(solution.value - expected.value) < 1e-12)
      #expect(solution.coupling.marginalError < 1e-14)
    }
  }

  @Test func largeProblemsFormNoMatrix() throws {
    let n = 200_000
    let x = (0..<n).map { Double(($0 * 7919) % n) / Double(n) }
    let solution = try LineTransport().solve(x, x.map { $0 + 0.25 })
    #expect(abs(solution.value - 0.0625) < 1e-12)
    // A quarter turn of the circle, for which no turn is shorter.
    let turned = try CircleTransport().solve(Array(x.prefix(20_000)), x.prefix(20_000).map { $0 + 0.25 })
    #expect(turned.value < 0.0625 + 1e-12)
  }

  @Test func rejectsUnfitInput() throws {
    #expect(throws: ProblemError.self) { try LineTransport(exponent: 0.5).solve([1], [2]) }
    #expect(throws: ProblemError.self) { try LineTransport().solve([], [2]) }
    #expect(throws: ProblemError.self) { try LineTransport().solve([.nan], [2]) }
    #expect(throws: ProblemError.self) { try LineTransport().solve([1e300], [2]) }
    #expect(throws: ProblemError.self) { try LineTransport().solve([1], [2], source: [1, 2]) }
    #expect(throws: ProblemError.self) { try LineTransport().solve([1], [2], source: [1], target: [3]) }
    #expect(throws: ProblemError.self) { try CircleTransport(circumference: 0).solve([1], [2]) }
  }
}
