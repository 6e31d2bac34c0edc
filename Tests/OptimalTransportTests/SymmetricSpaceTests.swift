import Foundation
import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

/// A space against a permutation of itself is at distance 0, however many symmetries make the product plan a saddle.
///
/// The starts know nothing of the permutation; it serves as the oracle, whose value is 0 by definition or is reached
/// by a descent from it.
@Suite struct SymmetricSpaceTests {
  static func problem(
    _ distances: Matrix, seed: UInt64, isMixed: Bool, features: Bool = false, relaxation: MarginalRelaxation = .balanced
  ) throws -> (problem: QuadraticProblem, matching: Matrix) {
    var random = SeededGenerator(seed: seed, stream: "order")
    let n = distances.rows
    let order = random.permutation(n)
    let masses = (0..<n).map { _ in isMixed ? Double(1 + random.integer(below: 3)) : 1 }
    let weights = masses.map { $0 / masses.reduce(0, +) }
    let problem = try QuadraticProblem(
      source: MetricMeasureSpace(distances: distances, weights: weights),
      target: MetricMeasureSpace(
        distances: SymmetricSpaces.reordered(distances, order), weights: order.map { weights[$0] }),
      features: features ? Matrix(rows: n, columns: n) { _, _ in random.uniform() } : nil, alpha: features ? 1 : nil,
      relaxation: relaxation
    )
    return (problem, SymmetricSpaces.matching(order, weights: weights))
  }

  /// Zeros and ones, which say of a point no more than its neighbours.
  @Test(arguments: ["cycle 60", "path 44", "wheel 50"], [1, 2] as [UInt64]) func sparseGraphsAreFound(
    name: String, seed: UInt64
  ) throws {
    let count = Int(name.split(separator: " ")[1]) ?? 0
    let rim = name.hasPrefix("wheel") ? count - 1 : count
    let adjacency = Matrix(rows: count, columns: count) { i, k in
      if i >= rim || k >= rim { return i == k ? 0 : 1 }
      let apart = abs(i - k)
      return apart == 1 || (apart == rim - 1 && !name.hasPrefix("path")) ? 1 : 0
    }
    let solution = try GromovWasserstein().solve(Self.problem(adjacency, seed: seed, isMixed: false).problem)
    #expect(solution.status == .converged && solution.value < 1e-12, "\(solution.value)")
  }

  @Test(arguments: SymmetricSpaces.all.map(\.name)) func isAtNoDistanceFromItsPermutations(name: String) throws {
    let distances = try #require(SymmetricSpaces.all.first { $0.name == name }?.distances)
    let size = max(1, distances.elements.reduce(0) { max($0, abs($1)) })
    for seed in 1...3 as ClosedRange<UInt64> {
      for isMixed in [false, true] {
        for features in [false, true] {
          let (problem, _) = try Self.problem(distances, seed: seed, isMixed: isMixed, features: features)
          let solution = try GromovWasserstein().solve(problem)
          #expect(solution.status == .converged)
          #expect(
            solution.value >= 0 && solution.value <= 1e-9 * size * size,
            "\(name), seed \(seed), mixed \(isMixed): \(solution.value)")
        }
      }
    }
  }

  @Test(
    arguments: ["circle 5", "square", "C12", "K4", "P4", "torus 4×4", "Petersen", "doubly centred 12", "star 5×4"],
    [0.02, 0.1, 0.5, 3])
  func entropicIsNoHigherThanFromThePermutation(name: String, epsilon: Double) throws {
    let distances = try #require(SymmetricSpaces.all.first { $0.name == name }?.distances)
    for isMixed in [false, true] {
      let (problem, matching) = try Self.problem(distances, seed: 5, isMixed: isMixed)
      let solver = EntropicGromovWasserstein(epsilon: epsilon)
      let (solution, reference) = (try solver.solve(problem), try solver.solve(problem, from: matching))
      let slack = 1e-7 * (1 + abs(reference.regularizedValue))
      #expect(solution.regularizedValue <= reference.regularizedValue + slack, "mixed \(isMixed)")
      for rho in [0.3, 10] {
        let (problem, matching) = try Self.problem(distances, seed: 6, isMixed: isMixed, relaxation: .relaxed(rho))
        let solver = UnbalancedGromovWasserstein(epsilon: epsilon)
        let (solution, reference) = (try solver.solve(problem), try solver.solve(problem, from: matching))
        let slack = 1e-7 * (1 + abs(reference.regularizedValue))
        #expect(solution.regularizedValue <= reference.regularizedValue + slack, "mixed \(isMixed), ρ \(rho)")
      }
    }
  }

  /// From the product plan itself, given as a start, a vertex or a seeded perturbation leads on.
  @Test func productPlanIsLeft() throws {
    let swapped = Matrix(rows: 2, columns: 2, elements: [0, 1, 1, 0])
    for (distances, most) in [(swapped, 1e-12), (SymmetricSpaces.circle(50), 0.5), (SymmetricSpaces.cycle(12), 4)] {
      let (problem, _) = try Self.problem(distances, seed: 2, isMixed: false)
      let product = Matrix(outer: problem.source.weights, problem.target.weights)
      #expect(try GromovWasserstein().solve(problem, from: product).value < most)
    }
  }

  /// Where distances are equal but for a little, the answer is the best of all permutations.
  @Test func nearlyEqualDistancesAreMatchedByTheirDifferences() throws {
    for seed in 0..<40 as Range<UInt64> {
      let (d1, d2) = (
        SymmetricSpaces.nearlyEqual(5, offset: 1e5, seed: seed),
        SymmetricSpaces.nearlyEqual(5, offset: 1e5, seed: seed + 99)
      )
      let best =
        permutations(5).map { order -> Double in
          var sum = 0.0
          for i in 0..<5 {
            for k in 0..<5 {
              let difference = d1[i, k] - d2[order[i], order[k]]
              sum += difference * difference / 25
            }
          }
          return sum
        }.min() ?? 0
      let value = try GromovWasserstein().solve(
        QuadraticProblem(source: .init(distances: d1), target: .init(distances: d2))
      ).value
      #expect(value >= best * (1 - 1e-9) && value <= best * 1.0001, "seed \(seed): \(value), best \(best)")
    }
  }
}
