import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import OptimalTransport

@Suite struct JointEmbeddingTests {
  typealias Convention = JointEmbeddingProblem.Convention

  static func exact(_ epsilon: Double, _ unit: TreeGromovWasserstein.EpsilonUnit, steps: Int) -> JointEmbedding {
    JointEmbedding(
      epsilon: epsilon, epsilonUnit: unit, noise: 0, precision: .double, criterion: .plans,
      stopping: StoppingRule(tolerance: 0, iterationLimit: steps),
      innerStopping: StoppingRule(tolerance: 1e-14, iterationLimit: 100_000))
  }

  /// Runs of an independent implementation in numpy: name, λ, ε and its unit, convention, steps.
  static let runs: [(name: String, epsilon: Double, convention: Convention, steps: Int)] = [
    ("rel_1", 0.02, .normalized, 1), ("rel_5", 0.02, .normalized, 5), ("rel_small_1", 0.003, .normalized, 1),
    ("rel_small_5", 0.003, .normalized, 5), ("rel_small_100", 0.003, .normalized, 100), ("abs_1", 0.05, .objective, 1),
    ("abs_5", 0.05, .objective, 5),
  ]

  @Test(arguments: runs) func referenceRunsAreMet(
    _ run: (name: String, epsilon: Double, convention: Convention, steps: Int)
  ) throws {
    let reference = Reference("joint-embedding-tiny")
    let problem = try JointEmbeddingProblem(
      first: MetricMeasureSpace(distances: reference.matrix("D1"), weights: reference.vector("a")),
      second: MetricMeasureSpace(distances: reference.matrix("D2"), weights: reference.vector("b")),
      target: .symmetric(reference.matrix("DZ")), lambda: 10, convention: run.convention)
    let solver = Self.exact(run.epsilon, run.convention == .objective ? .absolute : .costRange, steps: run.steps)
    let solution = try solver.solve(
      problem, from: (reference.matrix("P1_init"), reference.matrix("P2_init").transposed))
    let known = try reference.vector("\(run.name)_vals")
    let own = [solution.transportCost, solution.distortions.first, solution.distortions.second, solution.value]
    // Their λ is 10 and the squared diameter of Z is 2, so that the objective is at λ 10 in either convention.
    #expect(abs(problem.lambda - 10) < 1e-12)
    for (x, y) in zip(own, known) { #expect(abs(x - y) < 1e-8 * max(abs(y), 0.01)) }
    #expect(absoluteDifference(solution.first.plan.elements, try reference.matrix("\(run.name)_P1").elements) < 1e-8)
    #expect(
      absoluteDifference(solution.second.plan.elements, try reference.matrix("\(run.name)_P2").transposed.elements)
        < 1e-8)
    #expect(solution.iterations == run.steps)
  }

  /// The solver in plain loops over the full 4-tensor, in the words of the definition; three steps.
  @Test(arguments: Convention.allCases) func tensorsOfTinySpacesAgree(_ convention: Convention) throws {
    var random = SeededGenerator(seed: 3, stream: "tiny")
    for trial in 0..<6 {
      let (n1, m, n2) = (2 + trial % 3, 3 + trial % 2, 4 - trial % 3)
      func space(_ count: Int) throws -> MetricMeasureSpace {
        let points = Matrix(rows: count, columns: 2) { _, _ in random.uniform(in: 0...1) }
        let weights = (0..<count).map { _ in random.uniform(in: 0.2...1) }
        return try MetricMeasureSpace(
          distances: squaredDistances(points, points).map { $0.squareRoot() },
          weights: weights.map { $0 / weights.reduce(0, +) })
      }
      let (x, y, z) = (try space(n1), try space(n2), try space(m))
      let (lambda, epsilon) = (exp(random.uniform(in: -1...2)), 0.1)
      let unit: TreeGromovWasserstein.EpsilonUnit = convention == .normalized ? .costRange : .absolute
      let problem = try JointEmbeddingProblem(
        first: x, second: y, target: .symmetric(z.distances), lambda: lambda, convention: convention)

      let (d1, d2, dz) = (x.distances, y.distances, z.distances)
      let largest = dz.elements.reduce(0, max)
      let scale = convention == .normalized ? largest * largest : convention == .objective ? 2 : 1
      var p1 = Matrix(outer: x.weights, [Double](repeating: 1 / Double(m), count: m))
      var p2 = Matrix(outer: y.weights, [Double](repeating: 1 / Double(m), count: m))
      var p0 = Matrix(rows: m, columns: m)
      // The costs of a step as the convention states them, and the ε that goes with them.
      for _ in 0..<3 {
        func induced(_ d: Matrix, _ p: Matrix) -> Matrix {
          Matrix(rows: p.rows, columns: m) { i, k in
            var sum = 0.0
            for j in 0..<p.rows { for l in 0..<m { sum += (d[i, j] - dz[k, l]) * (d[i, j] - dz[k, l]) * p[j, l] } }
            return lambda * sum
          }
        }
        let (c1, c2) = (induced(d1, p1), induced(d2, p2))
        let c0 = dz.map { $0 * $0 / scale }
        func range(_ c: Matrix) -> Double { (c.elements.max() ?? 0) - (c.elements.min() ?? 0) }
        let own = convention == .normalized ? epsilon * max(range(c1), range(c2), range(c0)) : epsilon
        var tensor: [Double] = []
        for i in 0..<n1 {
          for k in 0..<m {
            for l in 0..<m { for j in 0..<n2 { tensor.append(exp(-(c1[i, k] + c0[k, l] + c2[j, l]) / own)) } }
          }
        }
        for _ in 0..<3000 {
          for i in 0..<n1 {
            let sum = tensor[i * m * m * n2..<(i + 1) * m * m * n2].reduce(0, +)
            for place in i * m * m * n2..<(i + 1) * m * m * n2 { tensor[place] *= x.weights[i] / sum }
          }
          for j in 0..<n2 {
            let places = stride(from: j, to: tensor.count, by: n2)
            let sum = places.reduce(0) { $0 + tensor[$1] }
            for place in places { tensor[place] *= y.weights[j] / sum }
          }
        }
        p1 = Matrix(rows: n1, columns: m)
        p2 = Matrix(rows: n2, columns: m)
        p0 = Matrix(rows: m, columns: m)
        for (place, mass) in tensor.enumerated() {
          let (i, k, l, j) = (place / (m * m * n2), place / (m * n2) % m, place / n2 % m, place % n2)
          p1[i, k] += mass
          p0[k, l] += mass
          p2[j, l] += mass
        }
      }
      // λT beside d²: EW at λ/2 and half the ε.
      let solution = try Self.exact(convention == .authors ? epsilon / 2 : epsilon, unit, steps: 3).solve(problem)
      #expect(absoluteDifference(solution.first.plan.elements, p1.elements) < 1e-9)
      #expect(absoluteDifference(solution.second.plan.elements, p2.elements) < 1e-9)
      #expect(absoluteDifference(solution.transport.matrix.elements, p0.elements) < 1e-9)
      let effective = convention == .objective ? lambda : lambda * (convention == .authors ? 1 : scale) / 2
      let value =
        zip(dz.elements, p0.elements).reduce(0) { $0 + $1.0 * $1.0 * $1.1 }
        + effective * (gromovWassersteinByDefinition(d1, dz, p1) + gromovWassersteinByDefinition(d2, dz, p2))
      #expect(abs(solution.value - value) < 1e-9 * value)
    }
  }

  /// Congruent figures on a grid: the images coincide, and the matching is the congruence.
  @Test func congruentFiguresAreMatched() throws {
    var random = SeededGenerator(seed: 1)
    let points = Matrix(rows: 12, columns: 2) { _, k in random.uniform(in: 0...(k == 0 ? 0.8 : 0.5)) }
    let order = random.permutation(12)
    let turned = Matrix(rows: 12, columns: 2) { i, k in
      let p = points[row: order[i]], (c, s) = (cos(0.7), sin(0.7))
      return k == 0 ? c * p[p.startIndex] - s * p[p.startIndex + 1] : s * p[p.startIndex] + c * p[p.startIndex + 1]
    }
    let problem = try JointEmbeddingProblem(
      first: MetricMeasureSpace(geometry: .euclidean(points: points)),
      second: MetricMeasureSpace(geometry: .euclidean(points: turned)),
      target: .lattice(.pixels(rows: 16, columns: 16, unit: 0.07)), lambda: 20, convention: .normalized)
    let best = try (0..<6).map { seed in
      try JointEmbedding(epsilon: 1e-3, annealing: Annealing(start: 2e-2), seed: seed).solve(problem)
    }.min { $0.value < $1.value }
    let solution = try #require(best)
    #expect(solution.status.isConverged)
    let plan = solution.matching.plan
    let hits = (0..<12).count { i in order[(0..<12).max { plan[i, $0] < plan[i, $1] } ?? 0] == i }
    #expect(hits >= 11)
    // Images that coincide are blurred by exp(−½d²/ε), whose mean square in the plane is 2ε.
    #expect(solution.transportCost < 2.1 * solution.epsilon)
    #expect(solution.matching.marginalError < 1e-4)
  }

  /// Units do not matter, those whose squares single precision cannot hold included; asked for by name it is refused
  /// there.
  @Test(arguments: [1e-31, 1e-14, 1, 1e14, 1e31]) func unitsDoNotMatter(unit: Double) throws {
    func solve(_ unit: Double, _ precision: TreeGromovWasserstein.Precision = .adaptive) throws
      -> JointEmbeddingSolution
    {
      let spaces = try [(9, 1), (7, 2)].map { count, seed in
        try MetricMeasureSpace(
          geometry: .euclidean(points: normalPoints(count, dimensions: 2, seed: UInt64(seed)).map { unit * $0 }))
      }
      let problem = try JointEmbeddingProblem(
        first: spaces[0], second: spaces[1], target: .lattice(.pixels(rows: 5, columns: 5, unit: unit)), lambda: 2)
      return try JointEmbedding(epsilon: 0.05, seed: 3, precision: precision).solve(problem)
    }
    let (solution, usual) = (try solve(unit), try solve(1, .double))
    #expect(solution.status.isConverged == usual.status.isConverged)
    #expect(abs(solution.value / (unit * unit) - usual.value) < 1e-3 * usual.value, "\(solution.value) \(usual.value)")
    let mass = solution.first.plan.rowSums.reduce(0, +)
    #expect(abs(mass - 1) < 1e-5, "\(mass)")
    if abs(log10(unit)) > 20 { #expect(throws: ProblemError.self) { try solve(unit, .single) } }
  }

  /// A composed kernel knows nothing of ways through points that had no mass when it was made.
  ///
  /// Where costs change, potentials may move far enough to give them some; then it must be made anew.
  @Test func composedKernelsFollowPotentialsThatMoveFar() throws {
    var random = SeededGenerator(seed: 4)
    let marginals = [
      try TreeMarginal(weights: .uniform(20)), try TreeMarginal(freeOver: 30), try TreeMarginal(weights: .uniform(20)),
    ]
    for _ in 0..<100 {
      let topology = try TreeTopology.chain(3)
      func costs() -> [EdgeMatrix<Float>] {
        [
          EdgeMatrix(Matrix(rows: 20, columns: 30) { _, _ in random.uniform() }),
          EdgeMatrix(Matrix(rows: 30, columns: 20) { _, _ in random.uniform() }),
        ]
      }
      let messages = TreeMessages<Float>(
        topology: topology, marginals: marginals, reference: .uniform, costs: costs(), epsilon: 0.01)
      let scaling = TreeScaling(messages, form: .absorbed)
      for step in 0..<3 {
        let next = costs()
        for (cost, new) in zip(messages.costs, next) where step > 0 {
          for index in 0..<cost.count { cost.elements[index] = 0.5 * cost.elements[index] + 0.5 * new.elements[index] }
        }
        messages.pose(epsilon: 0.01, relaxationScale: 1, constant: 0)
        let run = scaling.solve(StoppingRule(tolerance: 1e-6, iterationLimit: 500))
        let plan = EdgeMatrix<Float>(rows: 20, columns: 30)
        messages.writePlan(0, into: plan)
        let error = absoluteDifference(plan.sums.rows, .uniform(20))
        #expect(error < (run.status.isConverged ? 2e-4 : 0.5))
      }
    }
  }

  @Test func nonsenseIsRefused() throws {
    let space = try MetricMeasureSpace(distances: Matrix(rows: 2, columns: 2) { $0 == $1 ? 0 : 1 })
    let heavy = try MetricMeasureSpace(distances: space.distances, weights: [1, 1])
    #expect(throws: ProblemError.self) {
      try JointEmbeddingProblem(first: space, second: space, target: space.geometry, lambda: 0)
    }
    #expect(throws: ProblemError.self) {
      try JointEmbeddingProblem(first: space, second: heavy, target: space.geometry, lambda: 1)
    }
    let problem = try JointEmbeddingProblem(first: space, second: space, target: space.geometry, lambda: 1)
    #expect(throws: ProblemError.self) { try JointEmbedding(epsilon: -1).solve(problem) }
    #expect(throws: ProblemError.self) {
      try JointEmbedding(epsilon: 0.1).solve(problem, from: (Matrix(rows: 3, columns: 2), Matrix(rows: 2, columns: 2)))
    }
  }
}
