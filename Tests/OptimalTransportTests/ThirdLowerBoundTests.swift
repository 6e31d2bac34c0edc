import LinearAlgebra
import OptimalTransport
import Testing

@Suite struct ThirdLowerBoundTests {
  private static func space(_ n: Int, seed: UInt64) throws -> MetricMeasureSpace {
    var random = SeededGenerator(seed: seed)
    let x = Matrix(rows: n, columns: 2) { _, _ in random.normal() }
    let weights = (0..<n).map { _ in 0.2 + random.uniform() }
    let total = weights.reduce(0, +)
    return try MetricMeasureSpace(
      distances: squaredDistances(x, x).map { $0.squareRoot() }, weights: weights.map { $0 / total })
  }

  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func boundsWhatAnySolverFinds(seed: UInt64) throws {
    let problem = try QuadraticProblem(source: Self.space(12, seed: seed), target: Self.space(15, seed: seed + 10))
    let bound = try ThirdLowerBound().solve(problem)
    let report = try MultiStart(starts: 8, seed: seed).solve(problem) { problem, start, _ throws(ProblemError) in
      try GromovWasserstein().solve(problem, from: start)
    }
    #expect(bound.value > 0 && bound.value <= report.best.value * (1 + 1e-9))
    #expect(bound.coupling.marginalError < 1e-12)
  }

  @Test func vanishesBetweenCopiesAndPairsThem() throws {
    let space = try Self.space(10, seed: 3)
    var random = SeededGenerator(seed: 6)
    let order = random.permutation(10)
    let d = space.distances
    let copy = try MetricMeasureSpace(
      distances: Matrix(rows: 10, columns: 10) { d[order[$0], order[$1]] }, weights: order.map { space.weights[$0] })
    let bound = try ThirdLowerBound().solve(QuadraticProblem(source: space, target: copy))
    #expect(abs(bound.value) < 1e-15)
    for entry in bound.entries where entry.mass > 1e-12 { #expect(order[entry.column] == entry.row) }
  }

  /// W_2² on the line by the library's exact solver, point by point.
  @Test func costsAreTransportOnTheLine() throws {
    let (x, y) = (try Self.space(7, seed: 1), try Self.space(9, seed: 2))
    let (d1, d2) = (x.distances, y.distances)
    let cost = Matrix(rows: 7, columns: 9) { i, j in
      (try? LineTransport().solve(Array(d1[row: i]), Array(d2[row: j]), source: x.weights, target: y.weights).value)
        ?? .nan
    }
    let exact = try NetworkSimplex().solve(LinearProblem(cost: cost, source: x.weights, target: y.weights))
    let bound = try ThirdLowerBound().solve(QuadraticProblem(source: x, target: y))
    #expect(abs(exact.value - bound.value) < 1e-12)
    // Quantiles at many levels come near.
    let many = ThirdLowerBound.cost(x, y, levels: (0..<4000).map { (Double($0) + 0.5) / 4000 })
    for i in 0..<7 { for j in 0..<9 { #expect(abs(many[i, j] - cost[i, j]) < 5e-3) } }
  }

  @Test func refusesOtherProblems() throws {
    let (x, y) = (try Self.space(4, seed: 1), try Self.space(4, seed: 2))
    #expect(throws: ProblemError.self) {
      try ThirdLowerBound().solve(QuadraticProblem(source: x, target: y, relaxation: .relaxed(1)))
    }
    #expect(throws: ProblemError.self) {
      try ThirdLowerBound().solve(
        QuadraticProblem(source: x, target: y, features: Matrix(rows: 4, columns: 4, repeating: 1)))
    }
  }
}
