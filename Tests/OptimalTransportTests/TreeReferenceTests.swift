import LinearAlgebra
import Testing

@testable import OptimalTransport

/// The tree solver against an independent implementation in numpy.
@Suite struct TreeReferenceTests {
  struct Case: Sendable, CustomStringConvertible {
    let name: String
    let epsilon = 0.02
    let alpha: Double
    let outer: Int
    var description: String { name }
  }

  static let cases = [
    Case(name: "tree-star-balanced", alpha: 1, outer: 10), Case(name: "tree-chain-unbalanced", alpha: 1, outer: 8),
    Case(name: "tree-fused-mixed", alpha: 0.5, outer: 10), Case(name: "tree-fused-unbalanced", alpha: 0.5, outer: 10),
  ]

  static func problem(_ own: Case) throws -> (problem: TreeGromovWassersteinProblem, start: [Matrix]) {
    let reference = Reference(own.name)
    let edges = try reference.matrix("edges")
    let rho = try reference.vector("rho")
    let spaces = try rho.indices.map { node in
      let distances = try reference.matrix("D\(node)")
      let weights = try? reference.vector("mu\(node)")
      let marginal =
        try weights.map { try TreeMarginal(weights: $0, relaxation: rho[node]) }
        ?? TreeMarginal(freeOver: distances.rows)
      return try TreeGromovWassersteinProblem.Space(geometry: .symmetric(distances), marginal: marginal)
    }
    let measures = rho.indices.compactMap { try? reference.vector("ref\($0)") }
    let features = (0..<edges.rows).compactMap { try? reference.matrix("M\($0)") }
    let problem = try TreeGromovWassersteinProblem(
      topology: TreeTopology(
        nodeCount: rho.count, edges: (0..<edges.rows).map { (Int(edges[$0, 0]), Int(edges[$0, 1])) }),
      spaces: spaces, edgeWeights: reference.vector("c"), features: features.isEmpty ? nil : features, alpha: own.alpha,
      reference: measures.isEmpty ? .counting : .measures(measures))
    return (problem, try (0..<edges.rows).map { try reference.matrix("G0_edge\($0)") })
  }

  static func solver(_ own: Case, limit: Int) -> TreeGromovWasserstein {
    TreeGromovWasserstein(
      epsilon: own.epsilon, noise: 0, precision: .double, stopping: StoppingRule(tolerance: 0, iterationLimit: limit),
      innerStopping: StoppingRule(tolerance: 1e-15, iterationLimit: 20_000))
  }

  @Test(arguments: cases) func historyAndPlansAgree(_ own: Case) throws {
    let reference = Reference(own.name)
    let (problem, start) = try Self.problem(own)
    let solution = try Self.solver(own, limit: own.outer).solve(problem, from: start)
    let offset = own.epsilon * referenceMass(problem) * referenceMass(problem)
    for (point, known) in zip(solution.trace.points, try reference.vector("F_history")) {
      #expect(abs((point.objective ?? .nan) + offset - known) < 1e-9 * abs(known), "F(π, γ) of step \(point.iteration)")
    }
    let diagonal = try reference.vector("F_diag_history")
    for (own, known) in zip(solution.diagonalValues.dropFirst(), diagonal) {
      #expect(abs(own + offset - known) < 1e-9 * abs(known))
    }
    let parts = try reference.vector("parts_final")
    #expect(abs(solution.regularizedValue + offset - parts[0]) < 1e-9 * abs(parts[0]))
    #expect(
      abs(zip(problem.edgeWeights, solution.distortions).reduce(0) { $0 + own.alpha * $1.0 * $1.1 } - parts[1]) < 1e-9)
    #expect(abs(solution.marginalPenalty - parts[3]) < 1e-9)
    for edge in start.indices {
      #expect(
        absoluteDifference(solution.plans[edge].matrix.elements, try reference.matrix("final_edge\(edge)").elements)
          < 1e-9)
    }
  }

  @Test(arguments: cases) func firstLinearStepAgrees(_ own: Case) throws {
    let reference = Reference(own.name)
    let (problem, start) = try Self.problem(own)
    let cost = TreeQuadraticCost(problem)
    let functional = TreeFunctional(problem)
    let plans = start.map { EdgeMatrix<Double>($0) }
    let state = functional.state(plans)
    let costs = plans.map { EdgeMatrix<Double>(rows: $0.rows, columns: $0.columns) }
    let paired = cost.refresh(costs, plans, state.nodeMarginals, mass: state.mass)
    for edge in costs.indices {
      #expect(
        absoluteDifference(costs[edge].matrix.elements, try reference.matrix("first_cost\(edge)").elements) < 1e-13)
    }
    let features = cost.featureTerm(plans, paired: paired, mass: state.mass)
    let constant = functional.constant(state, features: features, epsilon: own.epsilon)
    #expect(abs(constant - (try reference.number("constant_first"))) < 1e-13)
    for form in TreeSinkhorn.Form.allCases {
      let messages = TreeMessages<Double>(
        topology: problem.topology, marginals: problem.spaces.map(\.marginal), reference: problem.reference,
        costs: costs,
        epsilon: own.epsilon)
      messages.pose(epsilon: own.epsilon * state.mass, relaxationScale: state.mass, constant: constant)
      let run = TreeScaling(messages, form: form).solve(StoppingRule(tolerance: 1e-15, iterationLimit: 20_000))
      #expect(run.iterations > 1)
      let solution = TreeSolution(messages, run: run, tolerance: 1e-15)
      for node in problem.spaces.indices {
        #expect(absoluteDifference(solution.nodeMarginals[node], try reference.vector("first_node\(node)")) < 1e-12)
      }
      for edge in costs.indices {
        #expect(
          absoluteDifference(solution.edgePlans[edge].elements, try reference.matrix("first_edge\(edge)").elements)
            < 1e-12, "\(form)")
      }
    }
  }

  private func referenceMass(_ problem: TreeGromovWassersteinProblem) -> Double {
    problem.spaces.indices.reduce(1) { mass, node in
      mass * problem.reference.measure(of: node, problem.spaces[node].marginal).reduce(0, +)
    }
  }
}
