import Foundation
import LinearAlgebra
import Testing

@testable import OptimalTransport

/// Tables far from 0: as a whole, each by its own offset, or in single rows and columns.
@Suite struct OffsetTableTests {
  private static let x = CoOptimalTransportTests.data(4, 3, seed: 21)
  private static let y = CoOptimalTransportTests.data(4, 3, seed: 22)

  /// The lowest Σ (X_ik − Y_jl)² P_ij Q_kl of the permutations that the solver may end at: its own, by four loops on
  /// the tables without offsets.
  private static func value(_ x: Matrix, _ y: Matrix, at solution: CoOptimalSolution) -> Double {
    CoOptimalTransportTests.objective(x, y, solution.samples.plan, solution.features.plan)
  }

  @Test("offset_tables") func offsetTables() throws {
    let right = try CoOptimalTransport().solve(CoOptimalProblem(source: Self.x, target: Self.y))
    #expect(abs(right.value - Self.value(Self.x, Self.y, at: right)) < 1e-12 * right.value)
    for offset in [1e4, 1e6, 1e7, 1e8] {
      let (x, y) = (Self.x.map { $0 + offset }, Self.y.map { $0 + offset })
      let solution = try CoOptimalTransport().solve(CoOptimalProblem(source: x, target: y))
      #expect(solution.status == .converged)
      #expect(abs(solution.value - right.value) < 1e-6 * right.value, "\(offset): \(solution.value)")
      let negative = try CoOptimalTransport().solve(
        CoOptimalProblem(source: Self.x.map { $0 - offset }, target: Self.y.map { $0 - offset }))
      #expect(abs(negative.value - right.value) < 1e-6 * right.value)
      for epsilon in [0.02, 0.2] {
        let precise = StoppingRule(tolerance: 1e-11, iterationLimit: 5000)
        let entropic = CoOptimalTransport(
          sampleEpsilon: epsilon, featureEpsilon: epsilon, stopping: precise, innerStopping: precise)
        let plain = try entropic.solve(CoOptimalProblem(source: Self.x, target: Self.y))
        let moved = try entropic.solve(CoOptimalProblem(source: x, target: y))
        #expect(abs(moved.value - plain.value) < 1e-6 * plain.value && moved.status == .converged)
      }
    }
  }

  @Test(arguments: [0, 1e4, 1e6, 1e8]) func unbalancedCoOptimalTransportConverges(offset: Double) throws {
    let solver = UnbalancedCoOptimalTransport(epsilon: 0.05)
    let right = try solver.solve(CoOptimalProblem(source: Self.x, target: Self.y, relaxation: .relaxed(1)))
    let (x, y) = (Self.x.map { $0 + offset }, Self.y.map { $0 + offset })
    let solution = try solver.solve(CoOptimalProblem(source: x, target: y, relaxation: .relaxed(1)))
    #expect(solution.status == .converged && right.status == .converged)
    #expect(abs(solution.regularizedValue - right.regularizedValue) < 1e-6 * abs(right.regularizedValue))
    #expect(abs(solution.value - right.value) < 1e-6 * right.value)
  }

  /// An offset of one table alone adds its square and changes no plan.
  @Test func offsetsOfOneTableChangeNoPlan() throws {
    let right = try CoOptimalTransport().solve(CoOptimalProblem(source: Self.x, target: Self.y))
    for offset in [1.0, 1e4, 1e8] {
      let x = Self.x.map { $0 + offset }
      let solution = try CoOptimalTransport().solve(CoOptimalProblem(source: x, target: Self.y))
      #expect(solution.status == .converged)
      let expected = CoOptimalTransportTests.objective(x, Self.y, right.samples.plan, right.features.plan)
      #expect(abs(solution.value - expected) < 1e-12 * expected)
      if offset < 1e8 {
        #expect(solution.samples.plan == right.samples.plan && solution.features.plan == right.features.plan)
      }
    }
  }

  /// Time stamps in a column, and a row on another scale, leave the other columns' digits.
  @Test(arguments: [1e4, 1e6, 1e8]) func offsetsOfColumnsAndRowsTakeNoDigits(offset: Double) throws {
    let right = try CoOptimalTransport().solve(CoOptimalProblem(source: Self.x, target: Self.y))
    let features = right.features.plan
    let partner = (0..<3).first { features[0, $0] > 0 } ?? 0
    let (x, y) = (
      Matrix(rows: 4, columns: 3) { Self.x[$0, $1] + ($1 == 0 ? offset : 0) },
      Matrix(rows: 4, columns: 3) { Self.y[$0, $1] + ($1 == partner ? offset : 0) }
    )
    for (x, y) in [(x, y), (x.transposed, y.transposed)] {
      let solution = try CoOptimalTransport().solve(CoOptimalProblem(source: x, target: y))
      #expect(solution.status == .converged && solution.value < 10)
      let value = CoOptimalTransportTests.objective(x, y, solution.samples.plan, solution.features.plan)
      #expect(abs(solution.value - value) <= 1e-12 * value)
      // Each plan is best for the other's cost, which is formed from differences.
      let cost = Matrix(rows: x.rows, columns: y.rows) { i, j in
        var sum = 0.0
        for k in 0..<x.columns {
          for l in 0..<y.columns { sum += solution.features.plan[k, l] * (x[i, k] - y[j, l]) * (x[i, k] - y[j, l]) }
        }
        return sum
      }
      #expect(abs(try NetworkSimplex().solve(LinearProblem(cost: cost)).value - solution.value) < 1e-6 * solution.value)
      let relaxed = try UnbalancedCoOptimalTransport(epsilon: 0.05).solve(
        CoOptimalProblem(source: x, target: y, relaxation: .relaxed(1)))
      #expect(relaxed.value >= 0 && relaxed.regularizedValue.isFinite)
    }
  }

  /// T(Q) is what four loops say, for a plan with any marginals; potentials belong to it.
  @Test func costsAreTheDefinition() throws {
    var random = SeededGenerator(seed: 5)
    let x = Matrix(rows: 5, columns: 3) { 10 * Double($0) - 3 * Double($1) + random.normal() + 7 }
    let y = Matrix(rows: 4, columns: 6) { 2 * Double($0) + 5 * Double($1) + random.normal() - 4 }
    let plan = Matrix(rows: 3, columns: 6) { _, _ in random.uniform() < 0.3 ? 0 : random.uniform() }
    let expected = Matrix(rows: 5, columns: 4) { i, j in
      var sum = 0.0
      for k in 0..<3 { for l in 0..<6 { sum += plan[k, l] * (x[i, k] - y[j, l]) * (x[i, k] - y[j, l]) } }
      return sum
    }
    let weights = [0.1, 0.4, 0.2, 0.1, 0.2]
    var cost = TableCost(x, y, rows: (weights, .uniform(4)), columns: ([0.5, 0, 0.5], .uniform(6)))
    cost.refresh(plan)
    #expect(zip(cost.full.elements, expected.elements).allSatisfy { abs($0 - $1) < 1e-11 * $1 })
    cost.refresh(Coupling(plan: plan, source: plan.rowSums, target: plan.columnSums).entries)
    #expect(zip(cost.full.elements, expected.elements).allSatisfy { abs($0 - $1) < 1e-11 * $1 })
  }

  /// Both ways to sum the value say the same, and neither is negative at a plan that fits.
  @Test func valuesAreSumsOfSquares() throws {
    let (x, y) = (CoOptimalTransportTests.data(5, 4, seed: 31), CoOptimalTransportTests.data(6, 3, seed: 32))
    let problem = try CoOptimalProblem(source: x, target: y)
    let (p, q) = (Matrix(rows: 5, columns: 6, repeating: 1 / 30), Matrix(rows: 4, columns: 3, repeating: 1 / 12))
    let coupling = { (plan: Matrix) in Coupling(plan: plan, source: plan.rowSums, target: plan.columnSums) }
    #expect(
      abs(
        problem.transportCost(samples: coupling(p), features: coupling(q))
          - CoOptimalTransportTests.objective(x, y, p, q)) < 1e-14)
    let same = try CoOptimalProblem(source: x.map { $0 + 1e8 }, target: x.map { $0 + 1e8 })
    let identity = { (n: Int) in Matrix(rows: n, columns: n) { $0 == $1 ? 1 / Double(n) : 0 } }
    #expect(same.transportCost(samples: coupling(identity(5)), features: coupling(identity(4))) == 0)
  }
}
