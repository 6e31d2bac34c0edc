import Datasets
import Documents
import Foundation
import LinearAlgebra
import OptimalTransport
import Pipeline
import TestSupport
import Testing

@testable import Experiments

@Suite struct ParticleTransferTests {
  private let folder = TemporaryFolder()

  private func run(
    _ coherent: NumericArray, _ noise: NumericArray, params: Value = [:], solver: Value = [:],
    raster: [String: Value] = [:]
  ) throws -> RunResult {
    var data = raster
    var inputs: [String: String] = [:]
    for (name, array) in [("coherent", coherent), ("noise", noise)] {
      let path = "\(folder.path)/\(name).h5"
      try HDF5.write([("x", array)], to: path)
      data[name] = ["file": .string(path), "dataset": "x"]
      inputs["data.\(name)"] = path
    }
    let place = Place.file("test")
    let body = try CaseBody(
      data: Node(.object(data), at: place), params: Node(params, at: place), solver: Node(solver, at: place), seed: 1)
    return try ParticleTransferExperiment(body).run(RunContext(inputs: inputs, report: { _ in }))
  }

  @Test func picturesShowEachParticleInItsPlace() {
    let raster = ParticleRaster(size: 41, reach: 2)
    let picture = raster.picture(Matrix(rows: 1, columns: 2, elements: [1, -0.5]))
    let (row, column) = (picture.indices.max { picture[$0] < picture[$1] } ?? 0).quotientAndRemainder(dividingBy: 41)
    #expect(row == 25 && column == 30)
    // ∑ exp(−|x|²/(2 σ²)) with σ = 2 · reach/size, in pixels of 0.1: 2π (σ/0.1)².
    let width = 4.0 / 41 / 0.1
    let expected = 2 * Double.pi * width * width
    #expect(abs(picture.reduce(0, +) - expected) < 0.02)
  }

  /// Operators of permutations carry each pixel's mass where they say.
  @Test func operatorsArePushedOneAfterAnother() {
    let raster = ParticleRaster(size: 3, reach: 1)
    let pixels = [[0, 4, 8], [1, 3, 5], [2, 6, 7]]
    let swap = Matrix(rows: 3, columns: 3, elements: [0, 0.1, 0, 0.1, 0, 0, 0, 0, 0.1])
    let transfer = ParticleTransfer(
      operators: [TransferOperator(plan: swap), TransferOperator(plan: swap)], pixels: pixels, raster: raster)
    let pictures = transfer.push([1, 0, 0, 0, 2, 0, 0, 0, 3])
    #expect(pictures[1] == [0, 2, 0, 1, 0, 3, 0, 0, 0])
    #expect(pictures[2] == [0, 0, 1, 0, 0, 0, 2, 3, 0])
    #expect(
      ParticleTransfer.overlap(pictures[1], pictures[1]) == 1 && ParticleTransfer.overlap(pictures[0], pictures[1]) == 0
    )
  }

  /// A triangle of three different sides, turned by half a circle: its shape says which corner is which, places say the
  /// wrong ones.
  @Test func shapesAreFollowedWherePlacesMislead() throws {
    let triangle = [-1.6, 0, -0.6, 0.3, 1.7, -0.3]
    let snapshots = NumericArray(shape: [2, 3, 2], elements: triangle + triangle.map { -$0 })
    let noise = NumericArray(shape: [2, 1, 2], elements: [2.5, 2.5, -2.4, 2.4])
    func matched(_ method: String, _ settings: [String: Value] = [:]) throws -> Double {
      let common: [String: Value] = ["name": .string(method), "rho": 0.01, "epsilon": 2e-4, "tolerance": 1e-3]
      let result = try run(
        snapshots, noise, solver: .object(common.merging(settings) { $1 }), raster: ["reach": 3, "size": 30])
      return try #require(result.metrics["matched"]?.number)
    }
    #expect(try matched("gromov-wasserstein", ["annealing": ["start": 2e-3, "factor": 0.6]]) == 1)
    #expect(try matched("wasserstein") < 0.5)
  }

  @Test func badPositionsAreSentences() throws {
    func sentence(_ coherent: NumericArray, _ noise: NumericArray) throws -> String {
      do {
        _ = try run(coherent, noise)
        return "no error"
      } catch {
        return "\(error)"
      }
    }
    func positions(_ shape: [Int], _ value: Double = 0.1) -> NumericArray {
      NumericArray(shape: shape, elements: [Double](repeating: value, count: shape.reduce(1, *)))
    }
    #expect(
      try sentence(positions([2, 3]), positions([2, 1, 2])).contains("is 2×3, but positions (snapshots×particles×2)"))
    #expect(try sentence(positions([2, 3, 2]), positions([3, 1, 2])).contains("2 snapshots and data.noise 3"))
    #expect(try sentence(positions([2, 3, 2], .nan), positions([2, 1, 2])).contains("holds nan at index 0"))
    #expect(
      try sentence(positions([2, 3, 2], 1e6), positions([2, 1, 2], 1e6)).contains("shows no particle within data.reach")
    )
  }
}
