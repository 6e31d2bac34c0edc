import Foundation
import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

@Suite struct SlicedTransportTests {
  private static func weights(_ count: Int, _ random: inout SeededGenerator) -> [Double] {
    let drawn = (0..<count).map { $0 > 0 && random.uniform() < 0.2 ? 0 : 0.1 + random.uniform() }
    return drawn.map { $0 / drawn.reduce(0, +) }
  }

  /// Every slice lies below the distance of the clouds, every plan's cost above it.
  @Test(arguments: [1, 1.5, 2, 3.0]) func slicesAndPlansEncloseTheDistance(exponent: Double) throws {
    var random = SeededGenerator(seed: 90)
    for _ in 0..<40 {
      let (n, m, d) = (1 + random.integer(below: 9), 1 + random.integer(below: 9), 1 + random.integer(below: 4))
      let (x, y) = (
        normalPoints(n, dimensions: d, seed: random.next()), normalPoints(m, dimensions: d, seed: random.next())
      )
      let (a, b) = (Self.weights(n, &random), Self.weights(m, &random))
      let cost = squaredDistances(x, y).map { pow($0.squareRoot(), exponent) }
      let exact = try NetworkSimplex().solve(LinearProblem(cost: cost, source: a, target: b)).value
      for plan in [SlicedTransport.Plan.cheapest, .mean(beta: 0), .mean(beta: 3)] {
        let solution = try SlicedTransport(exponent: exponent, plan: plan).solve(
          x, y, source: a, target: b, along: SlicedTransport.directions(20, dimensions: d, seed: 1))
        let found = try #require(solution.plan)
        let coupling = Coupling(entries: found.entries, source: a, target: b)
        #expect(coupling.marginalError < 1e-12)
        #expect(abs(zip(cost.elements, coupling.plan.elements).reduce(0) { $0 + $1.0 * $1.1 } - found.cost) < 1e-12)
        #expect(solution.values.largest <= exact + 1e-12 && found.cost >= exact - 1e-12)
        if d == 1 { #expect(abs(solution.values.mean - exact) < 1e-12 && abs(found.cost - exact) < 1e-12) }
      }
    }
  }

  /// Of clouds that differ by a shift t, the mean slice is |t|²/d, within some standard errors.
  @Test func aShiftIsSeenFromAllSides() throws {
    let x = normalPoints(300, dimensions: 3, seed: 4)
    let y = Matrix(rows: 300, columns: 3) { x[$0, $1] + Double($1) }
    let values = try SlicedTransport().solve(x, y, along: SlicedTransport.directions(2000, dimensions: 3, seed: 2))
      .values
    #expect(abs(values.mean - 5.0 / 3) < 4 * values.standardError)
    #expect(values.standardError < 0.05 && values.largest <= 5 + 1e-12)
  }

  @Test func lengthsOfDirectionsDoNotCount() throws {
    let (x, y) = (normalPoints(7, dimensions: 3, seed: 1), normalPoints(5, dimensions: 3, seed: 2))
    let directions = SlicedTransport.directions(10, dimensions: 3, seed: 3)
    let one = try SlicedTransport(exponent: 3).solve(x, y, along: directions)
    let other = try SlicedTransport(exponent: 3).solve(x, y, along: directions.map { 1e-200 * $0 })
    #expect(abs(one.values.mean - other.values.mean) < 1e-12)
  }

  @Test func threadsChangeNothing() throws {
    let (x, y) = (normalPoints(70, dimensions: 3, seed: 1), normalPoints(50, dimensions: 3, seed: 2))
    let directions = SlicedTransport.directions(40, dimensions: 3, seed: 3)
    let one = try SlicedTransport(plan: .mean(beta: 1)).solve(x, y, along: directions)
    let two = try Threads.limited(to: 2) { try SlicedTransport(plan: .mean(beta: 1)).solve(x, y, along: directions) }
    #expect(one.values.each == two.values.each && one.plan?.entries == two.plan?.entries)
  }

  @Test func aMonitorEndsTheSeries() throws {
    let x = normalPoints(20_000, dimensions: 2, seed: 1)
    let solution = try SlicedTransport().solve(x, x, along: SlicedTransport.directions(1000, dimensions: 2, seed: 1)) {
      _ in false
    }
    #expect(
      solution.status == .interrupted && solution.values.each.count < 1000
        && solution.directions.rows == solution.values.each.count)
  }

  /// A grid of the circle stands for the uniform measure.
  @Test func theUniformMeasureIsTheLimitOfGrids() throws {
    var random = SeededGenerator(seed: 91)
    let grid = (0..<4000).map { (Double($0) + 0.5) / 4000 }
    for _ in 0..<10 {
      let x = (0..<5).map { _ in random.uniform() * 3 - 1 }
      let a = Self.weights(5, &random)
      let expected = try CircleTransport().solve(x, grid, source: a).value
      #expect(abs(try CircleTransport.squaredDistanceToUniform(x, source: a) - expected) < 1e-7)
    }
  }

  /// On the circle itself the one plane is the problem on the circle, whichever way round it is seen.
  @Test func theCircleIsItsOwnSlice() throws {
    let turns = [[0.1, 0.35, 0.8, 0.81], [0.2, 0.5, 0.9]]
    let points = turns.map { turns in
      Matrix(rows: turns.count, columns: 2) { ($1 == 0 ? cos : sin)(2 * .pi * turns[$0]) }
    }
    let planes = SphericalSlicedTransport.planes(3, dimensions: 2, seed: 5)
    let found = try SphericalSlicedTransport(exponent: 1.5).solve(points[0], points[1], through: planes)
    let expected = try CircleTransport(exponent: 1.5).solve(turns[0], turns[1]).value
    for value in found.values.each { #expect(abs(value - expected) < 1e-12) }
  }

  @Test func rejectsUnfitInput() {
    let x = normalPoints(4, dimensions: 2, seed: 1)
    let one = Matrix(rows: 1, columns: 2, repeating: 1)
    #expect(throws: ProblemError.self) { try SlicedTransport().solve(x, x, along: Matrix(rows: 1, columns: 2)) }
    #expect(throws: ProblemError.self) {
      try SlicedTransport().solve(x, x, along: Matrix(rows: 1, columns: 3, repeating: 1))
    }
    #expect(throws: ProblemError.self) { try SlicedTransport(exponent: 0.5).solve(x, x, along: one) }
    #expect(throws: ProblemError.self) { try SlicedTransport().solve(x.map { 1e80 * $0 }, x, along: one) }
    #expect(throws: ProblemError.self) { try SlicedTransport(plan: .mean(beta: -1)).solve(x, x, along: one) }
    #expect(throws: ProblemError.self) {
      try SphericalSlicedTransport().solve(x.map { 3 * $0 }, x, through: Matrix(rows: 2, columns: 2))
    }
    let points = Matrix(rows: 1, columns: 2, elements: [1, 0])
    let flat = Matrix(rows: 2, columns: 2, repeating: 1)
    #expect(throws: ProblemError.self) { try SphericalSlicedTransport().solve(points, points, through: flat) }
    #expect(throws: ProblemError.self) {
      try SphericalSlicedTransport(exponent: 1).solve(
        points, nil, through: .init(rows: 2, columns: 2) { $0 == $1 ? 1 : 0 })
    }
  }
}
