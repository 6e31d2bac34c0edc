import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import OptimalTransport

@Suite struct SeparableCostTests {
  private static func squares(_ lattice: LatticeDistances) -> Matrix { lattice.matrix.map { $0 * $0 } }

  @Test(arguments: [true, false]) func kernelsAgreeWithDirectSums(isForward: Bool) throws {
    let lattice = try LatticeDistances.pixels(rows: 5, columns: 7)
    let cost = Self.squares(lattice)
    let separable = try #require(SeparableCost(cost, .lattice(lattice), .lattice(lattice)))
    let epsilon = 0.01
    let kernel = try #require(separable.kernel(epsilon: epsilon, isForward: isForward))
    var random = SeededGenerator(seed: 1)
    var potential = (0..<35).map { _ in random.uniform() }
    potential[3] = -.infinity
    let direct = (0..<35).map { y in
      epsilon * log((0..<35).reduce(0) { $0 + exp((potential[$1] - cost[$1, y]) / epsilon) })
    }
    #expect(zip(kernel.carried(potential), direct).allSatisfy { abs($0 - $1) < 1e-13 })
    #expect(kernel.carried([Double](repeating: -.infinity, count: 35)).allSatisfy { $0 == -.infinity })

    // Transition probabilities on some of the points, after a matrix of more rows than are formed at a time.
    let (points, others) = ([0, 2, 8, 20, 34], [1, 5, 30])
    let beyond = others.map { _ in random.uniform() }
    let own = points.map { x in
      -epsilon * log(others.indices.reduce(0) { $0 + exp((beyond[$1] - cost[x, others[$1]]) / epsilon) })
    }
    let before = EdgeMatrix<Double>(Matrix(rows: 37, columns: points.count) { _, _ in random.uniform() })
    let out = EdgeMatrix<Double>(rows: 37, columns: others.count)
    kernel.extended(before, points, own, others, beyond, into: out)
    let factor = Matrix(rows: points.count, columns: others.count) {
      exp((own[$0] + beyond[$1] - cost[points[$0], others[$1]]) / epsilon)
    }
    let expected = before.matrix * factor
    #expect(absoluteDifference(out.matrix.elements, expected.elements) < 1e-12)
  }

  @Test func rectangularCostsKeepTheirSides() throws {
    let (a, b) = (try LatticeDistances.pixels(rows: 2, columns: 3), try LatticeDistances.pixels(rows: 4, columns: 2))
    let cost = Matrix(rows: 6, columns: 8) { x, y in
      Double((x / 3 - y / 2) * (x / 3 - y / 2)) + 0.5 * abs(Double(x % 3 - y % 2))
    }
    let separable = try #require(SeparableCost(cost, .lattice(a), .lattice(b)))
    for isForward in [true, false] {
      let kernel = try #require(separable.kernel(epsilon: 0.3, isForward: isForward))
      let potential = (0..<(isForward ? 6 : 8)).map { sin(Double($0)) }
      let direct = (0..<(isForward ? 8 : 6)).map { y in
        0.3
          * log(
            potential.indices.reduce(0) { $0 + exp((potential[$1] - (isForward ? cost[$1, y] : cost[y, $1])) / 0.3) })
      }
      #expect(zip(kernel.carried(potential), direct).allSatisfy { abs($0 - $1) < 1e-13 })
    }
    // Scaled costs at a scaled ε are the same problem.
    let scaled = SeparableCost(separable, scaledBy: 2).kernel(epsilon: 0.6, isForward: true)
    #expect(scaled?.columns == separable.kernel(epsilon: 0.3, isForward: true)?.columns)
  }

  @Test func whatIsNotSeparableIsLeft() throws {
    let pixels = try LatticeDistances.pixels(rows: 3, columns: 3)
    let globe = try LatticeDistances.globe(meridians: 3, parallels: 3)
    let part = try LatticeDistances.pixels(rows: 3, columns: 4, points: [0, 1, 2, 3, 5, 7, 8, 9, 10])
    #expect(SeparableCost(pixels.matrix, .lattice(pixels), .lattice(pixels)) == nil)
    #expect(SeparableCost(Self.squares(globe), .lattice(globe), .lattice(globe)) == nil)
    #expect(SeparableCost(Self.squares(part), .lattice(part), .lattice(part)) == nil)
    #expect(SeparableCost(Self.squares(pixels), .symmetric(pixels.matrix), .lattice(pixels)) == nil)
    let separable = try #require(SeparableCost(Self.squares(pixels), .lattice(pixels), .lattice(pixels)))
    #expect(separable.kernel(epsilon: 1e-4, isForward: true) == nil, "exponents would leave double precision")
  }

  /// The same embedding into a lattice, whose middle edge is separable, and into its matrix of distances; large ε by
  /// the kernel, small without.
  @Test(arguments: [2e-2, 2e-3]) func embeddingsIntoLatticesAndTheirMatricesAgree(epsilon: Double) throws {
    var random = SeededGenerator(seed: 5)
    func space() throws -> MetricMeasureSpace {
      let points = (0..<24).map { _ in (random.uniform(), 0.5 * random.uniform()) }
      return try MetricMeasureSpace(
        distances: Matrix(rows: 24, columns: 24) { hypot(points[$0].0 - points[$1].0, points[$0].1 - points[$1].1) })
    }
    let (first, second) = (try space(), try space())
    let lattice = try LatticeDistances.pixels(rows: 6, columns: 5, unit: 0.25)
    // The noise of random starts goes by the order of points, of which a lattice has its own.
    let plans = (first: tiltedProduct(24, 30, seed: 1), second: tiltedProduct(24, 30, seed: 2))
    // On the way to a basin each step multiplies rounding by about five.
    var solver = JointEmbedding(
      epsilon: epsilon, precision: .double, stopping: StoppingRule(tolerance: 0, iterationLimit: 6),
      innerStopping: StoppingRule(tolerance: 1e-12, iterationLimit: 5000))
    solver.alternation.noise = 0
    let solutions = try [DistanceGeometry.lattice(lattice), .symmetric(lattice.matrix)].map { target in
      try solver.solve(
        JointEmbeddingProblem(first: first, second: second, target: target, lambda: 5, convention: .normalized),
        from: plans)
    }
    #expect(absoluteDifference(solutions[0].first.plan.elements, solutions[1].first.plan.elements) < 1e-8)
    #expect(absoluteDifference(solutions[0].transport.matrix.elements, solutions[1].transport.matrix.elements) < 1e-8)
  }
}
