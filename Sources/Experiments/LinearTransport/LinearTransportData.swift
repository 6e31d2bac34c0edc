import Documents
import Foundation
import LinearAlgebra
import OptimalTransport
import SolverCatalogue

/// Two samples whose transport cost is wanted, and what it is between the distributions that they are drawn from.
struct LinearTransportData: Sendable {
  /// What is drawn.
  enum Generator: String, CaseIterable {
    /// N(0, I) and N(m, Σ), both fixed by the dimension.
    case gaussians
    /// N(0, 1) and Gamma(2), on the line.
    case gamma
    /// Costs of whole numbers with ties and up to 1e12, rows and columns twice, and weights of zero: no points.
    case adversarial
  }

  /// A sample, in one form or the other.
  struct Sample {
    /// The points, one a row; nil where costs are drawn.
    let points: (first: Matrix, second: Matrix)?
    let cost: Matrix
    let weights: (first: [Double], second: [Double])
  }

  let generator: Generator
  let samples: Int
  let dimension: Int

  init(_ fields: Fields) throws(DocumentError) {
    generator = try fields.choice("generator", default: .gaussians, about: "the distributions that are sampled")
    samples = try fields.integer("samples", in: 2...20_000, about: "points drawn from each distribution")
    dimension =
      generator == .gaussians
      ? try fields.integer("dimension", default: 2, in: 1...100, about: "the dimension of the Gaussians") : 1
  }

  /// W_2² between the distributions; nil where no closed form is known.
  func squaredDistance() throws(ProblemError) -> Double? {
    guard generator == .gaussians else { return nil }
    return try GaussianTransport().solve(standard, .drawn(dimension: dimension)).value
  }

  private var standard: Gaussian {
    get throws(ProblemError) {
      try Gaussian(
        mean: [Double](repeating: 0, count: dimension),
        covariance: Matrix(rows: dimension, columns: dimension) { $0 == $1 ? 1 : 0 })
    }
  }

  /// Draws a sample.
  ///
  /// - Parameters:
  ///   - exponent: p of the cost |x − y|^p.
  ///   - seed: the seed of the draw.
  /// - Returns: The points or the cost, with weights.
  /// - Throws: `ProblemError` when the target is no Gaussian.
  func sample(exponent: Double, seed: Int) throws(ProblemError) -> Sample {
    var random = SeededGenerator(seed: UInt64(seed), stream: "samples")
    switch generator {
    case .adversarial: return adversarial(&random)
    case .gaussians:
      let first = Matrix(rows: samples, columns: dimension) { _, _ in random.normal() }
      let second = try Gaussian.drawn(dimension: dimension).samples(samples, from: &random)
      return sample(first, second, exponent)
    case .gamma:
      let first = Matrix(rows: samples, columns: 1) { _, _ in random.normal() }
      // The sum of two exponential numbers.
      let second = Matrix(rows: samples, columns: 1) { _, _ in -log(1 - random.uniform()) - log(1 - random.uniform()) }
      return sample(first, second, exponent)
    }
  }

  private func sample(_ first: Matrix, _ second: Matrix, _ exponent: Double) -> Sample {
    let squares = squaredDistances(first, second)
    let cost = exponent == 2 ? squares : squares.map { pow($0, exponent / 2) }
    return Sample(points: (first, second), cost: cost, weights: (.uniform(samples), .uniform(samples)))
  }

  private func adversarial(_ random: inout SeededGenerator) -> Sample {
    let large = [1e4, 1e8, 1e12]
    var cost = Matrix(rows: samples, columns: samples) { _, _ in
      random.uniform() < 0.2 ? large[random.integer(below: 3)] : Double(random.integer(below: 10))
    }
    for k in 0..<samples / 4 {
      for i in 0..<samples { cost[2 * k + 1, i] = cost[2 * k, i] }
    }
    func weights() -> [Double] {
      let counts = (0..<samples).map { _ in random.uniform() < 0.2 ? 0 : 1 + random.integer(below: 5) }
      let total = max(counts.reduce(0, +), 1)
      return counts.reduce(0, +) == 0 ? .uniform(samples) : counts.map { Double($0) / Double(total) }
    }
    return Sample(points: nil, cost: cost, weights: (weights(), weights()))
  }
}
