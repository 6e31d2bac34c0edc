import Foundation
import LinearAlgebra
import Testing

@testable import OptimalTransport

/// Random small trees, checked on the full tensor of all points of all nodes.
@Suite struct TreeTensorTests {
  struct Tree {
    let topology: TreeTopology
    let marginals: [TreeMarginal]
  }

  /// A random tree of 2 to 5 nodes of 1 to 4 points; prescribed marginals have one mass, some weights are zero.
  static func tree(_ random: inout SeededGenerator, free: Bool = true) throws -> Tree {
    let count = 2 + Int(random.next() % 4)
    let edges = (1..<count).map { node in (Int(random.next() % UInt64(node)), node) }
    let mass = exp(random.uniform(in: -3...3))
    let marginals = try (0..<count).map { _ in
      let size = 1 + Int(random.next() % 4)
      let kind = random.next() % 4
      if kind == 0, free { return try TreeMarginal(freeOver: size) }
      var weights = (0..<size).map { _ in random.uniform(in: 0...1) < 0.2 ? 0 : random.uniform(in: 0.1...1) }
      weights[0] += 0.1
      let total = weights.reduce(0, +)
      return try TreeMarginal(
        weights: weights.map { $0 / total * (kind < 3 ? mass : exp(random.uniform(in: -1...1))) },
        relaxation: kind < 3 ? .infinity : exp(random.uniform(in: -3...2)))
    }
    return Tree(topology: try TreeTopology(nodeCount: count, edges: edges), marginals: marginals)
  }

  /// All index tuples of a tensor, with the value of `body` at each.
  private func tensor(_ sizes: [Int], _ body: ([Int]) -> Double) -> [(index: [Int], value: Double)] {
    var result: [(index: [Int], value: Double)] = []
    var index = sizes.map { _ in 0 }
    while true {
      result.append((index, body(index)))
      var place = sizes.count - 1
      while place >= 0, index[place] + 1 == sizes[place] {
        index[place] = 0
        place -= 1
      }
      if place < 0 { return result }
      index[place] += 1
    }
  }

  @Test(arguments: TreeSinkhorn.Form.allCases) func solutionsAreOptimalTensors(_ form: TreeSinkhorn.Form) throws {
    var random = SeededGenerator(seed: 5)
    var converged = 0
    for trial in 0..<400 {
      let tree = try Self.tree(&random)
      let epsilon = exp(random.uniform(in: -4...1))
      let costs = tree.topology.edges.map { edge in
        Matrix(rows: tree.marginals[edge.first].count, columns: tree.marginals[edge.second].count) { _, _ in
          random.uniform(in: 0...1)
        }
      }
      let reference: TreeReference = [.counting, .uniform, .product][Int(random.next() % 3)]
      let problem = try MultiMarginalProblem(
        topology: tree.topology, marginals: tree.marginals, costs: costs, reference: reference)
      let solution = try TreeSinkhorn(
        epsilon: epsilon, form: form, stopping: StoppingRule(tolerance: 1e-12, iterationLimit: 20_000)
      )
      .solve(problem)
      if solution.status.isConverged { converged += 1 } else { continue }
      let measures = tree.marginals.indices.map { reference.measure(of: $0, tree.marginals[$0]) }
      var (value, mass, referenceMass) = (0.0, 0.0, 0.0)
      var nodes = tree.marginals.map { [Double](repeating: 0, count: $0.count) }
      var plans = costs.map { Matrix(rows: $0.rows, columns: $0.columns) }
      let entries = tensor(tree.marginals.map(\.count)) { index in
        var exponent = 0.0
        for node in index.indices { exponent += solution.potentials[node][index[node]] }
        for (edge, ends) in tree.topology.edges.enumerated() {
          exponent -= costs[edge][index[ends.first], index[ends.second]]
        }
        return exp(exponent / epsilon) * index.indices.reduce(1) { $0 * measures[$1][index[$1]] }
      }
      for (index, p) in entries {
        let r = index.indices.reduce(1) { $0 * measures[$1][index[$1]] }
        mass += p
        referenceMass += r
        if p > 0 { value += epsilon * p * log(p / r) }
        for node in index.indices { nodes[node][index[node]] += p }
        for (edge, ends) in tree.topology.edges.enumerated() {
          plans[edge][index[ends.first], index[ends.second]] += p
          value += p * costs[edge][index[ends.first], index[ends.second]]
        }
      }
      value += epsilon * (referenceMass - mass)
      let scale = max(mass, 1)
      for (node, marginal) in tree.marginals.enumerated() {
        #expect(
          absoluteDifference(nodes[node], solution.nodeMarginals[node]) < 1e-10 * scale, "node \(node) of \(trial)")
        guard let weights = marginal.weights else { continue }
        for x in weights.indices where weights[x] > 0 {
          // First-order optimality, which makes the tensor the minimiser of a convex problem.
          let asked =
            marginal.isFixed ? weights[x] : weights[x] * exp(-solution.potentials[node][x] / marginal.relaxation)
          #expect(abs(nodes[node][x] - asked) < 1e-9 * scale, "node \(node) of \(trial)")
          if !marginal.isFixed {
            value += marginal.relaxation * (nodes[node][x] * log(nodes[node][x] / weights[x]) - nodes[node][x])
          }
          if !marginal.isFixed { value += marginal.relaxation * weights[x] }
        }
      }
      for edge in plans.indices {
        #expect(
          absoluteDifference(plans[edge].elements, solution.edgePlans[edge].elements) < 1e-10 * scale,
          "edge \(edge) of \(trial)")
      }
      #expect(abs(value - solution.value) < 1e-9 * max(1, abs(value)), "value of \(trial)")
    }
    #expect(converged > 390)
  }

  /// Costs of 1e15 ε: messages meet every residual, but double precision does not resolve them.
  @Test(arguments: TreeSinkhorn.Form.allCases) func convergedMeansThatThePlansMeetTheirConditions(
    _ form: TreeSinkhorn.Form
  ) throws {
    var random = SeededGenerator(seed: 12)
    for _ in 0..<100 {
      let tree = try Self.tree(&random, free: false)
      let scale = pow(10, random.uniform(in: 0...18))
      let costs = tree.topology.edges.map { edge in
        Matrix(rows: tree.marginals[edge.first].count, columns: tree.marginals[edge.second].count) { _, _ in
          scale * random.uniform(in: 0...1)
        }
      }
      let problem = try MultiMarginalProblem(topology: tree.topology, marginals: tree.marginals, costs: costs)
      let solution = try TreeSinkhorn(
        epsilon: 1, form: form, stopping: StoppingRule(tolerance: 1e-9, iterationLimit: 200)
      ).solve(problem)
      #expect(solution.nodeMarginals.allSatisfy { $0.allSatisfy { $0.isFinite } })
      guard solution.status.isConverged else { continue }
      for (node, marginal) in tree.marginals.enumerated() where marginal.isFixed {
        let weights = marginal.weights ?? []
        #expect(absoluteDifference(solution.nodeMarginals[node], weights) < 1e-8 * weights.reduce(0, +))
      }
    }
  }

  @Test func objectiveNeverRises() throws {
    var random = SeededGenerator(seed: 8)
    for trial in 0..<120 {
      let tree = try Self.tree(&random)
      let spaces = try tree.marginals.map { marginal in
        let points = Matrix(rows: marginal.count, columns: 2) { _, _ in random.uniform(in: 0...1) }
        return try TreeGromovWassersteinProblem.Space(geometry: .euclidean(points: points), marginal: marginal)
      }
      let isFused = trial % 2 == 0
      let features = tree.topology.edges.map { edge in
        Matrix(rows: tree.marginals[edge.first].count, columns: tree.marginals[edge.second].count) { _, _ in
          random.uniform(in: 0...1)
        }
      }
      let problem = try TreeGromovWassersteinProblem(
        topology: tree.topology, spaces: spaces, edgeWeights: features.map { _ in random.uniform(in: 0.2...1) },
        features: isFused ? features : nil, reference: trial % 3 == 0 ? .counting : .uniform)
      let solution = try TreeGromovWasserstein(
        epsilon: exp(random.uniform(in: -4...0)), noise: 0, precision: .double,
        stopping: StoppingRule(tolerance: 0, iterationLimit: 12),
        innerStopping: StoppingRule(tolerance: 1e-14, iterationLimit: 20_000)
      ).solve(problem)
      let values = solution.trace.points.compactMap(\.objective)
      let size = values.reduce(1e-3) { max($0, abs($1)) }
      for (before, after) in zip(values, values.dropFirst()) {
        #expect(after <= before + 1e-10 * size, "trial \(trial): \(before) to \(after)")
      }
      #expect(solution.nodeMarginals.allSatisfy { $0.allSatisfy { $0.isFinite } })
    }
  }

  /// Where ε is less than what costs are rounded by, exponentials of them are no numbers.
  @Test(arguments: [TreeSinkhorn.Form.logarithmic, .absorbed]) func plansBeyondTheRangeOfNumbersAreRefused(
    form: TreeSinkhorn.Form
  ) throws {
    let problem = try MultiMarginalProblem(
      topology: TreeTopology(nodeCount: 3, edges: [(0, 1), (1, 2)]),
      marginals: [TreeMarginal(freeOver: 1), TreeMarginal(weights: [0.25, 0.5, 0.25]), TreeMarginal(freeOver: 3)],
      costs: [
        Matrix(rows: 1, columns: 3, repeating: 1),
        Matrix(rows: 3, columns: 3, elements: [0.1, 0.2, 0.3, 0.2, 0.1, 0.7, 0.3, 0.2, 0.1]),
      ])
    let solver = TreeSinkhorn(epsilon: 1e-30, form: form, stopping: StoppingRule(tolerance: 1e-9, iterationLimit: 20))
    #expect(throws: ProblemError.self) { try solver.solve(problem) }
  }

  @Test func treesAreChecked() {
    #expect(throws: ProblemError.self) { try TreeTopology(nodeCount: 3, edges: [(0, 1), (1, 0)]) }
    #expect(throws: ProblemError.self) { try TreeTopology(nodeCount: 3, edges: [(0, 1)]) }
    #expect(throws: ProblemError.self) { try TreeTopology(nodeCount: 2, edges: [(0, 2)]) }
    #expect(throws: ProblemError.self) { try TreeTopology(nodeCount: 2, edges: [(1, 1)]) }
    #expect(throws: ProblemError.self) { try TreeTopology(nodeCount: 1, edges: []) }
  }
}
