import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import OptimalTransport

@Suite struct ConvexPotentialTests {
  private static func potential(seed: UInt64, dimension: Int = 3) -> ConvexPotential {
    var random = SeededGenerator(seed: seed)
    let slope = (0..<dimension).map { _ in random.normal() }
    let directions = Matrix(rows: 5, columns: dimension) { _, _ in random.normal() }
    return ConvexPotential(
      curvature: 0.3, slope: slope, directions: directions, offsets: (0..<5).map { _ in random.normal() },
      heights: (0..<5).map { _ in random.uniform() }, smoothness: 0.2)
  }

  @Test func theMapIsTheGradientAndMonotone() throws {
    let f = Self.potential(seed: 1)
    let points = normalPoints(30, dimensions: 3, seed: 2)
    let images = try f(points)
    for row in 0..<30 {
      for k in 0..<3 {
        let difference = [1, -1].map { side in
          var point = Array(points[row: row])
          point[k] += side * 1e-6
          return f.value(at: point)
        }
        #expect(abs((difference[0] - difference[1]) / 2e-6 - images[row, k]) < 1e-7)
      }
      for other in 0..<row {
        let product = (0..<3).reduce(0) {
          $0 + (images[row, $1] - images[other, $1]) * (points[row, $1] - points[other, $1])
        }
        #expect(product > 0)
      }
    }
  }

  /// f(x) + f*(y) ≥ x·y, with equality where y = ∇f(x).
  @Test func conjugatesAreFound() throws {
    let f = Self.potential(seed: 3)
    let parameters = RidgeParameters(ridges: 5, dimension: 3, leastCurvature: 0.1, smoothness: 0.2)
    let points = normalPoints(20, dimensions: 3, seed: 4)
    let images = try f(points)
    for row in 0..<20 {
      var found = [Double](repeating: 0, count: 3)
      var room = [Double](repeating: 0, count: parameters.room)
      #expect(parameters.conjugate(f, of: Array(images[row: row]), at: &found, room: &room, tolerance: 1e-11))
      #expect(absoluteDifference(found, Array(points[row: row])) < 1e-9)
    }
  }

  @Test func lossesHaveTheRightGradient() throws {
    let (x, y) = (normalPoints(14, dimensions: 2, seed: 5), normalPoints(11, dimensions: 2, seed: 6))
    let parameters = RidgeParameters(ridges: 3, dimension: 2, leastCurvature: 0.05, smoothness: 0.2)
    let loss = try SemiDualLoss(
      parameters, ScaledSample(x, randomWeights(14, seed: 7), named: "x"),
      ScaledSample(y, randomWeights(11, seed: 8), named: "y"))
    var random = SeededGenerator(seed: 9)
    let theta = (0..<parameters.count).map { _ in 0.5 * random.normal() }
    func value(_ theta: [Double]) -> (value: Double, gradient: [Double]) {
      var gradient = [Double](repeating: 0, count: theta.count)
      let value = theta.withUnsafeBufferPointer { theta in
        gradient.withUnsafeMutableBufferPointer { loss.evaluate(theta, $0) }
      }
      return (value, gradient)
    }
    let gradient = value(theta).gradient
    for index in theta.indices {
      let sides = [1e-5, -1e-5].map { step in
        var moved = theta
        moved[index] += step
        return value(moved).value
      }
      #expect(abs((sides[0] - sides[1]) / 2e-5 - gradient[index]) < 1e-7 * max(1, abs(gradient[index])), "\(index)")
    }
    #expect(loss.unsolved == 0)
  }

  /// Any f bounds the transport cost of the samples from below; a good one comes near, and near the affine map between
  /// Gaussians.
  @Test func gaussiansAreMappedAlmostAffinely() throws {
    let x = normalPoints(400, dimensions: 2, seed: 10)
    let truth = AffineMap(
      source: [0, 0], target: [2, 1], slope: Matrix(rows: 2, columns: 2, elements: [1.2, 0.4, 0.4, 0.7]))
    let y = try truth(normalPoints(400, dimensions: 2, seed: 11))
    let solution = try ConvexPotentialFit().solve(x, y)
    let exact = try NetworkSimplex().solve(LinearProblem(cost: squaredDistances(x, y))).value
    #expect(
      solution.status == .converged && solution.dualValue <= exact + 1e-9 && solution.dualValue > 0.95 * exact,
      "\(solution.dualValue) \(exact)")
    let fresh = normalPoints(500, dimensions: 2, seed: 12)
    let (found, right) = (try solution.potential(fresh), try truth(fresh))
    let variance = 1.2 * 1.2 + 2 * 0.4 * 0.4 + 0.7 * 0.7
    let unexplained = squaredDistance(found.elements[...], right.elements[...]) / 500 / variance
    #expect(unexplained < 0.05, "\(unexplained)")
  }

  /// Other units and another origin give the same map in these.
  @Test func unitsAndOriginDoNotMatter() throws {
    let (x, y) = (normalPoints(60, dimensions: 2, seed: 13), normalPoints(50, dimensions: 2, seed: 14))
    let fit = ConvexPotentialFit(ridges: 6, stopping: StoppingRule(tolerance: 1e-3, iterationLimit: 60))
    let plain = try fit.solve(x, y)
    let moved = try fit.solve(x.map { 1024 * $0 + 4096 }, y.map { $0 / 256 - 32 })
    let images = try moved.potential(x.map { 1024 * $0 + 4096 }).map { ($0 + 32) * 256 }
    #expect(absoluteDifference(images.elements, try plain.potential(x).elements) / Double(images.elements.count) < 1e-6)
    // Cut short, it says so, and is still a bound.
    let short = try ConvexPotentialFit(stopping: StoppingRule(tolerance: 1e-9, iterationLimit: 3)).solve(x, y)
    let exact = try NetworkSimplex().solve(LinearProblem(cost: squaredDistances(x, y))).value
    #expect(short.status == .iterationLimit && short.dualValue <= exact)
  }

  @Test func samplesThatDoNotFitAreRefused() throws {
    let (x, y) = (normalPoints(5, dimensions: 2, seed: 1), normalPoints(5, dimensions: 3, seed: 1))
    func sentence(_ work: () throws -> Void) -> String? {
      (#expect(throws: ProblemError.self, performing: work))?.description
    }
    #expect(sentence { _ = try ConvexPotentialFit().solve(x, y) }?.contains("3 coordinates, but 2") == true)
    #expect(
      sentence { _ = try ConvexPotentialFit().solve(x, Matrix(rows: 4, columns: 2)) }?.contains(
        "extent of the target points is 0.0")
        == true)
    #expect(sentence { _ = try ConvexPotentialFit().solve(Matrix(rows: 0, columns: 2), x) }?.contains("empty") == true)
    #expect(sentence { _ = try ConvexPotentialFit(ridges: 0).solve(x, x) }?.contains("ridges is 0") == true)
  }
}
