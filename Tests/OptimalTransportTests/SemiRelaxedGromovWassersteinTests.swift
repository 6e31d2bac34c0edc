import LinearAlgebra
import TestSupport
import Testing

@testable import OptimalTransport

@Suite struct SemiRelaxedGromovWassersteinTests {
  static func problem(
    _ n: Int, _ m: Int, seed: UInt64, features: Bool = false, kernel: Bool = false
  ) throws -> QuadraticProblem {
    var random = SeededGenerator(seed: seed, stream: "semi-relaxed tests")
    func space(_ count: Int) throws -> MetricMeasureSpace {
      let points = Matrix(rows: count, columns: 2) { _, _ in random.normal() }
      return try MetricMeasureSpace(
        distances: squaredDistances(points, points).map { $0.squareRoot() },
        weights: (0..<count).map { _ in random.uniform(in: 0.2...1) })
    }
    let (source, target) = (try space(n), try space(m))
    return try QuadraticProblem(
      source: source, target: target,
      features: features ? Matrix(rows: n, columns: m) { _, _ in random.uniform(in: 0...2) } : nil,
      alpha: features ? 0.4 : nil, proximity: kernel ? source.distances.map { 1 / (1 + $0) } : nil,
      relaxation: .semiRelaxed)
  }

  /// f(P) and its gradient, in four loops.
  static func byLoops(_ problem: QuadraticProblem, _ plan: Matrix) -> (value: Double, gradient: Matrix) {
    let (d1, d2) = (problem.source.distances, problem.target.distances)
    var gradient = (problem.features ?? Matrix(rows: plan.rows, columns: plan.columns)).map { (1 - problem.alpha) * $0 }
    var value = dot(gradient.elements, plan.elements)
    for i in 0..<plan.rows {
      for j in 0..<plan.columns {
        for k in 0..<plan.rows {
          for l in 0..<plan.columns {
            let difference = d1[i, k] - d2[j, l]
            let term = problem.alpha * (problem.proximity?[i, k] ?? 1) * difference * difference * plan[k, l]
            value += term * plan[i, j]
            gradient[i, j] += 2 * term
          }
        }
      }
    }
    return (value, gradient)
  }

  /// All plans at which each source point has one partner.
  static func vertices(_ problem: QuadraticProblem) -> [Matrix] {
    let (n, m) = (problem.source.count, problem.target.count)
    var partners = [[Int]]([[]])
    for _ in 0..<n { partners = partners.flatMap { known in (0..<m).map { known + [$0] } } }
    return partners.map { partner in Matrix(rows: n, columns: m) { partner[$0] == $1 ? problem.source.weights[$0] : 0 }
    }
  }

  @Test(arguments: [(3, 3), (3, 2), (2, 4)]) func solutionsAreStationary(_ size: (Int, Int)) throws {
    for seed in 1...8 as ClosedRange<UInt64> {
      let problem = try Self.problem(size.0, size.1, seed: seed, features: seed % 2 == 0, kernel: seed % 3 == 0)
      let solution = try SemiRelaxedGromovWasserstein(stopping: .init(tolerance: 1e-8, iterationLimit: 20_000)).solve(
        problem)
      let plan = solution.coupling.plan
      #expect(solution.status.isConverged)
      #expect(absoluteDifference(plan.rowSums, problem.source.weights) < 1e-13)
      #expect(solution.coupling.marginalError < 1e-13 && plan.elements.allSatisfy { $0 >= 0 })
      let (value, gradient) = Self.byLoops(problem, plan)
      #expect(abs(solution.value - value) < 1e-12 * max(value, 1))
      let paid = dot(gradient.elements, plan.elements)
      for vertex in Self.vertices(problem) { #expect(paid - dot(gradient.elements, vertex.elements) < 1e-6) }
      let objectives = solution.trace.points.compactMap(\.objective)
      #expect(zip(objectives, objectives.dropFirst()).allSatisfy { $1 <= $0 + 1e-12 })
    }
  }

  /// Between three and two points a plan has three degrees of freedom.
  @Test func severalStartsFindTheLowestPlan() throws {
    for seed in 11...16 as ClosedRange<UInt64> {
      let problem = try Self.problem(3, 2, seed: seed, features: seed % 2 == 0)
      let a = problem.source.weights
      let steps = 20
      var least = Double.infinity
      for place in 0..<(steps + 1) * (steps + 1) * (steps + 1) {
        let digits = [place % (steps + 1), place / (steps + 1) % (steps + 1), place / (steps + 1) / (steps + 1)]
        let shares = digits.map { Double($0) / Double(steps) }
        least = min(
          least,
          Self.byLoops(problem, Matrix(rows: 3, columns: 2) { a[$0] * ($1 == 0 ? shares[$0] : 1 - shares[$0]) }).value)
      }
      let solution = try SemiRelaxedGromovWasserstein(starts: 8).solve(problem)
      #expect(solution.value <= least + 1e-9, "\(solution.value) is above \(least)")
    }
  }

  @Test func valuesAreAtMostThoseOfTheBalancedProblem() throws {
    for seed in 21...26 as ClosedRange<UInt64> {
      let free = try Self.problem(9, 7, seed: seed, features: seed % 2 == 0)
      let mass = compensatedSum(free.source.weights)
      let target = try MetricMeasureSpace(
        distances: free.target.distances,
        weights: free.target.weights.map { $0 * mass / compensatedSum(free.target.weights) })
      let balanced = try QuadraticProblem(
        source: free.source, target: target, features: free.features, alpha: free.features == nil ? nil : free.alpha)
      let start = Matrix(outer: free.source.weights, target.weights).map { $0 / mass }
      let bound = try GromovWasserstein().solve(balanced, from: start).value
      #expect(try SemiRelaxedGromovWasserstein(starts: 2).solve(free, from: start).value <= bound + 1e-12)
    }
  }

  @Test func aSpaceAgainstItselfOrAPartEndsAtZero() throws {
    let ring = Matrix(rows: 9, columns: 9) { Double(min(abs($0 - $1), 9 - abs($0 - $1))) }
    let space = try MetricMeasureSpace(distances: ring)
    let same = try SemiRelaxedGromovWasserstein(starts: 2).solve(
      QuadraticProblem(source: space, target: space, relaxation: .semiRelaxed))
    #expect(same.value < 1e-12)
    let whole = try Self.problem(8, 8, seed: 31).target
    var random = SeededGenerator(seed: 5)
    let permuted = random.permutation(8)
    let copy = try MetricMeasureSpace(
      distances: Matrix(rows: 8, columns: 8) { whole.distances[permuted[$0], permuted[$1]] },
      weights: permuted.map { whole.weights[$0] })
    let itself = try SemiRelaxedGromovWasserstein(starts: 12).solve(
      QuadraticProblem(source: whole, target: copy, relaxation: .semiRelaxed))
    #expect(itself.value < 1e-12)
    // Five points of eight: what the others weigh does not matter.
    let part = try MetricMeasureSpace(distances: Matrix(rows: 5, columns: 5) { whole.distances[$0, $1] })
    let found = try SemiRelaxedGromovWasserstein(starts: 30).solve(
      QuadraticProblem(source: part, target: copy, relaxation: .semiRelaxed))
    #expect(found.value < 1e-12)
    #expect(found.coupling.target.count { $0 > 0 } == 5)
  }

  @Test func forbiddenPairsAndWeightlessTargetsGetNoMass() throws {
    let plain = try Self.problem(5, 4, seed: 41)
    var features = Matrix(rows: 5, columns: 4) { Double(($0 * 3 + $1) % 4) }
    for (i, j) in [(0, 0), (0, 1), (3, 2)] { features[i, j] = .infinity }
    let target = try MetricMeasureSpace(distances: plain.target.distances, weights: [1, 2, 0, 1])
    let problem = try QuadraticProblem(
      source: plain.source, target: target, features: features, relaxation: .semiRelaxed)
    let solution = try SemiRelaxedGromovWasserstein(starts: 5).solve(problem)
    #expect(solution.status.isConverged)
    #expect(zip(features.elements, solution.coupling.plan.elements).allSatisfy { $0 < .infinity || $1 == 0 })
    #expect(solution.coupling.target[2] == 0)
    #expect(absoluteDifference(solution.coupling.plan.rowSums, plain.source.weights) < 1e-13)
    features[0, 3] = .infinity
    let hopeless = try QuadraticProblem(
      source: plain.source, target: target, features: features, relaxation: .semiRelaxed)
    #expect(throws: ProblemError.self) { try SemiRelaxedGromovWasserstein().solve(hopeless) }
  }

  @Test func unfitParametersAreRefused() throws {
    let problem = try Self.problem(3, 2, seed: 1)
    #expect(throws: ProblemError.self) { try SemiRelaxedGromovWasserstein(starts: 0).solve(problem) }
    let unfit = Matrix(rows: 3, columns: 2, repeating: 1)
    #expect(throws: ProblemError.self) { try SemiRelaxedGromovWasserstein().solve(problem, from: unfit) }
    let relaxed = try QuadraticProblem(source: problem.source, target: problem.target, relaxation: .relaxed(1))
    #expect(throws: ProblemError.self) { try SemiRelaxedGromovWasserstein().solve(relaxed) }
    #expect(throws: ProblemError.self) { try GromovWasserstein().solve(problem) }
  }
}
