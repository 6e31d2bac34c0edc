import Documents
import Foundation
import LinearAlgebra
import OptimalTransport
import SolverCatalogue

/// Two distributions between which the optimal map is known.
struct MapBenchmark: Sendable {
  /// The pairs of distributions.
  enum Generator: String, CaseIterable {
    /// N(0, S1) and N(m, S2) in the plane, neither of them round.
    case plane
    /// N(0, I) and a Gaussian that the dimension fixes.
    case gaussians
    /// N(0, I) and its image under the gradient of a known convex potential with eight sharp ridges (after Korotin et
    /// al. 2021, arXiv:2106.01954).
    case ridges
  }

  let generator: Generator
  let samples: Int
  let dimension: Int
  let tests: Int

  init(_ fields: Fields) throws(DocumentError) {
    generator = try fields.choice("generator", default: .plane, about: "the pair of distributions")
    samples = try fields.integer("samples", in: 10...20_000, about: "points drawn from each distribution for the fit")
    tests = try fields.integer(
      "tests", default: 2000, in: 10...100_000, about: "fresh points that the map is judged at")
    dimension =
      generator == .gaussians || generator == .ridges
      ? try fields.integer("dimension", default: 2, in: 1...100, about: "the dimension of the space") : 2
  }

  /// Independent samples for the fit and for the judgement.
  struct Draw {
    let source: Matrix
    let target: Matrix
    /// Fresh points of the source, with their images under the optimal map.
    let tests: Matrix
    let images: Matrix
    /// The variance of a large sample of the target, summed over coordinates.
    let variance: Double
    /// As many fresh points of the target.
    let fresh: Matrix
    /// A second such sample, for how far two samples are apart.
    let other: Matrix
  }

  func draw(seed: Int) throws(ProblemError) -> Draw {
    var random = SeededGenerator(seed: UInt64(seed), stream: "samples of a map")
    let source = try sourceGaussian()
    let x = source.samples(samples, from: &random)
    let tests = source.samples(self.tests, from: &random)
    let map = try optimalMap(from: source)
    func target(_ count: Int) throws(ProblemError) -> Matrix { try map(source.samples(count, from: &random)) }
    let y = try target(samples)
    let (fresh, other) = (try target(self.tests), try target(self.tests))
    return Draw(
      source: x, target: y, tests: tests, images: try map(tests),
      variance: Self.variance(try target(max(self.tests, 10_000))),
      fresh: fresh, other: other)
  }

  private func sourceGaussian() throws(ProblemError) -> Gaussian {
    let covariance =
      generator == .plane
      ? Matrix(rows: 2, columns: 2, elements: [1, 0.3, 0.3, 0.6])
      : Matrix(rows: dimension, columns: dimension) { $0 == $1 ? 1 : 0 }
    return try Gaussian(mean: [Double](repeating: 0, count: dimension), covariance: covariance)
  }

  /// The optimal map.
  private func optimalMap(from source: Gaussian) throws(ProblemError) -> any TransportMap {
    switch generator {
    case .plane:
      let target = try Gaussian(
        mean: [2, 1], covariance: Matrix(rows: 2, columns: 2, elements: [0.5, -0.4, -0.4, 1.5]))
      return try Self.map(source, target)
    case .gaussians: return try Self.map(source, .drawn(dimension: dimension))
    case .ridges: return ridges()
    }
  }

  private static func map(_ source: Gaussian, _ target: Gaussian) throws(ProblemError) -> AffineMap {
    guard let map = try GaussianTransport().solve(source, target).map else {
      throw .parameter(
        name: "the rank of the source", found: "\(source.rank)", expected: "\(target.rank), the target's")
    }
    return map
  }

  /// 0.15 ‖x‖² with eight ridges of width 0.15 in drawn directions, that the dimension fixes.
  private func ridges() -> ConvexPotential {
    var random = SeededGenerator(seed: UInt64(dimension), stream: "ridges of the known potential")
    let normal = Matrix(rows: 8, columns: dimension) { _, _ in random.normal() }
    let lengths = normal.map { $0 * $0 }.rowSums.map { $0.squareRoot() }
    let offsets = (0..<8).map { _ in random.uniform(in: -2...2) }
    let heights = (0..<8).map { _ in 1.5 * abs(random.normal()) }
    return ConvexPotential(
      curvature: 0.3, slope: [Double](repeating: 0, count: dimension),
      directions: Matrix(rows: 8, columns: dimension) { normal[$0, $1] / lengths[$0] }, offsets: offsets,
      heights: heights, smoothness: 0.15
    )
  }

  private static func variance(_ points: Matrix) -> Double {
    let means = points.columnSums.map { $0 / Double(points.rows) }
    return (0..<points.rows).reduce(0.0) { sum, row in
      (0..<points.columns).reduce(sum) { $0 + (points[row, $1] - means[$1]) * (points[row, $1] - means[$1]) }
    } / Double(points.rows)
  }
}
