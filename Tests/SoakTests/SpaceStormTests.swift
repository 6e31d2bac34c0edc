import Foundation
import Learning
import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

/// The storm over solvers that no command offers by name: joint embeddings, barycenters as distance matrices, scaling.
@Suite(.serialized) struct SpaceStormTests {
  /// A few points on a lattice, so that many coincide, of any scale; a third of them without mass.
  private static func space(_ random: inout SeededGenerator) throws -> MetricMeasureSpace {
    let n = 1 + random.integer(below: 6)
    let scale = [1e-60, 1e-6, 1, 1, 1, 1e6, 1e60][random.integer(below: 7)]
    let points = Matrix(rows: n, columns: 2) { _, _ in scale * Double(random.integer(below: 4)) }
    var weights = (0..<n).map { _ in random.uniform() < 0.3 ? 0 : random.uniform() }
    weights[0] = 0.5
    let total = weights.reduce(0, +)
    return try MetricMeasureSpace(geometry: .euclidean(points: points), weights: weights.map { $0 / total })
  }

  @Test func jointEmbedding() throws {
    let started = Date()
    var random = SeededGenerator(seed: 78)
    let count = Soak.count(10_000, sample: 20)
    var (converged, refused) = (0, 0)
    for number in 0..<count {
      let (lambda, epsilon) = (
        [1e-12, 0.1, 10, 1e12][random.integer(below: 4)], [1e-12, 1e-3, 0.1, 1e6][random.integer(below: 4)]
      )
      let side = 1 + random.integer(below: 3)
      let target = Matrix(rows: side * side, columns: 2) { i, axis in Double(axis == 0 ? i / side : i % side) }
      do {
        let problem = try JointEmbeddingProblem(
          first: try Self.space(&random), second: try Self.space(&random), target: .euclidean(points: target),
          lambda: lambda,
          convention: .normalized)
        let solution = try JointEmbedding(
          epsilon: epsilon, stopping: .init(tolerance: 1e-5, iterationLimit: 20),
          innerStopping: .init(tolerance: 1e-6, iterationLimit: 200)
        ).solve(problem)
        #expect(solution.value.isFinite, "\(number)")
        if solution.status.isConverged {
          converged += 1
          for (plan, weights) in [(solution.first, problem.first.weights), (solution.second, problem.second.weights)] {
            let error = zip(plan.plan.rowSums, weights).map { abs($0 - $1) }.reduce(0, +)
            #expect(error < 1e-4, "\(number): it says converged, but a space's weights are missed by \(error)")
          }
        }
      } catch is ProblemError {
        refused += 1
      }
    }
    #expect(refused < count)
    Soak.report(
      "storm", "joint embedding", cases: count,
      outcome: "\(converged) converged and keep their weights, \(refused) refused; values finite",
      since: started)
  }

  @Test func distanceMatrixBarycenters() throws {
    let started = Date()
    var random = SeededGenerator(seed: 80)
    let count = Soak.count(10_000, sample: 20)
    var (converged, refused) = (0, 0)
    for number in 0..<count {
      do {
        let spaces = try (0..<1 + random.integer(below: 3)).map { _ in try Self.space(&random) }
        let epsilon = [nil, nil, 1e-12, 1e-3, 0.1, 1e6][random.integer(below: 6)]
        let rule = StoppingRule(tolerance: 1e-6, iterationLimit: 30)
        let solution = try DistanceMatrixBarycenter(epsilon: epsilon, stopping: rule, innerStopping: rule)
          .solve(spaces, from: Self.space(&random))
        let d = solution.distances
        let isFinite =
          d.elements.allSatisfy(\.isFinite)
          && solution.plans.allSatisfy { $0.elements.allSatisfy { $0.isFinite && $0 >= 0 } }
        try #require(isFinite && d == d.transposed, "\(number)")
        let losses = zip(spaces, solution.plans).map { gromovWassersteinByDefinition(d, $0.distances, $1) }
        let loss = losses.reduce(0, +) / Double(losses.count)
        let largest = ([d] + spaces.map(\.distances)).flatMap(\.elements).max() ?? 0
        #expect(
          abs(solution.loss - loss) <= 1e-5 * largest * largest,
          "\(number): \(solution.loss), by its definition \(loss)")
        if solution.status.isConverged { converged += 1 }
      } catch is ProblemError {
        refused += 1
      }
    }
    #expect(refused < count)
    Soak.report(
      "storm", "barycenters as distance matrices", cases: count,
      outcome: "\(converged) converged, \(refused) refused; distances finite, losses as by their definition",
      since: started)
  }

  @Test func scaling() throws {
    let started = Date()
    var random = SeededGenerator(seed: 81)
    let count = Soak.count(10_000, sample: 40)
    var converged = 0
    for number in 0..<count {
      let n = 1 + random.integer(below: 9)
      let scale = [1e-100, 1e-6, 1, 1, 1e6, 1e100][random.integer(below: 6)]
      let style = random.integer(below: 3)
      var distances = Matrix(rows: n, columns: n)
      for i in 0..<n {
        for j in 0..<i {
          distances[i, j] = scale * (style == 0 ? 1 : style == 1 ? Double(random.integer(below: 3)) : random.uniform())
          distances[j, i] = distances[i, j]
        }
      }
      let scaled = MultidimensionalScaling(distances, dimension: 1 + random.integer(below: 3))
      let isFinite = scaled.points.elements.allSatisfy(\.isFinite)
      try #require(isFinite, "\(number)")
      var stress = 0.0
      let kept = Certificate.distances(scaled.points, scaled.points, isSquared: false)
      for i in 0..<n { for j in 0..<i { stress += (kept[i, j] - distances[i, j]) * (kept[i, j] - distances[i, j]) } }
      #expect(
        abs(scaled.stress - stress) <= 1e-9 * scale * scale * Double(n * n),
        "\(number): \(scaled.stress), by its definition \(stress)")
      if scaled.isConverged { converged += 1 }
    }
    Soak.report(
      "storm", "multidimensional scaling", cases: count,
      outcome: "\(converged) converged; points finite, stresses as by their definition",
      since: started)
  }
}
