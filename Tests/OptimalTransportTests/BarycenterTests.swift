import Foundation
import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

@Suite struct BarycenterTests {
  static func blob(_ n: Int, center: Double, width: Double) -> [Double] {
    let weights = (0..<n).map { exp(-pow((Double($0) / Double(n - 1) - center) / width, 2) / 2) }
    let total = weights.reduce(0, +)
    return weights.map { $0 / total }
  }

  static func moments(_ weights: [Double]) -> (mean: Double, variance: Double) {
    let positions = weights.indices.map { Double($0) / Double(weights.count - 1) }
    let mean = dot(positions, weights)
    return (mean, zip(positions, weights).reduce(0) { $0 + ($1.0 - mean) * ($1.0 - mean) * $1.1 })
  }

  static func lineCost(_ n: Int) -> Matrix {
    Matrix(rows: n, columns: n) { pow((Double($0) - Double($1)) / Double(n - 1), 2) }
  }

  /// Costs beyond the digits of ε leave nothing of the mass in the logarithms.
  @Test func aBarycenterOfAnotherMassIsNotConvergence() throws {
    let measures = Matrix(rows: 2, columns: 3, elements: [0, 0, 1, 1, 0, 0])
    let cost = Matrix(rows: 3, columns: 3) { $0 == $1 ? 0 : 4e59 * (1 + Double($0 + $1) / 7) }
    let solution = try WassersteinBarycenter(epsilon: 1e6, stopping: .init(tolerance: 1e-7, iterationLimit: 20))
      .solve(BarycenterProblem(measures: measures, support: .cost(cost)))
    #expect(!solution.status.isConverged || abs(solution.weights.reduce(0, +) - 1) < 1e-6)
  }

  /// Gaussians: the mean is the mean of means; the entropy widens the barycenter to variance σ² + ε/2 or so, debiasing
  /// keeps σ².
  @Test func gaussiansKeepTheirWidthOnlyWhenDebiased() throws {
    let measures = Matrix(
      rows: 2, columns: 200,
      elements: Self.blob(200, center: 0.35, width: 0.06) + Self.blob(200, center: 0.6, width: 0.06))
    let problem = try BarycenterProblem(measures: measures, shares: [1, 3], support: .cost(Self.lineCost(200)))
    let plain = try WassersteinBarycenter(epsilon: 4e-3).solve(problem)
    let debiased = try WassersteinBarycenter(epsilon: 4e-3, isDebiased: true).solve(problem)
    #expect(plain.status == .converged && debiased.status == .converged)
    let (blurred, sharp) = (Self.moments(plain.weights), Self.moments(debiased.weights))
    #expect(abs(blurred.mean - 0.5375) < 1e-4 && abs(sharp.mean - 0.5375) < 1e-4)
    #expect(abs(sharp.variance - 0.0036) < 2e-5)
    #expect(blurred.variance > 0.0050)
    #expect(abs(debiased.weights.reduce(0, +) - 1) < 1e-6)
  }

  @Test func debiasedBarycenterOfOneMeasureIsItself() throws {
    let measure = Self.blob(50, center: 0.4, width: 0.1)
    let problem = try BarycenterProblem(
      measures: Matrix(rows: 1, columns: 50, elements: measure), support: .cost(Self.lineCost(50)))
    for (isDebiased, range) in [(true, 0...1e-4), (false, 0.1...1)] {
      let solution = try WassersteinBarycenter(
        epsilon: 0.01, isDebiased: isDebiased, stopping: .init(tolerance: 1e-9, iterationLimit: 5000)
      )
      .solve(problem)
      #expect(range.contains(absoluteDifference(solution.weights, measure)))
    }
  }

  /// The grid's separable kernel and the full cost matrix, in two and three dimensions and with one point along an
  /// axis.
  @Test(arguments: [[6, 7], [3, 4, 5], [1, 9], [8]])
  func gridsAgreeWithTheirCostMatrix(shape: [Int]) throws {
    let count = shape.reduce(1, *)
    func place(_ index: Int) -> [Int] {
      var (rest, place) = (index, [Int](repeating: 0, count: shape.count))
      for k in shape.indices.reversed() { (rest, place[k]) = (rest / shape[k], rest % shape[k]) }
      return place
    }
    let cost = Matrix(rows: count, columns: count) { i, j in
      zip(place(i), place(j)).reduce(0) { $0 + pow(Double($1.0 - $1.1) * 0.2, 2) }
    }
    let measures = Matrix(
      rows: 3, columns: count, elements: (1...3).flatMap { randomWeights(count, seed: UInt64($0), zeros: [$0]) })
    for isDebiased in [false, true] {
      for epsilon in [0.1, 1e-4] {
        let solver = WassersteinBarycenter(
          epsilon: epsilon, isDebiased: isDebiased, stopping: .init(tolerance: 0, iterationLimit: 60))
        let grid = try solver.solve(BarycenterProblem(measures: measures, support: .grid(shape: shape, step: 0.2)))
        let full = try solver.solve(BarycenterProblem(measures: measures, support: .cost(cost)))
        #expect(absoluteDifference(grid.weights, full.weights) < 1e-9)
        #expect(abs(grid.value - full.value) < 1e-9)
      }
    }
  }

  /// The barycenter's value is the least over b: each OT problem by the entropic solver, for seeded other b.
  @Test func noOtherMeasureIsBetter() throws {
    let cost = Self.lineCost(12)
    let measures = Matrix(
      rows: 2, columns: 12, elements: randomWeights(12, seed: 5, zeros: [0]) + randomWeights(12, seed: 6))
    let epsilon = 0.05
    let solver = WassersteinBarycenter(epsilon: epsilon, stopping: .init(tolerance: 1e-13, iterationLimit: 10_000))
    let solution = try solver.solve(BarycenterProblem(measures: measures, shares: [0.3, 0.7], support: .cost(cost)))
    #expect(solution.status == .converged)
    func objective(_ b: [Double]) throws -> Double {
      try [0.3, 0.7].enumerated().reduce(0) { sum, item in
        let problem = try LinearProblem(cost: cost, source: Array(measures[row: item.offset]), target: b)
        let plan = try Sinkhorn(epsilon: epsilon, stopping: .init(tolerance: 1e-13, iterationLimit: 10_000)).solve(
          problem
        ).coupling.plan
        let entropy = plan.elements.reduce(0) { $0 + ($1 > 0 ? $1 * (log($1) - 1) : 0) }
        return sum + item.element * (dot(cost.elements, plan.elements) + epsilon * entropy)
      }
    }
    let best = try objective(solution.weights)
    #expect(abs(solution.value - best) < 1e-10)
    for seed in 1...10 as ClosedRange<UInt64> {
      let other = randomWeights(12, seed: seed)
      let near = zip(solution.weights, other).map { 0.99 * $0 + 0.01 * $1 }
      #expect(try objective(near) > best)
    }
  }

  @Test(arguments: [1e-7, 1e-4, 1, 1e4])
  func extremesStayFinite(epsilon: Double) throws {
    var spikes = [Double](repeating: 0, count: 2 * 900)
    spikes[0] = 1
    spikes[1799] = 1
    let problem = try BarycenterProblem(
      measures: Matrix(rows: 2, columns: 900, elements: spikes), support: .grid(shape: [30, 30], step: 1.0 / 29))
    for isDebiased in [false, true] {
      let solution = try WassersteinBarycenter(
        epsilon: epsilon, isDebiased: isDebiased, stopping: .init(tolerance: 1e-9, iterationLimit: 40)
      )
      .solve(problem)
      #expect(solution.weights.allSatisfy { $0 >= 0 && $0.isFinite })
      #expect(solution.value.isFinite)
    }
  }

  @Test func rejectsUnfitInput() throws {
    let measures = Matrix(rows: 2, columns: 4, repeating: 0.25)
    #expect(throws: ProblemError.self) {
      try BarycenterProblem(measures: measures, support: .grid(shape: [2, 3], step: 1))
    }
    #expect(throws: ProblemError.self) {
      try BarycenterProblem(measures: measures, support: .grid(shape: [2, 2], step: 0))
    }
    #expect(throws: ProblemError.self) {
      try BarycenterProblem(measures: measures, support: .cost(Matrix(rows: 4, columns: 3)))
    }
    #expect(throws: ProblemError.self) {
      try BarycenterProblem(measures: measures, shares: [1], support: .grid(shape: [4], step: 1))
    }
    #expect(throws: ProblemError.self) {
      try BarycenterProblem(measures: Matrix(rows: 0, columns: 4), support: .grid(shape: [4], step: 1))
    }
    var unequal = measures
    unequal[1, 0] = 3
    #expect(throws: ProblemError.self) { try BarycenterProblem(measures: unequal, support: .grid(shape: [4], step: 1)) }
    let problem = try BarycenterProblem(measures: measures, support: .grid(shape: [4], step: 1))
    #expect(throws: ProblemError.self) { try WassersteinBarycenter(epsilon: 0).solve(problem) }
  }
}

@Suite struct SinkhornDivergenceTests {
  @Test func isZeroForEqualMeasuresAndPositiveElse() throws {
    let (x, y) = (normalPoints(15, dimensions: 2, seed: 70), normalPoints(12, dimensions: 2, seed: 71))
    let solver = SinkhornDivergence(Sinkhorn(epsilon: 0.3, stopping: .init(tolerance: 1e-12, iterationLimit: 10_000)))
    for relaxation in [MarginalRelaxation.balanced, .relaxed(0.5)] {
      let same = try solver.solve(
        LinearProblem(cost: squaredDistances(x, x), relaxation: relaxation), sourceCost: squaredDistances(x, x),
        targetCost: squaredDistances(x, x))
      let other = try solver.solve(
        LinearProblem(cost: squaredDistances(x, y), relaxation: relaxation), sourceCost: squaredDistances(x, x),
        targetCost: squaredDistances(y, y))
      #expect(abs(same.value) < 1e-10 && same.status == .converged)
      #expect(other.value > 1e-2)
    }
    // Relaxed: a multiple of a measure differs from it, and by the mass term alone when there is one point.
    let point = Matrix(rows: 1, columns: 1)
    let scaled = try solver.solve(
      LinearProblem(cost: point, source: [1], target: [2], relaxation: .relaxed(0.5)), sourceCost: point,
      targetCost: point)
    #expect(scaled.value > 0.01)
  }

  /// Large ε: half the energy distance of the cost, Σ C (P − ½ Q − ½ R) with product plans.
  @Test func tendsToTheEnergyDistance() throws {
    let (x, y) = (normalPoints(10, dimensions: 1, seed: 72), normalPoints(8, dimensions: 1, seed: 73))
    let (cross, source, target) = (squaredDistances(x, y), squaredDistances(x, x), squaredDistances(y, y))
    func mean(_ matrix: Matrix) -> Double { matrix.elements.reduce(0, +) / Double(matrix.elements.count) }
    let value = try SinkhornDivergence(Sinkhorn(epsilon: 1e6)).solve(
      LinearProblem(cost: cross), sourceCost: source, targetCost: target
    )
    .value
    #expect(abs(value - (mean(cross) - mean(source) / 2 - mean(target) / 2)) < 1e-4)
  }
}
