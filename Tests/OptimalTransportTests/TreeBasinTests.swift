import Foundation
import LinearAlgebra
import Testing

@testable import OptimalTransport

/// Where the alternation ends: saddles, 2-cycles, levels of annealing, and what "converged" means by the gap.
@Suite struct TreeBasinTests {
  /// Steps around a ring of eight, over the most there are: exact in binary, so that rounding breaks no symmetry.
  private static func ring() -> Matrix {
    Matrix(rows: 8, columns: 8) { i, j in Double(min(abs(i - j), 8 - abs(i - j))) / 4 }
  }

  /// The product of uniform weights keeps all symmetries of a ring: a saddle that only noise leaves.
  @Test func noiseLeavesTheSaddleOfARing() throws {
    let weights = try TreeMarginal(weights: .uniform(8))
    let spaces = try (0..<2).map { _ in
      try TreeGromovWassersteinProblem.Space(geometry: .symmetric(Self.ring()), marginal: weights)
    }
    let problem = try TreeGromovWassersteinProblem(topology: .chain(2), spaces: spaces)
    func value(noise: Double) throws -> Double {
      try TreeGromovWasserstein(
        epsilon: 1e-2, noise: noise, seed: 1, precision: .double,
        stopping: StoppingRule(tolerance: 1e-8, iterationLimit: 60)
      ).solve(problem).value
    }
    #expect(abs(try value(noise: 0) - 0.1875) < 1e-12)
    #expect(try value(noise: 1e-3) < 1e-3)
  }

  /// Barycenters of small random spaces on four points, where π and γ like to part.
  private static func smallBarycenter(_ seed: UInt64) throws -> TreeGromovWassersteinProblem {
    var random = SeededGenerator(seed: seed)
    func points(_ count: Int) -> DistanceGeometry {
      .euclidean(points: Matrix(rows: count, columns: 2) { _, _ in random.uniform(in: 0...1) })
    }
    let centre = try TreeGromovWassersteinProblem.Space(geometry: points(4), marginal: TreeMarginal(freeOver: 4))
    let leaves = try (0..<3).map { _ in
      try TreeGromovWassersteinProblem.Space(geometry: points(5), marginal: TreeMarginal(weights: .uniform(5)))
    }
    return try TreeGromovWassersteinProblem(
      topology: .star(leaves: 3), spaces: [centre] + leaves, edgeWeights: [1, 1, 1])
  }

  @Test func cyclesEndOnTheDiagonal() throws {
    // Of twenty seeds, those that end in a cycle without averages, or with a half alone (2, 7, 17), or in a rest that
    // is none (13).
    for seed in [0, 2, 7, 13, 17] {
      let solution = try TreeGromovWasserstein(
        epsilon: 2e-3, seed: 1, precision: .double, stopping: StoppingRule(tolerance: 1e-7, iterationLimit: 300),
        innerStopping: StoppingRule(tolerance: 1e-9, iterationLimit: 1000)
      ).solve(Self.smallBarycenter(UInt64(seed)))
      let (last, before) = (
        try #require(solution.trace.points.last?.objective), try #require(solution.diagonalValues.last)
      )
      #expect(
        abs(last - before) < 1e-3 * abs(before), "seed \(seed): F(π', π) \(last), F(π, π) \(before), \(solution.status)"
      )
    }
  }

  /// A plan that is converged by the gap gains no more than the tolerance from the exact answer to it.
  @Test func theGapBoundsTheGainOfAnotherStep() throws {
    let shapes = [TreeGromovWassersteinTests.corner(8, 7, 4), TreeGromovWassersteinTests.corner(8, 5, 6)]
    for relaxation in [Double.infinity, 0.05] {
      let problem = try TreeGromovWassersteinTests.barycenter(shapes, side: 8, relaxation: relaxation)
      let solution = try TreeGromovWasserstein(
        epsilon: 1e-3, annealing: Annealing(start: 1e-2), precision: .double, criterion: .gap,
        stopping: StoppingRule(tolerance: 1e-5, iterationLimit: 300)
      ).solve(problem)
      #expect(solution.status.isConverged && solution.iterations < 300)
      let more = try TreeGromovWasserstein(
        epsilon: 1e-3, noise: 0, precision: .double, stopping: StoppingRule(tolerance: 0, iterationLimit: 1),
        innerStopping: StoppingRule(tolerance: 1e-12, iterationLimit: 50_000)
      ).solve(problem, from: solution.plans.map(\.matrix))
      let (here, best) = (try #require(more.diagonalValues.first), try #require(more.trace.points.first?.objective))
      #expect(here - best < 2e-5 * abs(here) && here - best > -1e-9, "ρ \(relaxation): \(here) → \(best)")
      // What the plans cost without entropy is what the solution says.
      #expect(abs(try #require(more.values.first) - solution.value) < 1e-9)
    }
  }

  /// A price ρ below ε would rather have no mass; it falls with ε.
  @Test func annealingKeepsTheMassOfWeakMarginals() throws {
    let shapes = [TreeGromovWassersteinTests.corner(8, 7, 4), TreeGromovWassersteinTests.corner(8, 5, 6)]
    let problem = try TreeGromovWassersteinTests.barycenter(shapes, side: 8, relaxation: 1e-3)
    func solve(_ annealing: Annealing?) throws -> TreeGromovWassersteinSolution {
      try TreeGromovWasserstein(
        epsilon: 2e-4, annealing: annealing, precision: .double, criterion: .gap,
        stopping: StoppingRule(tolerance: 1e-6, iterationLimit: 300)
      ).solve(problem)
    }
    let (plain, annealed) = (try solve(nil), try solve(Annealing(start: 2e-2, factor: 0.5, steps: 2)))
    #expect(annealed.status.isConverged && annealed.mass > 0.2 * plain.mass)
    #expect(annealed.regularizedValue < plain.regularizedValue + 1e-3 * abs(plain.regularizedValue))
  }

  /// Kernels composed at a tiny ε span more than single precision holds, in which they are iterated on; in double as
  /// well.
  @Test(arguments: TreeGromovWasserstein.Precision.allCases)
  func tinyEntropiesConverge(_ precision: TreeGromovWasserstein.Precision) throws {
    let shapes = [(14, 8), (9, 12)].map { TreeGromovWassersteinTests.corner(16, $0.0, $0.1) }
    let problem = try TreeGromovWassersteinTests.barycenter(shapes, side: 16)
    let solution = try TreeGromovWasserstein(
      epsilon: 2e-6, annealing: Annealing(start: 5e-5, steps: 3), precision: precision, criterion: .gap,
      stopping: StoppingRule(tolerance: 1e-5, iterationLimit: 200)
    ).solve(problem)
    #expect(solution.status.isConverged && abs(solution.mass - 1) < 1e-6, "\(solution.status), mass \(solution.mass)")
    #expect(solution.value > 0 && solution.value < 0.02)
  }

  @Test func productsOfSparsePlansAreThoseOfDenseOnes() throws {
    var random = SeededGenerator(seed: 9)
    func space(_ count: Int) throws -> SpaceDistances {
      let points = Matrix(rows: count, columns: 2) { _, _ in random.uniform(in: 0...1) }
      return SpaceDistances(
        try .init(geometry: .euclidean(points: points), marginal: TreeMarginal(weights: .uniform(count))), shift: 0.4)
    }
    let (left, right) = (try space(60), try space(50))
    let (rows, columns) = (Array(0..<60), Array(0..<50))
    func matrix(_ space: SpaceDistances) -> Matrix {
      let out = EdgeMatrix<Double>(rows: space.count, columns: space.count)
      space.write(rows: Array(0..<space.count), into: out)
      return out.matrix
    }
    for isSparse in [true, false] {
      let plan = Matrix(rows: 60, columns: 50) { i, j in
        !isSparse || (i + j) % 25 == 0 ? random.uniform(in: 0...1) : 1e-30
      }
      let products = DistanceProducts<Double>()
      let x = products.plan(rows: 60, columns: 50)
      for (place, value) in plan.elements.enumerated() { x.elements[place] = value }
      let result = products.product(x, left: left, rows: rows, right: right, columns: columns).matrix
      let expected = matrix(left) * plan * matrix(right)
      #expect(zip(result.elements, expected.elements).allSatisfy { abs($0 - $1) < 1e-12 })
    }
  }
}
