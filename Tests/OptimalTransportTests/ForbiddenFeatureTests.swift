import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

/// Fused Gromov–Wasserstein with pairs that are forbidden, by +∞ or by costs far beyond all others.
@Suite struct ForbiddenFeatureTests {
  private func problem(_ price: Double, seed: UInt64, alpha: Double) throws -> QuadraticProblem {
    var random = SeededGenerator(seed: seed, stream: "features")
    let features = Matrix(rows: 9, columns: 9) { i, j in
      let value = random.uniform()
      return random.uniform() < 0.5 && i != j ? price : value
    }
    return try QuadraticProblem(
      source: .init(distances: normalizedDistances(normalPoints(9, dimensions: 2, seed: seed))),
      target: .init(distances: normalizedDistances(normalPoints(9, dimensions: 2, seed: seed + 100))),
      features: features, alpha: alpha)
  }

  /// What the best step to first order would gain, by four loops' derivative and a solver of another kind.
  private func gain(_ problem: QuadraticProblem, _ plan: Matrix) throws -> Double {
    let (d1, d2) = (problem.source.distances, problem.target.distances)
    let features = try #require(problem.features)
    let gradient = Matrix(rows: 9, columns: 9) { i, j in
      var sum = 0.0
      for k in 0..<9 { for l in 0..<9 { sum += (d1[i, k] - d2[j, l]) * (d1[i, k] - d2[j, l]) * plan[k, l] } }
      return features[i, j] >= 1e9 ? .infinity : (1 - problem.alpha) * features[i, j] + 2 * problem.alpha * sum
    }
    let unit = 0x1p50
    let whole = (0..<9).map { i in (0..<9).map { j in gradient[i, j] < .infinity ? Int128(gradient[i, j] * unit) : nil }
    }
    let ones = [Int](repeating: 1, count: 9)
    let best = Double(try #require(wholeNumberOptimum(whole, supply: ones, demand: ones))) / unit / 9
    return (0..<81).reduce(0) { $0 + (plan.elements[$1] > 0 ? gradient.elements[$1] * plan.elements[$1] : 0) } - best
  }

  @Test(arguments: [1e9, 1e12, 1e14, 1e16, .infinity], [0, 0.5])
  func noForbiddenPairIsUsedAndNothingIsGained(price: Double, alpha: Double) throws {
    for seed in 0..<10 as Range<UInt64> {
      let problem = try problem(price, seed: seed, alpha: alpha)
      for starts in [1, 4] {
        let solution = try MultiStart(starts: starts).solve(problem) { problem, start, _ throws(ProblemError) in
          try GromovWasserstein().solve(problem, from: start)
        }.best
        let plan = solution.coupling.plan
        let features = try #require(problem.features)
        let isAllowed = zip(plan.elements, features.elements).allSatisfy { $0 < 1e-12 || $1 < 1e9 }
        #expect(isAllowed)
        #expect(solution.coupling.marginalError < 1e-9 && solution.value < 2)
        if solution.status.isConverged { #expect(try gain(problem, plan) < 1e-8, "seed \(seed), \(starts) starts") }
      }
    }
  }

  @Test func noPlanIsASentenceAndSoIsAnotherSolver() throws {
    let space = try MetricMeasureSpace(distances: normalizedDistances(normalPoints(3, dimensions: 1, seed: 1)))
    let blocked = Matrix(rows: 3, columns: 3) { $1 == 2 ? .infinity : Double($0) }
    let problem = try QuadraticProblem(source: space, target: space, features: blocked, alpha: 0.5)
    let error = #expect(throws: ProblemError.self) { try GromovWasserstein().solve(problem) }
    #expect("\(String(describing: error))".contains("forbidden"))
    #expect(throws: ProblemError.self) { try EntropicGromovWasserstein(epsilon: 0.1).solve(problem) }
    #expect(throws: ProblemError.self) { try UnbalancedGromovWasserstein(epsilon: 0.1).solve(problem) }
  }
}
