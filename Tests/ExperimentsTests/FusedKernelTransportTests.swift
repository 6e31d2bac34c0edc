import Datasets
import Documents
import Foundation
import LinearAlgebra
import Pipeline
import TestSupport
import Testing

@testable import Experiments

@Suite struct FusedKernelTransportTests {
  private func run(
    form: String = "arm", angle: Double = 100, points: Int = 30, noise: Double = 0.1, alpha: Double, bandwidth: Double,
    seed: Int = 1,
    solver: Value = ["starts": 2]
  ) throws -> RunResult {
    let place = Place.file("test")
    let body = try CaseBody(
      data: Node(
        ["form": .string(form), "angle": .number(angle), "points": .integer(points), "featureNoise": .number(noise)],
        at: place),
      params: Node(["alpha": .number(alpha), "bandwidth": .number(bandwidth)], at: place),
      solver: Node(solver, at: place), seed: seed)
    return try FusedKernelTransportExperiment(body).run(RunContext(inputs: [:], report: { _ in }))
  }

  private func number(_ result: RunResult, _ metric: String) throws -> Double {
    try #require(result.metrics[metric]?.number)
  }

  private func array(_ result: RunResult, _ name: String) throws -> Matrix {
    try #require(result.arrays.first { $0.name == name }).array.matrix
  }

  /// Bending keeps what lies on one straight limb apart as it was, and the middle line's length.
  @Test func theArmIsBentAtItsElbowsOnly() throws {
    let result = try run(alpha: 0, bandwidth: 1)
    let (strip, bent) = (try array(result, "strip"), try array(result, "bent"))
    let limbs = (0..<30).map { min(2, Int(strip[$0, 0])) }
    #expect(Set(limbs) == [0, 1, 2])
    for i in 0..<30 {
      for j in 0..<30 {
        let (before, after) = (
          squaredDistance(strip[row: i], strip[row: j]), squaredDistance(bent[row: i], bent[row: j])
        )
        if limbs[i] == limbs[j] { #expect(abs(before - after) < 1e-12) }
      }
    }
    #expect(
      limbs.indices.contains {
        squaredDistance(strip[row: 0], strip[row: $0]) > 2 * squaredDistance(bent[row: 0], bent[row: $0]) + 1
      })
    let flat = try run(form: "arc", angle: 0, alpha: 0, bandwidth: 1)
    #expect(try array(flat, "strip") == (try array(flat, "bent")))
  }

  @Test func withoutNoiseTheFeaturesFindTheTwins() throws {
    let result = try run(noise: 0, alpha: 0, bandwidth: 1)
    #expect(abs(try number(result, "matched") - 1) < 1e-12)
    #expect(try number(result, "arcError") < 1e-12 && (try number(result, "featureCost")) < 1e-15)
    // An unbent copy is isometric: distances alone find the twins too.
    let flat = try run(form: "arc", angle: 0, alpha: 1, bandwidth: .infinity, solver: ["starts": 6])
    #expect(abs(try number(flat, "matched") - 1) < 1e-12)
  }

  /// The finding: on the arm a local kernel beats both features alone and plain fused Gromov–Wasserstein.
  @Test func aLocalKernelSurvivesBending() throws {
    func matched(_ alpha: Double, _ bandwidth: Double) throws -> Double {
      try (1...4).reduce(0) {
        try $0 + number(run(points: 60, alpha: alpha, bandwidth: bandwidth, seed: $1), "matched")
      } / 4
    }
    let (local, global, features) = (try matched(0.98, 0.4), try matched(0.98, .infinity), try matched(0, 0.4))
    #expect(local > global + 0.2 && local > features + 0.4, "\(local), \(global), \(features)")
  }

  @Test func entropicStepsAreOffered() throws {
    let result = try run(alpha: 0.9, bandwidth: 0.4, solver: ["starts": 1, "epsilon": 0.02])
    #expect(result.status.isConverged)
    #expect(try array(result, "plan").elements.allSatisfy { $0 > 0 })
  }
}
