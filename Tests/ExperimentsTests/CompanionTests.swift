import Documents
import Foundation
import Learning
import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

@testable import Alignment
@testable import Experiments

@Suite struct JointScalingTests {
  private func distances(_ points: Matrix) -> Matrix {
    let lengths = squaredDistances(points, points).map { $0.squareRoot() }
    let mean = lengths.elements.reduce(0, +) / Double(lengths.elements.count)
    return lengths.map { $0 / mean }
  }

  /// A turned copy of a scalene cloud is matched from some of a few starts, with the lowest stress.
  @Test func aTurnedCopyIsMatched() throws {
    var random = SeededGenerator(seed: 2)
    let points = Matrix(rows: 40, columns: 2) { _, k in (k == 0 ? 2 : 1) * pow(random.uniform(), 2) }
    let order = random.permutation(40)
    let copy = Matrix(rows: 40, columns: 2) { i, k in
      let p = Array(points[row: order[i]])
      return k == 0 ? 0.6 * p[0] - 0.8 * p[1] : 0.8 * p[0] + 0.6 * p[1]
    }
    var scaling = JointScaling()
    scaling.epsilon = 0.02
    let answers = try (0..<8).map { try scaling.embed(distances(points), distances(copy), seed: $0) }
    let best = try #require(answers.min { $0.stress < $1.stress })
    let far = (0..<40).map { k in squaredDistance(best.first[row: order[k]], best.second[row: k]) }
    // A wrong match lies at the mean distance, 1; entropic plans draw points to the mean of their neighbours.
    #expect((far.reduce(0, +) / 40).squareRoot() < 0.4)
    for answer in answers { #expect(answer.stress.isFinite && answer.plan.elements.allSatisfy { $0 >= 0 }) }
  }

  /// The Laplacian against its definition, and conjugate gradients against what they solve.
  @Test func theLaplacianIsThatOfTheWeights() {
    let (n1, n2, alpha) = (5, 7, 0.4)
    var random = SeededGenerator(seed: 3)
    let plan = Matrix(rows: n1, columns: n2) { _, _ in random.uniform(in: 0.1...1) }
    let laplacian = MatchedLaplacian(plan, attraction: alpha)
    let weights = Matrix(rows: 12, columns: 12) { i, j in
      switch (i < n1, j < n1) {
      case (true, true): 1 / Double(n1 * n1)
      case (false, false): 1 / Double(n2 * n2)
      case (true, false): alpha * plan[i, j - n1]
      case (false, true): alpha * plan[j, i - n1]
      }
    }
    let x = [normalPoints(n1, dimensions: 2, seed: 4), normalPoints(n2, dimensions: 2, seed: 5)]
    let all = Matrix(rows: 12, columns: 2) { $0 < n1 ? x[0][$0, $1] : x[1][$0 - n1, $1] }
    let image = laplacian.apply(x)
    for i in 0..<12 {
      for k in 0..<2 {
        let expected = (0..<12).reduce(0.0) { $0 + weights[i, $1] * (all[i, k] - all[$1, k]) }
        #expect(abs((i < n1 ? image[0][i, k] : image[1][i - n1, k]) - expected) < 1e-12)
      }
    }
    let solved = laplacian.solve(image, from: x.map { $0.map { _ in 0 } })
    let again = laplacian.apply(solved)
    for side in 0..<2 { #expect(largestDifference(again[side], image[side]) < 1e-3 * (image[side].elements.map(abs).max() ?? 1)) }
  }
}

@Suite struct UnionComTests {
  @Test func aPermutedCopyIsMatched() {
    var random = SeededGenerator(seed: 6)
    let points = Matrix(rows: 30, columns: 2) { _, k in (k == 0 ? 2 : 1) * pow(random.uniform(), 2) }
    let order = random.permutation(30)
    let lengths = squaredDistances(points, points).map { 30 * $0.squareRoot() }
    let copy = Matrix(rows: 30, columns: 30) { lengths[order[$0], order[$1]] }
    let answer = UnionCom(epochs: 3000).match(lengths, copy, scale: 1)
    let hits = (0..<30).count { k in (0..<30).max { answer.matching[$0, k] < answer.matching[$1, k] } == order[k] }
    #expect(hits > 20)
    #expect(answer.violation < 0.05)
    #expect(answer.misfit < 0.05)
  }
}

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
    let (forth, back) = (Matrix(rows: 64, columns: 64) { $0 == $1 ? 1 : 0 }, Matrix(rows: 64, columns: 64) { $0 == 63 - $1 ? 1 : 0 })
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
    #expect(try Validation(Fields(Node([:], at: .file("test")), path: "params")).splits(rows: 5, seed: 3).map(\.test) == [[0, 1, 2, 3, 4]])
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
  private func run(_ kind: (CaseBody) throws -> any Experiment, _ data: Value, _ params: Value, _ solver: Value) throws -> RunResult {
    let place = Place.file("test")
    let body = try CaseBody(data: Node(data, at: place), params: Node(params, at: place), solver: Node(solver, at: place), seed: 20_260_101)
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
      { try JointEmbeddingExperiment($0) }, ["first": ["shape": "s-bend", "points": 150], "second": ["shape": "roll", "points": 150]],
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
        { try JointEmbeddingExperiment($0) }, ["first": ["shape": "s-bend", "points": 60], "second": ["shape": "roll", "points": 60]],
        ["target": ["grid": 200]], ["distortionWeight": 50, "starts": 1])
    }
    #expect(error?.description.contains("GB of memory, but this machine has") == true)
  }

  @Test func aBrokenMeshIsNamed() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/two.off"
    try "OFF\n6 2 0\n0 0 0\n1 0 0\n0 1 0\n5 0 0\n6 0 0\n5 1 0\n3 0 1 2\n3 3 4 5\n".write(toFile: path, atomically: true, encoding: .utf8)
    let place = Place.file("test")
    let body = try CaseBody(
      data: Node(["first": ["shape": "mesh", "file": .string(path)], "second": ["shape": "s-bend"]], at: place),
      params: Node([:], at: place),
      solver: Node([:], at: place), seed: 1)
    let error = #expect(throws: (any Error).self) {
      try JointEmbeddingExperiment(body).run(RunContext(inputs: ["data.first": path], report: { _ in }))
    }
    #expect("\(try #require(error))".contains("two.off: the mesh falls into 2 components (the largest has 3 of 6 vertices"))
  }
}
