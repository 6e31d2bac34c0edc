import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import OptimalTransport

@Suite struct ConicTests {
  static func network(_ n: Int, seed: UInt64, weights: [Double]? = nil) throws -> Hypernetwork {
    try .network(.dense(normalizedDistances(normalPoints(n, dimensions: 2, seed: seed))), weights: weights)
  }

  static func scaled(_ network: Hypernetwork, by factor: Double) throws -> Hypernetwork {
    try .network(network.values, weights: network.nodes.map { factor * $0 })
  }

  static let precise = ConicGromovWasserstein(
    SemiCouplingAscent(stopping: StoppingRule(tolerance: 1e-10, iterationLimit: 20_000), evaluation: .direct))

  static func squared(
    _ first: Hypernetwork, _ second: Hypernetwork, delta: Double, kernel: ConeKernel = .gaussianHellinger
  ) throws
    -> Double
  {
    try precise.solve(ConicProblem(first: first, second: second, kernel: kernel, delta: delta)).upperSquared
  }

  /// Plain ascent, one sweep a block, by an independent implementation in numpy.
  @Test(arguments: ["conic-ccot-gaussian", "conic-cgw-adjacency", "conic-cgw-cosine"]) func referenceRunsAreMet(
    _ name: String
  ) throws {
    let reference = Reference(name)
    let first = try Hypernetwork(
      values: .dense(reference.matrix("w1")), nodes: reference.vector("mu1"), hyperedges: reference.vector("nu1"))
    let second = try Hypernetwork(
      values: .dense(reference.matrix("w2")), nodes: reference.vector("mu2"), hyperedges: reference.vector("nu2"))
    let delta = try reference.number("delta")
    let kernel: ConeKernel = name.hasSuffix("cosine") ? .wassersteinFisherRao() : .gaussianHellinger
    let problem = try ConicProblem(first: first, second: second, kernel: kernel, delta: delta)
    let steps = Int(try reference.number("iters"))
    for evaluation in [KernelEvaluation.automatic, .direct] {
      let ascent = SemiCouplingAscent(
        sweeps: 1, stopping: StoppingRule(tolerance: 0, iterationLimit: steps), leastIterations: steps + 1,
        evaluation: evaluation)
      let solution = try ConicCoOptimalTransport(ascent).solve(problem)
      #expect(abs(solution.similarity - (try reference.number("F"))) < 1e-10)
      #expect(abs(solution.squaredDistance - (try reference.number("dist2"))) < 1e-10)
      let masses = problem.masses.first + problem.masses.second
      let history = solution.trace.points.map { (masses - ($0.objective ?? .nan) / (delta * delta)) / 2 }
      #expect(
        zip(history, try reference.vector("F_hist")).allSatisfy { abs($0 - $1) < 1e-10 } && history.count == steps)
      for (own, key) in [(solution.nodes.source, "P0"), (solution.nodes.target, "P1")] {
        #expect(largestDifference(own, try reference.matrix(key)) < 1e-10)
      }
      for (own, key) in [(solution.hyperedges.source, "Q0"), (solution.hyperedges.target, "Q1")] {
        #expect(largestDifference(own, try reference.matrix(key)) < 1e-10)
      }
      #expect(!solution.status.isConverged)
    }
  }

  @Test func onePointNetworksHaveAFormula() throws {
    func point(_ value: Double, mass: Double) throws -> Hypernetwork {
      try .network(.dense(Matrix(rows: 1, columns: 1, elements: [value])), weights: [mass])
    }
    for kernel in [ConeKernel.gaussianHellinger, .wassersteinFisherRao(), .wassersteinFisherRao(truncation: .pi)] {
      let (a, b, delta) = (0.7, 1.6, 0.9)
      let value = try Self.squared(point(0.2, mass: a), point(1, mass: b), delta: delta, kernel: kernel)
      #expect(abs(value - delta * delta * (a * a + b * b - 2 * a * b * kernel.value(0.8 / delta))) < 1e-14)
    }
  }

  @Test func massesScaleAsTheyShould() throws {
    let (first, second) = (try Self.network(6, seed: 1), try Self.network(7, seed: 2))
    let delta = 0.4
    let base = try Self.squared(first, second, delta: delta)
    // CGW(r0 μ, r1 μ) = δ |r0 − r1| |μ|: a start that knows the correspondence.
    let (r0, r1) = (1.3, 0.4)
    let diagonal = Matrix(rows: 6, columns: 6) { $0 == $1 ? 1 : 1e-6 }
    let same = try Self.precise.solve(
      ConicProblem(first: Self.scaled(first, by: r0), second: Self.scaled(first, by: r1), delta: delta), from: diagonal)
    #expect(abs(same.distance - delta * (r0 - r1)) < 1e-9)
    // CGW(r μ, r ν) = r CGW(μ, ν), and the rule for two factors.
    #expect(
      abs(try Self.squared(Self.scaled(first, by: r0), Self.scaled(second, by: r0), delta: delta) - r0 * r0 * base)
        < 1e-9)
    let mixed = try Self.squared(Self.scaled(first, by: r0), Self.scaled(second, by: r1), delta: delta)
    #expect(abs(mixed - (r0 * r1 * base + delta * delta * (r0 * r0 - r0 * r1 + r1 * r1 - r0 * r1))) < 1e-9)
  }

  @Test func valuesGrowWithDeltaTowardsGromovWasserstein() throws {
    let (first, second) = (try Self.network(8, seed: 3), try Self.network(8, seed: 4))
    let transport = try QuadraticProblem(
      source: MetricMeasureSpace(distances: first.values.matrix),
      target: MetricMeasureSpace(distances: second.values.matrix))
    let starts = try MultiStart(starts: 20).solve(transport) { problem, start, _ throws(ProblemError) in
      try GromovWasserstein().solve(problem, from: start)
    }
    let best = starts.best
    var (before, gaps) = (0.0, [Double]())
    for delta in [0.1, 0.3, 1, 3, 10, 30] {
      let problem = try ConicProblem(first: first, second: second, delta: delta)
      var ascent = Self.precise.ascent
      ascent.sweeps = delta < 2 ? 10 : 100
      let solution = try ConicGromovWasserstein(ascent).solve(problem, from: best.coupling.plan.map { $0 + 1e-4 })
      #expect(solution.lowerSquared <= solution.upperSquared + 1e-12)
      #expect(solution.upperSquared >= before - 1e-9 && solution.upperSquared <= best.value + 1e-9)
      before = solution.upperSquared
      gaps.append(best.value - solution.upperSquared)
    }
    // The gap falls like δ⁻².
    #expect(gaps[5] < 0.2 * gaps[4] && gaps[4] < 0.2 * gaps[3])
  }

  /// A share e of the mass far away from all: exactly δ√(2e), however far; Gromov–Wasserstein grows with the distance.
  @Test(arguments: [10.0, 1000]) func outliersCostNoMoreThanTheirMass(far: Double) throws {
    let n = 6
    let (share, delta) = (0.1, 0.5)
    let points = Matrix(rows: n + 1, columns: 2) { i, k in
      i == n ? far : normalPoints(n, dimensions: 2, seed: 5)[min(i, n - 1), k]
    }
    let distances = Matrix(rows: n + 1, columns: n + 1) {
      hypot(points[$0, 0] - points[$1, 0], points[$0, 1] - points[$1, 1])
    }
    let clean = try Hypernetwork.network(.dense(Matrix(rows: n, columns: n) { distances[$0, $1] }))
    let spoilt = try Hypernetwork.network(
      .dense(distances), weights: [Double](repeating: (1 - share) / Double(n), count: n) + [share])
    for kernel in [ConeKernel.gaussianHellinger, .wassersteinFisherRao()] {
      let start = Matrix(rows: n, columns: n + 1) { $0 == $1 ? 1 : 1e-9 }
      let solution = try Self.precise.solve(
        ConicProblem(first: clean, second: spoilt, kernel: kernel, delta: delta), from: start)
      #expect(abs(solution.distance - delta * (2 * share).squareRoot()) < 1e-7)
      #expect(solution.coupling.target.columnSums[n] < 1e-7, "the outlier is created, not matched")
    }
  }

  @Test func isomorphicNetworksAreAtDistanceZero() throws {
    let network = try Self.network(7, seed: 6, weights: randomWeights(7, seed: 6))
    var random = SeededGenerator(seed: 6)
    let order = random.permutation(7)
    let renamed = try Hypernetwork.network(
      .dense(Matrix(rows: 7, columns: 7) { network.values.matrix[order[$0], order[$1]] }),
      weights: order.map { network.nodes[$0] })
    let permutation = Matrix(rows: 7, columns: 7) { i, j in order[j] == i ? network.nodes[i] : 0 }
    let solution = try Self.precise.solve(ConicProblem(first: network, second: renamed, delta: 0.5), from: permutation)
    #expect(solution.upperSquared < 1e-14 && solution.status.isConverged)
    #expect(try Self.squared(network, Self.network(7, seed: 7), delta: 0.5) > 1e-3)
  }

  @Test func theSimilarityNeverFallsAndMarginalsAreKept() throws {
    let first = try Hypernetwork(
      values: .dense(normalPoints(9, dimensions: 4, seed: 8)), nodes: randomWeights(9, seed: 1, zeros: [2]),
      hyperedges: randomWeights(4, seed: 2))
    let second = try Hypernetwork(
      values: .dense(normalPoints(8, dimensions: 5, seed: 9)), nodes: randomWeights(8, seed: 3),
      hyperedges: randomWeights(5, seed: 4, zeros: [0]))
    for (kernel, delta) in [
      (ConeKernel.gaussianHellinger, 0.7), (.wassersteinFisherRao(), 0.7),
      (.wassersteinFisherRao(truncation: .pi), 0.5),
    ] {
      let solution = try ConicCoOptimalTransport(SemiCouplingAscent(jitter: 0.1, seed: 2))
        .solve(ConicProblem(first: first, second: second, kernel: kernel, delta: delta))
      let course = solution.trace.points.compactMap(\.objective)
      #expect(zip(course, course.dropFirst()).allSatisfy { $1 <= $0 + 1e-13 } && solution.status.isConverged)
      let marginals = [
        (solution.nodes.source.rowSums, first.nodes), (solution.nodes.target.columnSums, second.nodes),
        (solution.hyperedges.source.rowSums, first.hyperedges),
        (solution.hyperedges.target.columnSums, second.hyperedges),
      ]
      for (sums, masses) in marginals {
        #expect(zip(sums, masses).allSatisfy { $0 <= $1 + 1e-12 })
        // Where the cosine may be negative, some points fit nothing.
        if kernel != .wassersteinFisherRao(truncation: .pi) { #expect(absoluteDifference(sums, masses) < 1e-12) }
      }
      #expect(solution.nodes.matching[row: 2].allSatisfy { $0 == 0 })
      // The value by its definition from what is returned.
      let (s, t) = (solution.nodes.matching, solution.hyperedges.matching)
      var similarity = 0.0
      for i in 0..<9 {
        for j in 0..<8 {
          for k in 0..<4 {
            for l in 0..<5 {
              similarity +=
                kernel.value((first.values.matrix[i, k] - second.values.matrix[j, l]) / delta) * s[i, j] * t[k, l]
            }
          }
        }
      }
      #expect(abs(similarity - solution.similarity) < 1e-10)
    }
  }

  /// The product of masses is nearly stationary: a rule that looks at one change would end there.
  @Test func theProductIsLeft() throws {
    var random = SeededGenerator(seed: 10)
    func graph() throws -> Hypernetwork {
      let points = (0..<25).map { _ in (random.uniform(), random.uniform()) }
      var ones: [(row: Int, column: Int)] = []
      for i in 0..<25 {
        for j in 0..<25 where i != j && hypot(points[i].0 - points[j].0, points[i].1 - points[j].1) < 0.3 {
          ones.append((i, j))
        }
      }
      return try .network(.adjacency(Adjacency(rows: 25, columns: 25, ones: ones)))
    }
    let problem = try ConicProblem(first: graph(), second: graph(), delta: 3)
    let early = try ConicGromovWasserstein(
      SemiCouplingAscent(stopping: StoppingRule(tolerance: 1e-7, iterationLimit: 10))
    ).solve(problem)
    let solution = try ConicGromovWasserstein().solve(problem)
    #expect(!early.status.isConverged && solution.status.isConverged)
    #expect(solution.upperSquared < 0.8 * early.upperSquared)
    let continued = try ConicGromovWasserstein(SemiCouplingAscent(continuation: [0.5, 1, 2])).solve(problem)
    #expect(continued.status.isConverged && continued.upperSquared < 1.1 * solution.upperSquared)
  }

  /// The semi-coupling of the upper value is one of the relaxed problem, however early the ascent ends.
  @Test func theLowerValueIsNeverAbove() throws {
    for seed in 0..<40 {
      var random = SeededGenerator(seed: UInt64(seed), stream: "graphs")
      func graph() throws -> Hypernetwork {
        let n = 3 + random.integer(below: 4)
        let pairs = (0..<2 + random.integer(below: 7)).map { _ in
          (row: random.integer(below: n), column: random.integer(below: n))
        }
        return try .network(.adjacency(Adjacency(rows: n, columns: n, ones: pairs + pairs.map { ($0.column, $0.row) })))
      }
      let problem = try ConicProblem(first: graph(), second: graph(), kernel: .gaussianHellinger, delta: 3)
      for limit in [1, 5, 200] {
        let solution = try ConicGromovWasserstein(
          SemiCouplingAscent(stopping: .init(tolerance: 1e-7, iterationLimit: limit))
        ).solve(
          problem)
        #expect(solution.lowerSquared <= solution.upperSquared, "\(seed), \(limit)")
      }
    }
  }

  @Test func nothingAlikeDestroysAllMass() throws {
    let first = try Hypernetwork.network(.dense(Matrix(rows: 3, columns: 3, repeating: 0)))
    let second = try Hypernetwork.network(
      .dense(Matrix(rows: 4, columns: 4, repeating: 1e6)), weights: .init(repeating: 0.5, count: 4))
    for kernel in [ConeKernel.gaussianHellinger, .wassersteinFisherRao()] {
      let solution = try ConicGromovWasserstein().solve(
        ConicProblem(first: first, second: second, kernel: kernel, delta: 1))
      #expect(abs(solution.upperSquared - (1 + 4)) < 1e-12 && solution.status.isConverged)
      #expect(
        solution.coupling.source.elements.allSatisfy { $0.isFinite }
          && solution.coupling.matching.elements.allSatisfy { $0 < 1e-12 })
    }
  }

  @Test func nonsenseIsRefused() throws {
    let network = try Self.network(3, seed: 11)
    let matrix = network.values.matrix
    #expect(throws: ProblemError.self) { try ConicProblem(first: network, second: network, delta: 0) }
    #expect(throws: ProblemError.self) { try ConicProblem(first: network, second: network, delta: .nan) }
    #expect(throws: ProblemError.self) {
      try ConicProblem(first: network, second: network, kernel: .wassersteinFisherRao(truncation: 4), delta: 1)
    }
    #expect(throws: ProblemError.negativeWeight(name: "the weights of the network", index: 1, value: -1)) {
      try Hypernetwork.network(.dense(matrix), weights: [1, -1, 1])
    }
    #expect(throws: ProblemError.zeroMass(name: "the weights of an image")) {
      try Hypernetwork.network(.dense(matrix), weights: [0, 0, 0], name: "an image")
    }
    #expect(throws: ProblemError.self) { try Hypernetwork.network(.dense(Matrix(rows: 2, columns: 3))) }
    #expect(throws: ProblemError.self) {
      try Hypernetwork(values: .dense(Matrix(rows: 1, columns: 1, elements: [.nan])))
    }
    #expect(throws: ProblemError.self) { try Adjacency(rows: 2, columns: 2, ones: [(0, 2)]) }
    let data = try Hypernetwork(values: .dense(matrix))
    #expect(throws: ProblemError.self) {
      try ConicGromovWasserstein().solve(ConicProblem(first: data, second: network, delta: 1))
    }
    #expect(throws: ProblemError.self) {
      try ConicGromovWasserstein().solve(
        ConicProblem(first: network, second: network, delta: 1), from: Matrix(rows: 3, columns: 3))
    }
    #expect(throws: ProblemError.self) {
      try ConicGromovWasserstein(SemiCouplingAscent(continuation: [-1])).solve(
        ConicProblem(first: network, second: network, delta: 1))
    }
  }
}
