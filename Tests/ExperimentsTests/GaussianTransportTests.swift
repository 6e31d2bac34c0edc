import Documents
import Foundation
import LinearAlgebra
import Pipeline
import TestSupport
import Testing

@testable import Experiments

@Suite struct GaussianTransportTests {
  private func run(samples: Int, mean: Double, deviation: Double, epsilon: Double) throws -> [String: Value] {
    let place = Place.file("test")
    let body = try CaseBody(
      data: Node(["samples": .integer(samples), "mean": .number(mean), "deviation": .number(deviation)], at: place),
      params: Node([:], at: place),
      solver: Node(["epsilon": .number(epsilon)], at: place), seed: 1)
    return try GaussianTransportExperiment(body).run(RunContext(inputs: [:], report: { _ in })).metrics
  }

  /// The closed form against plain Sinkhorn iterations on the Gaussians' densities over a fine grid.
  @Test(arguments: [(1.0, 2.0, 0.5), (0.0, 1.0, 2.0), (-1.5, 0.5, 4.0)])
  func theClosedFormIsThatOfTheDensities(mean: Double, deviation: Double, epsilon: Double) throws {
    func grid(_ mean: Double, _ deviation: Double) -> (points: [Double], weights: [Double]) {
      let offsets = (0..<241).map { Double($0 - 120) / 20 }
      let weights = offsets.map { exp(-$0 * $0 / 2) }
      let total = weights.reduce(0, +)
      return (offsets.map { mean + deviation * $0 }, weights.map { $0 / total })
    }
    let (first, second) = (grid(0, 1), grid(mean, deviation))
    let cost = Matrix(rows: 241, columns: 241) {
      (first.points[$0] - second.points[$1]) * (first.points[$0] - second.points[$1])
    }
    let plan = sinkhornByDefinition(cost: cost, a: first.weights, b: second.weights, epsilon: epsilon, iterations: 150)
    let transport = zip(plan.elements, cost.elements).reduce(0) { $0 + $1.0 * $1.1 }
    let value = transport + epsilon * relativeEntropyByDefinition(plan, first.weights, second.weights)
    let exact = try #require(try run(samples: 5, mean: mean, deviation: deviation, epsilon: epsilon)["exact"]?.number)
    #expect(abs(exact - value) < 2e-3 * value, "\(exact) against \(value)")
  }

  @Test func largeSamplesComeNearTheClosedForm() throws {
    let metrics = try run(samples: 1500, mean: 1, deviation: 2, epsilon: 1)
    #expect(try #require(metrics["error"]?.number) < 0.4)
    #expect(
      metrics["error"]?.number == abs(try #require(metrics["value"]?.number) - (try #require(metrics["exact"]?.number)))
    )
  }
}
