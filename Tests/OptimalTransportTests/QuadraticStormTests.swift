import Foundation
import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

/// Thousands of small seeded problems with ties, zero weights and single points: every solver stays finite, descends,
/// keeps its marginals, and says `converged` only when what it promises holds.
@Suite struct QuadraticStormTests {
  private struct Draw {
    var random: SeededGenerator

    mutating func count() -> Int { 1 + random.integer(below: 12) }

    mutating func weights(_ count: Int) -> [Double] {
      var weights = (0..<count).map { _ in random.uniform() < 0.3 ? 0 : Double(1 + random.integer(below: 3)) }
      if !weights.contains(where: { $0 > 0 }) { weights[0] = 1 }
      let total = weights.reduce(0, +)
      return weights.map { $0 / total }
    }

    /// On a coarse lattice every other time, so that points and distances are tied.
    mutating func points(_ count: Int) -> Matrix {
      let isCoarse = random.uniform() < 0.5
      return Matrix(rows: count, columns: 2) { _, _ in
        isCoarse ? Double(random.integer(below: 4)) / 4 : random.uniform()
      }
    }

    mutating func geometry(_ count: Int) -> DistanceGeometry {
      let points = points(count)
      switch random.integer(below: 4) {
      case 0: return .euclidean(points: points)
      case 1: return .squaredEuclidean(points: points)
      case 2: return .asymmetric(Matrix(rows: count, columns: count) { _, _ in random.uniform() })
      default: return .symmetric(squaredDistances(points, points))
      }
    }

    mutating func problem(_ relaxation: MarginalRelaxation = .balanced) throws -> QuadraticProblem {
      let (n, m) = (count(), count())
      let isFused = random.uniform() < 0.5
      return try QuadraticProblem(
        source: MetricMeasureSpace(geometry: geometry(n), weights: weights(n)),
        target: MetricMeasureSpace(geometry: geometry(m), weights: weights(m)),
        features: isFused ? Matrix(rows: n, columns: m) { _, _ in random.uniform() } : nil,
        alpha: isFused ? Double(random.integer(below: 5)) / 4 : nil, relaxation: relaxation)
    }
  }

  private func descends(_ trace: Trace, by slack: Double) -> Bool {
    let objectives = trace.points.compactMap(\.objective)
    return zip(objectives, objectives.dropFirst()).allSatisfy { $1 <= $0 + slack }
  }

  @Test func conditionalGradient() throws {
    var draw = Draw(random: SeededGenerator(seed: 90))
    for _ in 0..<1500 {
      let problem = try draw.problem()
      let solution = try GromovWasserstein(stopping: .init(tolerance: 1e-9, iterationLimit: 200)).solve(problem)
      #expect(solution.coupling.plan.elements.allSatisfy { $0 >= -1e-15 && $0.isFinite })
      #expect(solution.coupling.marginalError < 1e-12)
      #expect(descends(solution.trace, by: 1e-12))
      if solution.status.isConverged { #expect((solution.trace.points.last?.residual ?? 1) <= 1e-9) }
    }
  }

  @Test(arguments: EntropicGromovWasserstein.Step.allCases)
  func entropic(step: EntropicGromovWasserstein.Step) throws {
    var draw = Draw(random: SeededGenerator(seed: 91))
    for _ in 0..<500 {
      let problem = try draw.problem()
      let epsilon = [1e-3, 0.02, 1][draw.random.integer(below: 3)]
      let solver = EntropicGromovWasserstein(
        epsilon: epsilon, step: step, stopping: .init(tolerance: 1e-8, iterationLimit: 60))
      let solution = try solver.solve(problem)
      #expect(solution.coupling.plan.elements.allSatisfy { $0 >= 0 && $0.isFinite })
      #expect(solution.value.isFinite && solution.regularizedValue.isFinite)
      if solution.status.isConverged { #expect(solution.coupling.marginalError < 1e-7) }
    }
  }

  @Test func unbalanced() throws {
    var draw = Draw(random: SeededGenerator(seed: 92))
    for _ in 0..<700 {
      let rho = { (draw: inout Draw) in [0.05, 1, 20, Double.infinity][draw.random.integer(below: 4)] }
      let problem = try draw.problem(MarginalRelaxation(source: rho(&draw), target: rho(&draw)))
      let epsilon = [0.02, 0.2][draw.random.integer(below: 2)]
      let solution = try UnbalancedGromovWasserstein(
        epsilon: epsilon, stopping: .init(tolerance: 1e-8, iterationLimit: 100)
      ).solve(problem)
      #expect(solution.coupling.plan.elements.allSatisfy { $0 >= 0 && $0.isFinite })
      #expect(solution.value.isFinite && solution.regularizedValue.isFinite && solution.mass > 0)
      if solution.status.isConverged, let last = solution.trace.points.last?.objective {
        #expect(abs(last - solution.regularizedValue) < 1e-5 * (1 + abs(last)))
      }
    }
  }

  @Test func coOptimal() throws {
    var draw = Draw(random: SeededGenerator(seed: 93))
    for _ in 0..<700 {
      let (n, m, d, e) = (draw.count(), draw.count(), draw.count(), draw.count())
      func data(_ rows: Int, _ columns: Int) -> Matrix {
        Matrix(rows: rows, columns: columns) { _, _ in Double(draw.random.integer(below: 5)) / 4 }
      }
      let (x, y) = (data(n, d), data(m, e))
      let (samples, features) = ((draw.weights(n), draw.weights(m)), (draw.weights(d), draw.weights(e)))
      let problem = try CoOptimalProblem(source: x, target: y, samples: samples, features: features)
      let exact = try CoOptimalTransport().solve(problem)
      #expect(exact.status.isConverged && descends(exact.trace, by: 1e-13))
      #expect(exact.samples.marginalError < 1e-13 && exact.features.marginalError < 1e-13)
      let relaxed = try CoOptimalProblem(
        source: x, target: y, samples: samples, features: features, relaxation: .relaxed(0.5))
      let solution = try UnbalancedCoOptimalTransport(
        epsilon: 0.05, stopping: .init(tolerance: 1e-8, iterationLimit: 50)
      ).solve(relaxed)
      #expect((solution.samples.plan.elements + solution.features.plan.elements).allSatisfy { $0 >= 0 && $0.isFinite })
      #expect(descends(solution.trace, by: 1e-8 * (1 + abs(solution.regularizedValue))))
    }
  }
}
