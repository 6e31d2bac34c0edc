import LinearAlgebra
import TestSupport
import Testing

@testable import OptimalTransport

@Suite struct DistanceMatrixBarycenterTests {
  @Test func oneStepAgreesWithTheReference() throws {
    let reference = Reference("quadratic-bcd-step")
    let spaces = try (1...2).map { index in
      try MetricMeasureSpace(distances: reference.matrix("D\(index)"), weights: reference.vector("a\(index)"))
    }
    let plans = try (1...2).map { try reference.matrix("P\($0)") }
    let (lambda, p) = (try reference.vector("lam"), try reference.vector("p"))
    let distances = DistanceMatrixBarycenter.distances(plans, spaces, lambda, p)
    #expect(absoluteDifference(distances.elements, try reference.matrix("D_new").elements) < 1e-12)
    let loss = DistanceMatrixBarycenter.loss(distances, plans, spaces, lambda)
    #expect(abs(loss - (try reference.number("loss_new"))) < 1e-12)
    // The exact minimiser: every change of D raises the loss.
    var random = SeededGenerator(seed: 1)
    for _ in 0..<20 {
      let noise = Matrix(rows: p.count, columns: p.count) { _, _ in 1e-3 * random.normal() }
      var other = distances
      other.add(noise)
      other.add(noise.transposed)
      #expect(DistanceMatrixBarycenter.loss(other, plans, spaces, lambda) > loss)
    }
  }

  private static func cloud(_ random: inout SeededGenerator, _ count: Int) throws -> MetricMeasureSpace {
    let points = Matrix(rows: count, columns: 2) { _, _ in random.uniform(in: 0...1) }
    return try MetricMeasureSpace(distances: DistanceGeometry.euclidean(points: points).matrix)
  }

  @Test func lossNeverRisesWithExactPlans() throws {
    var random = SeededGenerator(seed: 6)
    for _ in 0..<20 {
      let spaces = try (0..<3).map { _ in try Self.cloud(&random, 5 + Int(random.next() % 8)) }
      let solution = try DistanceMatrixBarycenter(stopping: StoppingRule(tolerance: 1e-9, iterationLimit: 30))
        .solve(spaces, from: Self.cloud(&random, 7))
      let losses = solution.trace.points.compactMap(\.objective)
      for (before, after) in zip(losses, losses.dropFirst()) { #expect(after <= before + 1e-12) }
      #expect(solution.loss == losses.last)
    }
  }

  @Test(arguments: [nil, 2e-3]) func oneSpaceIsItsOwnBarycenter(_ epsilon: Double?) throws {
    var random = SeededGenerator(seed: 2)
    let space = try Self.cloud(&random, 9)
    let solution = try DistanceMatrixBarycenter(epsilon: epsilon).solve([space, space], from: space)
    #expect(solution.loss < (epsilon == nil ? 1e-12 : 2e-3))
    #expect(solution.distances.rows == 9)
    #expect(solution.distances.elements.allSatisfy { $0.isFinite })
  }

  /// Products of weights may lie below all numbers; what each point is matched with decides all the same.
  @Test func smallWeightsHaveDistances() throws {
    let p = [1e-301, 0.5, 0, 3e-200, 0.5]
    let b = [0.2, 0.3, 0.5]
    let space = try MetricMeasureSpace(distances: Matrix(rows: 3, columns: 3) { Double(abs($0 - $1)) }, weights: b)
    let product = Matrix(rows: 5, columns: 3) { p[$0] * b[$1] }
    let distances = DistanceMatrixBarycenter.distances([product], [space], [1], p)
    let mean = 2 * (0.2 * 0.3 + 0.3 * 0.5 + 2 * 0.2 * 0.5)
    for (i, j) in (0..<5).flatMap({ i in (0..<5).map { (i, $0) } }) {
      #expect(abs(distances[i, j] - (i == 2 || j == 2 ? 0 : mean)) < 1e-12, "\(i) \(j)")
    }
    let start = try MetricMeasureSpace(distances: distances, weights: p)
    let solution = try DistanceMatrixBarycenter().solve([space], from: start)
    #expect(solution.loss.isFinite && solution.distances.elements.allSatisfy(\.isFinite))
  }

  /// Plans that have not met their marginals are no plans of the problem: their loss is what they are, never negative,
  /// and not converged.
  @Test func plansThatAreCutShortAreNotConvergence() throws {
    var random = SeededGenerator(seed: 12)
    for _ in 0..<30 {
      let spaces = try (0..<2).map { _ in try Self.cloud(&random, 6) }
      let solver = DistanceMatrixBarycenter(
        epsilon: 1e-4, stopping: StoppingRule(tolerance: 1e-2, iterationLimit: 40),
        innerStopping: StoppingRule(tolerance: 1e-6, iterationLimit: 3))
      let solution = try solver.solve(spaces, from: Self.cloud(&random, 5))
      let losses = zip(spaces, solution.plans).map {
        gromovWassersteinByDefinition(solution.distances, $0.distances, $1)
      }
      #expect(abs(solution.loss - losses.reduce(0, +) / 2) < 1e-12)
      for (plan, space) in zip(solution.plans, spaces) where solution.status.isConverged {
        #expect(Coupling(plan: plan, source: solution.weights, target: space.weights).marginalError < 1e-5)
      }
    }
  }

  @Test func badInputIsRefused() throws {
    var random = SeededGenerator(seed: 2)
    let space = try Self.cloud(&random, 4)
    let solver = DistanceMatrixBarycenter()
    #expect(throws: ProblemError.self) { try solver.solve([], from: space) }
    #expect(throws: ProblemError.self) { try solver.solve([space], shares: [0.5, 0.5], from: space) }
    #expect(throws: ProblemError.self) { try solver.solve([space], shares: [-1], from: space) }
    #expect(throws: ProblemError.self) { try DistanceMatrixBarycenter(epsilon: -1).solve([space], from: space) }
  }

  /// Random plans of given weights, whose blocks' best answers no change of them is better than.
  @Test(arguments: [QuadraticLoss.square, .kl()]) func answersAreTheBestForTheirPlans(_ loss: QuadraticLoss) throws {
    var random = SeededGenerator(seed: 12)
    for _ in 0..<5 {
      let spaces = try (0..<2).map { _ in
        let cloud = try Self.cloud(&random, 6)
        return try MetricMeasureSpace(distances: cloud.distances.map { 0.1 + $0 })
      }
      let tables = (0..<2).map { _ in Matrix(rows: 6, columns: 2) { _, _ in random.normal() } }
      let features = BarycenterFeatures(
        tables: tables, start: Matrix(rows: 5, columns: 2) { _, _ in random.normal() }, alpha: 0.4)
      var solver = DistanceMatrixBarycenter(stopping: StoppingRule(tolerance: 1e-9, iterationLimit: 50))
      solver.loss = loss
      let start = try Self.cloud(&random, 5)
      let solution = try solver.solve(spaces, from: start, features: features)
      let losses = solution.trace.points.compactMap(\.objective)
      for (before, after) in zip(losses, losses.dropFirst()) { #expect(after <= before + 1e-12) }
      func value(_ distances: Matrix, _ points: Matrix) -> Double {
        zip(zip(spaces, tables), solution.plans).reduce(0) { sum, next in
          let ((space, table), plan) = next
          let quadratic = gromovWassersteinByDefinition(
            distances, space.distances, plan, loss: loss == .square ? squaredDifference : scalarRelativeEntropy)
          return sum + 0.5 * (0.6 * dot(squaredDistances(points, table).elements, plan.elements) + 0.4 * quadratic)
        }
      }
      let points = try #require(solution.features)
      let least = value(solution.distances, points)
      #expect(abs(least - solution.loss) < 1e-12 * max(1, least))
      for _ in 0..<10 {
        let noise = Matrix(rows: 5, columns: 5) { _, _ in 1 + 1e-3 * random.normal() }
        let distances = Matrix(rows: 5, columns: 5) { solution.distances[$0, $1] * (noise[$0, $1] + noise[$1, $0]) / 2 }
        #expect(value(distances, points) >= least - 1e-14)
        #expect(value(solution.distances, points.map { $0 + 1e-3 * random.normal() }) > least)
      }
      solver.fixed = .distances
      #expect(try solver.solve(spaces, from: start, features: features).distances == start.distances)
      solver.fixed = .features
      #expect(try solver.solve(spaces, from: start, features: features).features == features.start)
    }
  }
}
