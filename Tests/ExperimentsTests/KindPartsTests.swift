import Documents
import Foundation
import LinearAlgebra
import OptimalTransport
import Pipeline
import TestSupport
import Testing

@testable import Alignment
@testable import Experiments

@Suite struct CoarsePlanTests {
  @Test func cellsAreBalancedWhateverTheUnits() {
    var random = SeededGenerator(seed: 8)
    let points = Matrix(rows: 100, columns: 3) { _, k in exp(6 * random.normal()) * pow(10, Double(k)) }
    let cells = BalancedCells(points, halvings: 3)
    let sizes = (0..<8).map { own in cells.cell.count { $0 == own } }
    #expect(cells.count == 8 && sizes.allSatisfy { (12...13).contains($0) })
  }

  @Test func plansOfOneBasinAreCounted() {
    let points = Matrix(rows: 64, columns: 1) { i, _ in Double(i) }
    let cells = BalancedCells(points)
    let (forth, back) = (
      Matrix(rows: 64, columns: 64) { $0 == $1 ? 1 : 0 }, Matrix(rows: 64, columns: 64) { $0 == 63 - $1 ? 1 : 0 }
    )
    let near = Matrix(rows: 64, columns: 64) { $0 == $1 ? 0.9 : 0.1 / 63 }
    let plans = [forth, back, near].map { CoarsePlan($0, cells, cells) }
    #expect(plans[0].distance(to: plans[1]) > 0.9)
    #expect(CoarsePlan.basins(plans, order: [1, 0, 2]) == [1, 0, 1])
  }
}

@Suite struct ValidationTests {
  @Test func splitsAreSeededAndDisjoint() throws {
    let fields = try Fields(Node(["validation": ["fraction": 0.1, "splits": 4]], at: .file("test")), path: "params")
    let splits = try Validation(fields).splits(rows: 50, seed: 3)
    #expect(splits.count == 4)
    for split in splits {
      #expect(split.known.count == 5 && split.test.count == 45)
      #expect(Set(split.known).isDisjoint(with: split.test))
    }
    #expect(splits[0].known != splits[1].known)
    #expect(
      try Validation(Fields(Node([:], at: .file("test")), path: "params")).splits(rows: 5, seed: 3).map(\.test) == [
        [0, 1, 2, 3, 4]
      ])
  }
}

@Suite struct PlaneGaussianTests {
  /// Commuting covariances: |m − m'|² + Σ (σ_i − σ'_i)².
  @Test func alignedGaussiansHaveAClosedForm() {
    let x = PlaneGaussian(mean: (1, 2), covariance: (4, 0, 9))
    let y = PlaneGaussian(mean: (0, 0), covariance: (1, 0, 16))
    #expect(abs(x.squaredDistance(to: y) - (5 + 1 + 1)) < 1e-12)
    #expect(x.squaredDistance(to: x) < 1e-12)
    let flat = PlaneGaussian(mean: (0, 0), covariance: (0, 0, 0))
    #expect(abs(flat.squaredDistance(to: y) - 17) < 1e-12)
  }
}

@Suite struct EmbeddingTargetTests {
  private func run(_ kind: (CaseBody) throws -> any Experiment, _ data: Value, _ params: Value, _ solver: Value) throws
    -> RunResult
  {
    let place = Place.file("test")
    let body = try CaseBody(
      data: Node(data, at: place), params: Node(params, at: place), solver: Node(solver, at: place), seed: 20_260_101)
    return try kind(body).run(RunContext(inputs: [:], report: { _ in }))
  }

  /// Judged by positions in radians, at a third of the paper's points.
  @Test func piecesOfASphereComeBackToTheirPlaces() throws {
    let result = try run(
      { try JointEmbeddingExperiment($0) },
      ["first": ["shape": "sphere-rectangle", "points": 1200], "second": ["shape": "sphere-cap", "points": 1200]],
      ["target": ["surface": "sphere", "grid": 24]], ["distortionWeight": 10, "epsilon": 1.0e-3, "starts": 1])
    #expect(result.status == .converged)
    #expect(try #require(result.metrics["rmsFirst"]?.number) < 0.06)
    #expect(try #require(result.metrics["rmsSecond"]?.number) < 0.06)
  }

  @Test func bentRectanglesAreUnrolledOntoEachOther() throws {
    let result = try run(
      { try JointEmbeddingExperiment($0) },
      ["first": ["shape": "s-bend", "points": 150], "second": ["shape": "roll", "points": 150]],
      ["target": ["grid": 24]], ["distortionWeight": 50, "leadBy": 5, "epsilon": 1.0e-3, "starts": 1])
    #expect(try #require(result.metrics["correlationFirst"]?.number) > 0.999)
    #expect(try #require(result.metrics["correlationSecond"]?.number) > 0.998)
    #expect(try #require(result.metrics["alignmentError"]?.number) < 0.06)
  }

  @Test func theCircleComesWithinThreeHundredths() throws {
    let result = try run(
      { try CircleRelaxationExperiment($0) }, ["bins": 120, "kappa": 4], [:], ["distortionWeight": 200])
    #expect(result.status == .converged)
    #expect(abs(try #require(result.metrics["ratio"]?.number) - 1) < 0.03)
  }

  /// As many starts as the smoke tier: between two and eight of twelve find the right basin, by the CPU's BLAS kernels.
  @Test func covariancesAreResolvedAtSmallEpsilon() throws {
    let result = try run(
      { try GaussianMixtureAlignmentExperiment($0) }, ["motif": "blobs", "points": 300], ["grid": 9],
      ["distortionWeight": 10, "leadBy": 1, "epsilon": 1.0e-5, "starts": 6])
    #expect(try #require(result.metrics["matchedMass"]?.number) > 0.99)
    #expect(try #require(result.metrics["covarianceShare"]?.number) > 0.95)
  }

  @Test func aGridBeyondTheMemoryIsRefusedWithItsSize() {
    let error = #expect(throws: ExperimentError.self) {
      try run(
        { try JointEmbeddingExperiment($0) },
        ["first": ["shape": "s-bend", "points": 60], "second": ["shape": "roll", "points": 60]],
        ["target": ["grid": 200]], ["distortionWeight": 50, "starts": 1])
    }
    #expect(error?.description.contains("GB of memory, but this machine has") == true)
  }

  @Test func aBrokenMeshIsNamed() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/two.off"
    try "OFF\n6 2 0\n0 0 0\n1 0 0\n0 1 0\n5 0 0\n6 0 0\n5 1 0\n3 0 1 2\n3 3 4 5\n".write(
      toFile: path, atomically: true, encoding: .utf8)
    let place = Place.file("test")
    let body = try CaseBody(
      data: Node(["first": ["shape": "mesh", "file": .string(path)], "second": ["shape": "s-bend"]], at: place),
      params: Node([:], at: place),
      solver: Node([:], at: place), seed: 1)
    let error = #expect(throws: (any Error).self) {
      try JointEmbeddingExperiment(body).run(RunContext(inputs: ["data.first": path], report: { _ in }))
    }
    #expect(
      "\(try #require(error))".contains("two.off: the mesh falls into 2 components (the largest has 3 of 6 vertices"))
  }
}
