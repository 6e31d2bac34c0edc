import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import OptimalTransport

@Suite struct TransportMapTests {
  private static let (x, y) = (normalPoints(12, dimensions: 3, seed: 1), normalPoints(9, dimensions: 3, seed: 2))
  private static let (a, b) = (randomWeights(12, seed: 3), randomWeights(9, seed: 4))

  private static func entropic(epsilon: Double) throws -> EntropicSolution {
    let problem = try LinearProblem(cost: squaredDistances(x, y), source: a, target: b)
    return try Sinkhorn(epsilon: epsilon, stopping: StoppingRule(tolerance: 1e-13, iterationLimit: 100_000)).solve(
      problem)
  }

  @Test(arguments: [0.05, 1.0]) func entropicMapIsTheBarycentricProjectionWhereItWasFitted(epsilon: Double) throws {
    let solution = try Self.entropic(epsilon: epsilon)
    let images = try EntropicMap(solution, target: Self.y, epsilon: epsilon)(Self.x)
    let expected = solution.coupling.barycentricProjection(onto: Self.y)
    #expect(absoluteDifference(images.elements, expected.elements) < 1e-9)
  }

  /// The weighted mean by its definition, for a point far away at which each exponential would be 0.
  @Test func entropicMapOfNewPointsIsTheWeightedMean() throws {
    let solution = try Self.entropic(epsilon: 0.5)
    let map = try EntropicMap(solution, target: Self.y, epsilon: 0.5)
    let points = Matrix(rows: 3, columns: 3, elements: [0.1, -0.2, 0.3, 40, -50, 60, 1e3, 0, 0])
    let images = try map(points)
    for row in 0..<2 {
      let logs = (0..<9).map { j in
        log(Self.b[j]) + (solution.potentials.target[j] - squaredDistance(points[row: row], Self.y[row: j])) / 0.5
      }
      let largest = logs.max() ?? 0
      let shares = logs.map { exp($0 - largest) }
      for k in 0..<3 {
        let expected = (0..<9).reduce(0) { $0 + shares[$1] * Self.y[$1, k] } / shares.reduce(0, +)
        #expect(abs(images[row, k] - expected) < 1e-9)
      }
    }
    // Nothing but the farthest point in its direction is left there.
    let farthest = (0..<9).max { Self.y[$0, 0] < Self.y[$1, 0] } ?? 0
    #expect(abs(images[2, 0] - Self.y[farthest, 0]) < 1e-12)
  }

  @Test func targetPointsWithoutWeightHaveNoPartInTheMap() throws {
    let solution = try Self.entropic(epsilon: 0.5)
    let more = Matrix(rows: 10, columns: 3) { $0 < 9 ? Self.y[$0, $1] : 0.5 }
    let with = try EntropicMap(
      potential: solution.potentials.target + [.nan], weights: solution.coupling.target + [0], target: more,
      epsilon: 0.5)
    #expect(try with(Self.x) == EntropicMap(solution, target: Self.y, epsilon: 0.5)(Self.x))
  }

  @Test(arguments: [1, 3, 12], NearestNeighborMap.Extension.allCases) func neighborsHandOnImagesOrShifts(
    count: Int, extendsBy: NearestNeighborMap.Extension
  ) throws {
    let coupling = try NetworkSimplex().solve(
      LinearProblem(cost: squaredDistances(Self.x, Self.y), source: Self.a, target: Self.b)
    )
    .coupling
    let map = try NearestNeighborMap(coupling, source: Self.x, target: Self.y, neighbors: count, extendsBy: extendsBy)
    let projection = coupling.barycentricProjection(onto: Self.y)
    let points = normalPoints(40, dimensions: 3, seed: 5)
    let images = try map(points)
    for row in 0..<40 {
      let order = (0..<12).sorted {
        squaredDistance(points[row: row], Self.x[row: $0]) < squaredDistance(points[row: row], Self.x[row: $1])
      }
      for k in 0..<3 {
        let parts = order.prefix(count).map {
          projection[$0, k] + (extendsBy == .shift ? points[row, k] - Self.x[$0, k] : 0)
        }
        #expect(abs(images[row, k] - parts.reduce(0, +) / Double(count)) < 1e-12)
      }
    }
    if count == 1 { #expect(try map(Self.x) == projection) }
  }

  @Test func sourcePointsWithoutMassAreNoNeighbors() throws {
    let plan = Matrix(rows: 3, columns: 1, elements: [0.5, 0, 0.5])
    let coupling = Coupling(plan: plan, source: [0.5, 0, 0.5], target: [1])
    let (source, target) = (
      Matrix(rows: 3, columns: 1, elements: [0, 1, 3]), Matrix(rows: 1, columns: 1, elements: [7])
    )
    let map = try NearestNeighborMap(coupling, source: source, target: target)
    #expect(map.points.elements == [0, 3])
    #expect(try map(Matrix(rows: 2, columns: 1, elements: [1, 2.5])).elements == [8, 6.5])
  }

  @Test func affineMapsAreAffine() throws {
    let map = AffineMap(source: [1, 2], target: [5], slope: Matrix(rows: 1, columns: 2, elements: [3, -1]))
    #expect(try map(Matrix(rows: 2, columns: 2, elements: [1, 2, 2, 0])).elements == [5, 10])
    #expect(try map(Matrix(rows: 0, columns: 2)).rows == 0)
  }

  @Test func pointsThatDoNotFitAreRefused() throws {
    let map = try EntropicMap(potential: [0], weights: [1], target: Matrix(rows: 1, columns: 2), epsilon: 1)
    func sentence(_ work: () throws -> Void) -> String? {
      (#expect(throws: ProblemError.self, performing: work))?.description
    }
    #expect(
      sentence { _ = try map(Matrix(rows: 1, columns: 3)) }
        == "the points to be mapped has 3 coordinates, but 2 (those of the fitted ones) was expected")
    #expect(
      sentence { _ = try map(Matrix(rows: 1, columns: 2, elements: [0, .nan])) }?.contains("row 0, column 1") == true)
    #expect(
      sentence { _ = try NearestNeighborMap(points: Self.x, images: Self.x, neighbors: 13) }?.contains("1 to 12")
        == true)
    #expect(
      sentence { _ = try NearestNeighborMap(points: Self.x, images: Matrix(rows: 12, columns: 2)) }?.contains(
        "2 coordinates") == true)
    #expect(
      sentence { _ = try EntropicMap(potential: [0], weights: [1], target: Matrix(rows: 1, columns: 2), epsilon: 0) }?
        .contains("positive")
        == true)
  }
}
