import Foundation
import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

@Suite struct GaussianTests {
  private static func covariance(_ d: Int, rank: Int, seed: UInt64) -> Matrix {
    let factor = normalPoints(d, dimensions: rank, seed: seed)
    return (factor * factor.transposed).symmetrizedPlainly
  }

  private static func gaussian(_ d: Int, rank: Int, seed: UInt64) throws -> Gaussian {
    let mean = normalPoints(1, dimensions: d, seed: seed + 1000).elements
    return try Gaussian(mean: mean, covariance: covariance(d, rank: rank, seed: seed))
  }

  /// On the line W₂² = (m − m')² + (s − s')², which quantiles of both give as well.
  @Test func theLineHasAFormula() throws {
    let cases: [[Double]] = [[0, 1, 3, 2], [1, 0.5, 1, 0.25], [2, 0, -1, 3], [1, 2, 1, 2]]
    for numbers in cases {
      let (m, s, n, t) = (numbers[0], numbers[1], numbers[2], numbers[3])
      let source = try Gaussian(mean: [m], covariance: Matrix(rows: 1, columns: 1, repeating: s * s))
      let target = try Gaussian(mean: [n], covariance: Matrix(rows: 1, columns: 1, repeating: t * t))
      let solution = try GaussianTransport().solve(source, target)
      let expected = (m - n) * (m - n) + (s - t) * (s - t)
      #expect(abs(solution.value - expected) < 1e-14)
      let isOut = s == 0 && t > 0
      #expect((solution.map == nil) == isOut)
      if let map = solution.map, s > 0 {
        let error = abs(map.slope[0, 0] - t / s)
        #expect(error < 1e-14)
      }
    }
    // Quantiles at the middles of ten thousand parts.
    var random = SeededGenerator(seed: 5)
    let x = (0..<20_000).map { _ in random.normal() }
    let line = try LineTransport().solve(x, x.map { 3 * $0 - 1 }).value
    let samples = Matrix(rows: x.count, columns: 1, elements: x)
    let moments = try GaussianTransport().solve(
      Gaussian(samples: samples), Gaussian(samples: samples.map { 3 * $0 - 1 }))
    #expect(abs(line - moments.value) < 1e-9)
    #expect(abs((moments.map?.offset[0] ?? 0) + 1) < 1e-9)
  }

  /// Along common axes the distance is that of the deviations, at any rank.
  @Test func commutingCovariancesHaveAFormula() throws {
    var random = SeededGenerator(seed: 8)
    for _ in 0..<40 {
      let d = 1 + random.integer(below: 6)
      let (s, t) = (
        (0..<d).map { _ in Double(random.integer(below: 4)) }, (0..<d).map { _ in Double(random.integer(below: 4)) }
      )
      let turn = try #require(SymmetricEigen(Self.covariance(d, rank: d, seed: random.next() % 1000))).vectors
      func turned(_ deviations: [Double]) -> Matrix {
        let scaled = Matrix(rows: d, columns: d) { deviations[$0] * deviations[$0] * turn[$0, $1] }
        return (turn.transposed * scaled).symmetrizedPlainly
      }
      let zero = [Double](repeating: 0, count: d)
      let solution = try GaussianTransport().solve(
        Gaussian(mean: zero, covariance: turned(s)), Gaussian(mean: zero, covariance: turned(t)))
      var expected = 0.0
      for (own, other) in zip(s, t) { expected += (own - other) * (own - other) }
      #expect(abs(solution.value - expected) < 1e-12)
      let reaches = zip(s, t).allSatisfy { $0 > 0 || $1 == 0 }
      #expect((solution.map != nil) == reaches)
      let others = try GaussianBarycenter().solve(
        [Gaussian(mean: zero, covariance: turned(s)), Gaussian(mean: zero, covariance: turned(t))], shares: [1, 3])
      // Deviations are averaged.
      let mean = turned(zip(s, t).map { 0.25 * $0 + 0.75 * $1 })
      let error = absoluteDifference(others.barycenter.covariance.elements, mean.elements)
      #expect(error < 1e-6, "\(s) \(t)")
    }
  }

  @Test func theMapCarriesOneIntoTheOther() throws {
    for seed in 0..<20 as Range<UInt64> {
      let (source, target) = (
        try Self.gaussian(4, rank: 4, seed: seed), try Self.gaussian(4, rank: 1 + Int(seed % 4), seed: seed + 50)
      )
      let solution = try GaussianTransport().solve(source, target)
      let map = try #require(solution.map)
      let pushed = map.slope * source.covariance * map.slope.transposed
      #expect(absoluteDifference(pushed.elements, target.covariance.elements) < 1e-9)
      for i in 0..<4 { for j in 0..<i { #expect(abs(map.slope[i, j] - map.slope[j, i]) < 1e-6) } }
    }
  }

  @Test func equalGaussiansLieAtNoDistance() throws {
    for rank in 1...5 {
      let own = try Self.gaussian(5, rank: rank, seed: 3)
      #expect(try GaussianTransport().solve(own, own).distance < 1e-12)
    }
  }

  /// Two planes in space at a right angle: the coupling is there, the map is not.
  @Test func withoutReachThereIsNoMap() throws {
    func along(_ axes: Set<Int>) throws -> Gaussian {
      try Gaussian(mean: [0, 0, 0], covariance: Matrix(rows: 3, columns: 3) { $0 == $1 && axes.contains($0) ? 1 : 0 })
    }
    let solution = try GaussianTransport().solve(along([0, 1]), along([1, 2]))
    #expect(solution.map == nil && abs(solution.value - 2) < 1e-14)
    #expect(abs(solution.crossCovariance[1, 1] - 1) < 1e-14)
  }

  /// The gap proves the answer; two Gaussians have the middle of the geodesic.
  @Test func barycentersAreProven() throws {
    for seed in 0..<10 as Range<UInt64> {
      let all = try (0..<4).map {
        try Self.gaussian(5, rank: $0 == 0 ? 5 : 1 + Int(seed) % 5, seed: 10 * seed + UInt64($0))
      }
      let solution = try GaussianBarycenter().solve(all, shares: [1, 2, 3, 4])
      #expect(solution.status.isConverged && solution.gap >= 0, "\(seed) \(solution.status) \(solution.gap)")
      let two = try GaussianBarycenter().solve(Array(all.prefix(2)))
      let distance = try GaussianTransport().solve(all[0], all[1]).value
      #expect(abs(two.value - distance / 4) < 1e-8 * distance)
    }
  }

  @Test func rejectsUnfitInput() throws {
    let identity = Matrix(rows: 2, columns: 2) { $0 == $1 ? 1 : 0 }
    let own = try Gaussian(mean: [0, 0], covariance: identity)
    #expect(throws: ProblemError.self) { try Gaussian(mean: [0], covariance: identity) }
    #expect(throws: ProblemError.self) { try Gaussian(mean: [0, .nan], covariance: identity) }
    #expect(throws: ProblemError.self) { try Gaussian(mean: [0, 0], covariance: identity.map { -$0 }) }
    #expect(throws: ProblemError.self) {
      try Gaussian(mean: [0, 0], covariance: Matrix(rows: 2, columns: 2, elements: [1, 2, 0, 1]))
    }
    #expect(throws: ProblemError.self) { try Gaussian(samples: Matrix(rows: 0, columns: 2)) }
    #expect(throws: ProblemError.self) {
      try GaussianTransport().solve(own, Gaussian(mean: [0], covariance: Matrix(rows: 1, columns: 1)))
    }
    #expect(throws: ProblemError.self) { try GaussianBarycenter().solve([]) }
    #expect(throws: ProblemError.self) { try GaussianBarycenter().solve([own], shares: [0]) }
  }
}

extension Matrix {
  fileprivate var symmetrizedPlainly: Matrix {
    Matrix(rows: rows, columns: columns) { (self[$0, $1] + self[$1, $0]) / 2 }
  }
}
