import Foundation
import LinearAlgebra
import OptimalTransport
import TestSupport
import Testing

@Suite struct GromovWassersteinTests {
  static func random(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
    var random = SeededGenerator(seed: seed, stream: "matrix")
    return Matrix(rows: rows, columns: columns) { _, _ in random.uniform() }
  }

  /// (1 − α) ⟨M, P⟩ + α Σ K_ik (D1_ik − D2_jl)² P_ij P_kl, by loops.
  static func objective(_ problem: QuadraticProblem, _ p: Matrix) -> Double {
    let quadratic = gromovWassersteinByDefinition(
      problem.source.distances, problem.target.distances, p, kernel: problem.proximity)
    let linear = problem.features.map { dot($0.elements, p.elements) } ?? 0
    return (1 - problem.alpha) * linear + problem.alpha * quadratic
  }

  static func fused(seed: UInt64, alpha: Double = 0.6, bandwidth: Double? = nil) throws -> QuadraticProblem {
    let plain = try EntropicGromovWassersteinTests.problem(7, 6, seed: seed, zeros: ([2], [0]))
    let kernel = try bandwidth.map {
      try ProximityKernel(bandwidth: $0).matrix(distances: plain.source.distances, weights: plain.source.weights)
    }
    return try QuadraticProblem(
      source: plain.source, target: plain.target, features: Self.random(7, 6, seed: seed), alpha: alpha,
      proximity: kernel)
  }

  /// Geometries and kernels, each against four loops and finite differences at a plan with marginals of its own.
  ///
  /// Their squares would be lost, and any plan would look exact.
  @Test func distancesTooSmallToBeSquaredAreRefused() throws {
    let distances = normalizedDistances(normalPoints(5, dimensions: 2, seed: 3))
    for geometry in [
      DistanceGeometry.symmetric(distances.map { 1e-80 * $0 }), .asymmetric(distances.map { 1e-80 * $0 }),
    ] {
      let error = #expect(throws: ProblemError.self) { try MetricMeasureSpace(geometry: geometry) }
      #expect(error?.description.contains("the largest magnitude in the distance matrix is 1e-80") == true)
    }
    #expect(throws: ProblemError.self) {
      try MetricMeasureSpace(geometry: .euclidean(points: Matrix(rows: 2, columns: 1, elements: [0, 1e-80])))
    }
    _ = try MetricMeasureSpace(geometry: .symmetric(distances.map { 1e-60 * $0 }))
    _ = try MetricMeasureSpace(geometry: .symmetric(Matrix(rows: 3, columns: 3)))
  }

  @Test func costsAgreeWithTheFourTensorAndItsGradient() throws {
    let points = (normalPoints(7, dimensions: 3, seed: 1), normalPoints(6, dimensions: 2, seed: 2))
    let networks = (Self.random(7, 7, seed: 3), Self.random(6, 6, seed: 4))
    func space(_ geometry: DistanceGeometry) throws -> MetricMeasureSpace { try MetricMeasureSpace(geometry: geometry) }
    let problems = [
      try QuadraticProblem(
        source: space(.squaredEuclidean(points: points.0)), target: space(.squaredEuclidean(points: points.1))),
      try QuadraticProblem(source: space(.euclidean(points: points.0)), target: space(.euclidean(points: points.1))),
      try QuadraticProblem(
        source: space(.euclidean(points: points.0)), target: space(.symmetric(squaredDistances(points.1, points.1)))),
      try QuadraticProblem(source: space(.asymmetric(networks.0)), target: space(.asymmetric(networks.1))),
      try QuadraticProblem(source: space(.asymmetric(networks.0)), target: space(.euclidean(points: points.1))),
      try QuadraticProblem(source: space(.asymmetric(networks.0)), target: space(.squaredEuclidean(points: points.1))),
      try QuadraticProblem(source: space(.squaredEuclidean(points: points.0)), target: space(.asymmetric(networks.1))),
      try QuadraticProblem(
        source: space(.asymmetric(networks.0)), target: space(.symmetric(squaredDistances(points.1, points.1)))),
      try Self.fused(seed: 5, alpha: 1, bandwidth: 0.3),
      try Self.fused(seed: 6, alpha: 1),
    ]
    let plan = Self.random(7, 6, seed: 7)
    for problem in problems {
      let plain = try QuadraticProblem(source: problem.source, target: problem.target, proximity: problem.proximity)
      var cost = QuadraticCost(plain)
      let value = cost.refresh(plan)
      let expected = Self.objective(plain, plan)
      #expect(abs(value - expected) < 1e-12 * expected)
      for i in 0..<7 {
        for j in 0..<6 {
          var (above, below) = (plan, plan)
          above[i, j] += 1e-5
          below[i, j] -= 1e-5
          let slope = (Self.objective(plain, above) - Self.objective(plain, below)) / 2e-5
          #expect(abs(slope - 2 * cost.matrix[i, j]) < 1e-7 * (1 + abs(slope)))
        }
      }
      // But for a function of the rows and one of the columns.
      let outerValue = cost.refresh(outer: plan.rowSums, plan.columnSums)
      let product = cost.matrix
      let denseValue = cost.refresh(Matrix(outer: plan.rowSums, plan.columnSums))
      #expect(abs(outerValue - denseValue) < 1e-11 * denseValue)
      let difference = Matrix(rows: 7, columns: 6) { product[$0, $1] - cost.matrix[$0, $1] }
      for i in 0..<7 {
        for j in 0..<6 {
          #expect(abs(difference[i, j] - difference[i, 0] - difference[0, j] + difference[0, 0]) < 1e-11 * expected)
        }
      }
      cost.refresh(plan)
      let entries = Coupling(plan: plan, source: plan.rowSums, target: plan.columnSums).entries
      let dense = cost.matrix
      cost.refresh(entries)
      #expect(largestDifference(cost.matrix, dense) < 1e-12 * expected)
    }
  }

  /// A case of an independent implementation: first vertex, line search, values, gaps and the plan.
  @Test func agreesWithTheKernelReference() throws {
    let reference = Reference("quadratic-fot-kernel")
    let problem = try QuadraticProblem(
      source: MetricMeasureSpace(distances: reference.matrix("D1"), weights: reference.vector("a")),
      target: MetricMeasureSpace(distances: reference.matrix("D2"), weights: reference.vector("b")),
      features: reference.matrix("M"),
      alpha: 0.7, proximity: reference.matrix("K"))
    let start = try reference.matrix("P0")
    var cost = QuadraticCost(problem)
    let quadratic = cost.refresh(start)
    let features = try #require(problem.features)
    #expect(
      abs(0.3 * dot(features.elements, start.elements) + 0.7 * quadratic - (try reference.number("value0"))) < 1e-14)
    let gradient = try reference.matrix("gradient0")
    for i in 0..<8 {
      for j in 0..<7 { #expect(abs(0.3 * features[i, j] + 1.4 * cost.matrix[i, j] - gradient[i, j]) < 1e-13) }
    }
    let solution = try GromovWasserstein().solve(problem, from: start)
    #expect(solution.status == .converged)
    #expect(largestDifference(solution.coupling.plan, try reference.matrix("plan")) < 1e-12)
    let values = try reference.vector("value_history")
    #expect(abs(solution.value - values[values.count - 1]) < 1e-13)
    #expect(zip(solution.trace.points, values).allSatisfy { abs(($0.objective ?? 0) - $1) < 1e-13 })
    // gap_history is absolute, our residual relative to the objective at the product plan.
    let scale = Self.objective(problem, Matrix(outer: problem.source.weights, problem.target.weights))
    let gaps = try reference.vector("gap_history")
    #expect(abs(solution.trace.points[0].residual * scale - gaps[0]) < 1e-12)
  }

  /// 600 random problems of sizes 1 to 7: the objective never rises, the value is the definition's, the marginals hold,
  /// and where the status is `converged` no vertex of the polytope is a descent direction.
  @Test func randomProblemsDescendToStationaryPoints() throws {
    var random = SeededGenerator(seed: 30)
    for seed in 0..<600 as Range<UInt64> {
      let (n, m) = (1 + random.integer(below: 7), 1 + random.integer(below: 7))
      func weights(_ count: Int) -> [Double] {
        let zeros = (1..<max(count, 2)).filter { $0 < count && random.uniform() < 0.25 }
        return randomWeights(count, seed: seed, zeros: zeros)
      }
      let (a, b) = (weights(n), weights(m))
      let d1 = normalizedDistances(normalPoints(n, dimensions: 2, seed: seed)).map { $0.isFinite ? $0 : 0 }
      let d2 = normalizedDistances(normalPoints(m, dimensions: 3, seed: seed + 1)).map { $0.isFinite ? $0 : 0 }
      let isFused = seed % 2 == 0
      let kernel = seed % 3 == 0 ? try ProximityKernel(bandwidth: 0.3).matrix(distances: d1, weights: a) : nil
      let problem = try QuadraticProblem(
        source: .init(distances: d1, weights: a), target: .init(distances: d2, weights: b),
        features: isFused ? Self.random(n, m, seed: seed) : nil, alpha: isFused ? 0.8 : nil, proximity: kernel)
      let solution = try GromovWasserstein(stopping: .init(tolerance: 1e-10, iterationLimit: 3000)).solve(problem)
      let plan = solution.coupling.plan
      #expect(plan.elements.allSatisfy { $0 >= 0 && $0.isFinite })
      #expect(solution.coupling.marginalError < 1e-12)
      let value = Self.objective(problem, plan)
      #expect(abs(solution.value - value) < 1e-12)
      let objectives = solution.trace.points.compactMap(\.objective)
      for (before, after) in zip(objectives, objectives.dropFirst()) { #expect(after <= before + 1e-13) }
      guard solution.status == .converged else { continue }
      for other in [
        Matrix(outer: a, b),
        try NetworkSimplex().solve(.init(cost: Self.random(n, m, seed: seed + 9), source: a, target: b)).coupling.plan,
      ] {
        let t = 1e-6
        let moved = Matrix(rows: n, columns: m) { (1 - t) * plan[$0, $1] + t * other[$0, $1] }
        #expect(Self.objective(problem, moved) > value - 1e-9 * t - 1e-14 - 4 * t * t)
      }
    }
  }

  /// On uniform weights the best of all permutations bounds what starts find, and enough starts find it.
  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func startsFindTheBestPermutation(seed: UInt64) throws {
    let problem = try QuadraticProblem(
      source: EntropicGromovWassersteinTests.space(6, seed: seed),
      target: EntropicGromovWassersteinTests.space(6, seed: seed + 70))
    let best =
      permutations(6).map { order in
        Self.objective(problem, Matrix(rows: 6, columns: 6) { order[$0] == $1 ? 1.0 / 6 : 0 })
      }.min() ?? 0
    let report = try MultiStart(starts: 40, seed: seed).solve(problem) { problem, start, _ throws(ProblemError) in
      try GromovWasserstein().solve(problem, from: start)
    }
    #expect(report.best.value < best + 1e-12)
    #expect(report.values.count == 40 && report.basins.reduce(0) { $0 + $1.starts.count } == 40)
    #expect(report.spread == (report.values.max() ?? 0) - report.best.value)
    // A second call draws the same starts.
    let plans = try MultiStart(starts: 20, seed: seed).plans(for: problem)
    #expect(plans == (try MultiStart(starts: 20, seed: seed).plans(for: problem)))
  }

  @Test func isometricCopiesAreRecovered() throws {
    let points = normalPoints(40, dimensions: 2, seed: 31)
    var random = SeededGenerator(seed: 32)
    let order = random.permutation(40)
    for geometry in [DistanceGeometry.euclidean, DistanceGeometry.squaredEuclidean] {
      let problem = try QuadraticProblem(
        source: MetricMeasureSpace(geometry: geometry(points)),
        target: MetricMeasureSpace(geometry: geometry(points.selectingRows(order))))
      let report = try MultiStart(starts: 12).solve(problem) { problem, start, _ throws(ProblemError) in
        try GromovWasserstein().solve(problem, from: start)
      }
      #expect(report.best.value < 1e-12)
      #expect((0..<40).allSatisfy { report.best.coupling.plan[order[$0], $0] > 0.024 })
    }
  }

  @Test func alphaZeroIsLinearTransportAndAWideKernelIsNone() throws {
    let linear = try Self.fused(seed: 40, alpha: 0)
    let expected = try NetworkSimplex().solve(
      LinearProblem(cost: #require(linear.features), source: linear.source.weights, target: linear.target.weights))
    #expect(abs(try GromovWasserstein().solve(linear).value - expected.value) < 1e-14)
    let (plain, wide) = (try Self.fused(seed: 41), try Self.fused(seed: 41, bandwidth: 1e9))
    #expect(
      largestDifference(
        try GromovWasserstein().solve(plain).coupling.plan, try GromovWasserstein().solve(wide).coupling.plan) < 1e-12)
  }

  /// The entropic solver's fixed point on the same fused, kernel-weighted problem: P ∝ a⊗b exp(−H(P)/ε) up to
  /// potentials.
  @Test func entropicFixedPointSatisfiesItsEquation() throws {
    let problem = try Self.fused(seed: 42, bandwidth: 0.4)
    let epsilon = 0.05
    let solution = try EntropicGromovWasserstein(
      epsilon: epsilon, stopping: .init(tolerance: 1e-13, iterationLimit: 3000),
      innerStopping: .init(tolerance: 1e-14, iterationLimit: 5000)
    ).solve(problem)
    #expect(solution.status == .converged)
    let (a, b) = (problem.source.weights, problem.target.weights)
    var cost = QuadraticCost(problem)
    cost.refresh(solution.coupling.plan)
    let (phi, psi) = (solution.potentials.source, solution.potentials.target)
    let features = try #require(problem.features)
    for i in 0..<7 {
      for j in 0..<6 {
        let half = 0.6 * cost.matrix[i, j] + 0.2 * features[i, j]
        #expect(abs(solution.coupling.plan[i, j] - a[i] * b[j] * exp((phi[i] + psi[j] - half) / epsilon)) < 1e-10)
      }
    }
    let entropy = relativeEntropyByDefinition(
      solution.coupling.plan, a.map { max($0, 1e-300) }, b.map { max($0, 1e-300) })
    #expect(
      abs(solution.regularizedValue - Self.objective(problem, solution.coupling.plan) - 2 * epsilon * entropy) < 1e-10)
  }

  @Test func rejectsUnfitInput() throws {
    let problem = try Self.fused(seed: 43)
    let (source, target) = (problem.source, problem.target)
    for alpha in [-0.1, 1.1, .nan] {
      #expect(throws: ProblemError.self) {
        try QuadraticProblem(source: source, target: target, features: Matrix(rows: 7, columns: 6), alpha: alpha)
      }
    }
    #expect(throws: ProblemError.self) { try QuadraticProblem(source: source, target: target, alpha: 0.5) }
    #expect(throws: ProblemError.self) {
      try QuadraticProblem(source: source, target: target, features: Matrix(rows: 6, columns: 7))
    }
    #expect(throws: ProblemError.self) {
      try QuadraticProblem(source: source, target: target, proximity: Matrix(rows: 7, columns: 7, repeating: -1))
    }
    #expect(throws: ProblemError.self) {
      try ProximityKernel(bandwidth: 0).matrix(distances: source.distances, weights: source.weights)
    }
    #expect(throws: ProblemError.self) {
      try MetricMeasureSpace(geometry: .euclidean(points: Matrix(rows: 3, columns: 0)))
    }
    #expect(throws: ProblemError.self) {
      try MetricMeasureSpace(distances: Matrix(rows: 2, columns: 2, repeating: 1e80))
    }
    #expect(throws: ProblemError.self) {
      try GromovWasserstein().solve(problem, from: Matrix(rows: 7, columns: 6, repeating: 1))
    }
    let relaxed = try QuadraticProblem(source: source, target: target, relaxation: .relaxed(1))
    #expect(throws: ProblemError.self) { try GromovWasserstein().solve(relaxed) }
    #expect(throws: ProblemError.self) { try EntropicGromovWasserstein(epsilon: 0.1).solve(relaxed) }
    #expect(throws: ProblemError.self) {
      try MultiStart(starts: 0).solve(problem) { problem, start, _ throws(ProblemError) in
        try GromovWasserstein().solve(problem, from: start)
      }
    }
  }
}
