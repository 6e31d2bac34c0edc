import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

@testable import Baselines

@Suite struct FreeSupportBarycenterTests {
  /// The least value over all measures, by the linear program over the tuples of three clouds (Agueh, Carlier 2011),
  /// which shares nothing with the solver; and the measure that has it.
  private static func multiMarginal(_ clouds: [PointCloud], _ lambda: [Double]) throws -> (
    value: Double, points: Matrix, weights: [Double]
  ) {
    let sizes = clouds.map(\.points.rows)
    let offsets = [0, sizes[0], sizes[0] + sizes[1]]
    let d = clouds[0].points.columns
    var (columns, costs, means) = ([[(row: Int, value: Double)]](), [Double](), [[Double]]())
    for i in 0..<sizes[0] {
      for j in 0..<sizes[1] {
        for k in 0..<sizes[2] {
          let tuple = [i, j, k]
          let points = (0..<3).map { s in Array(clouds[s].points[row: tuple[s]]) }
          let mean = (0..<d).map { c -> Double in
            lambda[0] * points[0][c] + lambda[1] * points[1][c] + lambda[2] * points[2][c]
          }
          columns.append((0..<3).map { (row: offsets[$0] + tuple[$0], value: 1) })
          means.append(mean)
          costs.append((0..<3).reduce(0.0) { $0 + lambda[$1] * squaredDistance(points[$1][...], mean[...]) })
        }
      }
    }
    let program = try #require(LinearProgram(columns: columns, right: clouds.flatMap(\.weights)))
    let plan = try #require(program.solution(cost: costs))
    let used = plan.indices.filter { plan[$0] > 1e-12 }
    let mass = used.reduce(0) { $0 + plan[$1] }
    return (
      zip(costs, plan).reduce(0) { $0 + $1.0 * $1.1 }, Matrix(rows: used.count, columns: d) { means[used[$0]][$1] },
      used.map { plan[$0] / mass }
    )
  }

  private static func clouds(_ sizes: [Int], dimensions: Int, seed: UInt64) throws -> [PointCloud] {
    try sizes.enumerated().map { index, size in
      let seed = 10 * seed + UInt64(index)
      return try PointCloud(
        points: normalPoints(size, dimensions: dimensions, seed: seed), weights: randomWeights(size, seed: seed))
    }
  }

  /// No answer lies below the linear program's, and from its measure there is nowhere to go.
  @Test(arguments: 0..<6 as Range<UInt64>) func noneIsBelowTheMultiMarginalProblem(seed: UInt64) throws {
    let lambda = [0.5, 0.3, 0.2]
    let clouds = try Self.clouds([4, 3, 4], dimensions: 2, seed: seed)
    let best = try Self.multiMarginal(clouds, lambda)
    let solver = FreeSupportBarycenter()
    let there = try solver.solve(clouds, shares: lambda, from: PointCloud(points: best.points, weights: best.weights))
    #expect(there.status.isConverged && abs(there.value - best.value) < 1e-9)
    let starts = try (0..<20).map { start in
      let points = FreeSupportBarycenter.start(40, between: clouds, shares: lambda, seed: UInt64(start))
      return try solver.solve(clouds, shares: lambda, from: PointCloud(points: points))
    }
    #expect(starts.allSatisfy { $0.status.isConverged && $0.value >= best.value - 1e-9 })
    let found = starts.map(\.value).min() ?? .infinity
    #expect(found < best.value * 1.1, "\(found) against \(best.value)")
    #expect(try FreeSupportBarycenter.lowerBound(clouds, shares: lambda) <= best.value + 1e-9)
  }

  /// Each round lowers the value; the points are the means under plans that are optimal for them.
  @Test func roundsNeverRaiseTheValue() throws {
    let clouds = try Self.clouds([30, 20, 25], dimensions: 3, seed: 70)
    let start = FreeSupportBarycenter.start(15, between: clouds, seed: 1)
    let solution = try FreeSupportBarycenter().solve(clouds, from: PointCloud(points: start))
    #expect(solution.status.isConverged)
    let values = solution.trace.points.compactMap(\.objective) + [solution.value]
    for (before, after) in zip(values, values.dropFirst()) { #expect(after <= before + 1e-12) }
    let images = zip(solution.couplings, clouds).map { $0.barycentricProjection(onto: $1.points) }
    for i in 0..<15 {
      for k in 0..<3 {
        let mean = (images[0][i, k] + images[1][i, k] + images[2][i, k]) / 3
        #expect(abs(mean - solution.points[i, k]) < 1e-6)
      }
    }
  }

  /// Two clouds have a barycenter along their optimal plan, on the line any number of clouds the mean quantiles.
  @Test func knownBarycentersAreFound() throws {
    let (x, y) = (normalPoints(6, dimensions: 2, seed: 1), normalPoints(6, dimensions: 2, seed: 2))
    let two = [try PointCloud(points: x), try PointCloud(points: y)]
    let bound = try FreeSupportBarycenter.lowerBound(two)
    let exact = try NetworkSimplex().solve(LinearProblem(cost: squaredDistances(x, y)))
    #expect(abs(bound - exact.value / 4) < 1e-12)
    let values = try (0..<30).map { seed in
      try FreeSupportBarycenter().solve(
        two, from: PointCloud(points: FreeSupportBarycenter.start(6, between: two, seed: UInt64(seed)))
      ).value
    }
    #expect(
      values.allSatisfy { $0 >= bound - 1e-12 } && abs((values.min() ?? .infinity) - bound) < 1e-9, "\(values) \(bound)"
    )
    let line = try (0..<4).map { try PointCloud(points: normalPoints(9, dimensions: 1, seed: 20 + UInt64($0))) }
    let start = FreeSupportBarycenter.start(9, between: line, seed: 3)
    let found = try FreeSupportBarycenter().solve(line, from: PointCloud(points: start))
    let sorted = line.map { $0.points.elements.sorted() }
    for (i, z) in found.points.elements.sorted().enumerated() {
      let mean = (sorted[0][i] + sorted[1][i] + sorted[2][i] + sorted[3][i]) / 4
      #expect(abs(z - mean) < 1e-12)
    }
    #expect(abs(found.value - (try FreeSupportBarycenter.lowerBound(line))) < 1e-12)
  }

  @Test func whereTheCloudsLieTakesNoDigits() throws {
    let clouds = try Self.clouds([8, 9], dimensions: 2, seed: 5)
    let start = FreeSupportBarycenter.start(7, between: clouds, seed: 1)
    let here = try FreeSupportBarycenter().solve(clouds, from: PointCloud(points: start))
    func far(_ points: Matrix) -> Matrix { points.map { $0 + 1e6 } }
    let there = try FreeSupportBarycenter().solve(
      clouds.map { try PointCloud(points: far($0.points), weights: $0.weights) }, from: PointCloud(points: far(start)))
    #expect(there.status.isConverged && abs(here.value - there.value) < 1e-8)
  }

  @Test func rejectsUnfitInput() throws {
    let cloud = try PointCloud(points: normalPoints(4, dimensions: 2, seed: 1))
    let heavy = try PointCloud(points: normalPoints(4, dimensions: 2, seed: 1), weights: [1, 1, 1, 1])
    let flat = try PointCloud(points: normalPoints(4, dimensions: 1, seed: 1))
    #expect(throws: ProblemError.self) { try FreeSupportBarycenter().solve([], from: cloud) }
    #expect(throws: ProblemError.self) { try FreeSupportBarycenter().solve([cloud, heavy], from: cloud) }
    #expect(throws: ProblemError.self) { try FreeSupportBarycenter().solve([cloud], from: flat) }
    #expect(throws: ProblemError.self) { try FreeSupportBarycenter().solve([cloud], shares: [1, 2], from: cloud) }
    #expect(throws: ProblemError.self) {
      try PointCloud(points: normalPoints(4, dimensions: 2, seed: 1), weights: [1, 1])
    }
  }
}
