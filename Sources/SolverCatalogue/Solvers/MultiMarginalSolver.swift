import Documents
import LinearAlgebra
import OptimalTransport

/// The catalogue entry of the solver `tree`.
struct MultiMarginalSolver: SolverDescription {
  static let name = "tree"
  static let family = SolverFamily.tree
  static let algorithm: Any.Type = TreeSinkhorn.self
  static let summary =
    """
    multi-marginal entropic transport whose cost is a sum over the edges of a tree, min Σ ⟨C_e, π_e⟩ + Σ ρ_i KL(π_i | \
    a_i) + ε KL(π | R)
    """
  static let inputs =
    [InputDescription.edges] + InputDescription.edgeCosts("C", "cost of edge")
    + (0..<InputDescription.mostNodes).map(InputDescription.weights) + [.nodeRelaxations]
  static let outputs: Glossary = [
    "value": "the objective", "transport_cost": "the transport cost Σ ⟨C_e, π_e⟩", "mass": "the mass of the plan",
    "optimality_error": "the residual of the optimality conditions",
  ]
  static let balances = [BalancedWeights.nodes]

  /// The reference measure R of the entropy.
  private enum Reference: String, CaseIterable {
    case product, uniform, counting
  }

  private let solver: TreeSinkhorn
  private let reference: TreeReference

  init(_ settings: Fields) throws(DocumentError) {
    solver = try TreeSinkhorn(settings)
    let choice: Reference = try settings.choice(
      "reference", default: .product, about: "the reference measure R of the entropy")
    reference =
      switch choice {
      case .product: .product
      case .uniform: .uniform
      case .counting: .counting
      }
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed {
    let entries = try (0..<InputDescription.mostNodes - 1).reduce(0.0) { sum, edge in
      sum + Double(try inputs.rows("C\(edge)")) * Double(try inputs.columns("C\(edge)"))
    }
    return MemoryNeed(numbers: 5 * entries, problem: "a tree with costs of \(Int(entries)) entries")
  }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let edgeCount = (0..<InputDescription.mostNodes - 1).last { inputs.contains("C\($0)") }.map { $0 + 1 } ?? 0
    if edgeCount == 0 { throw inputs.missing("at least one edge cost, C0") }
    let costs = try (0..<edgeCount).map { try inputs.requiredMatrix("C\($0)") }
    let topology = try TreeTopology(nodeCount: edgeCount + 1, edges: inputs.edgesOfTree(edgeCount + 1))
    if topology.edges.count != edgeCount {
      throw inputs.missing("one cost for each of \(topology.edges.count) edges (found \(edgeCount))")
    }
    let rho = try inputs.nodeRelaxations(topology.nodeCount)
    let marginals = try (0..<topology.nodeCount).map { node in
      if let weights = try inputs.vector("a\(node)") {
        return try TreeMarginal(weights: weights, relaxation: rho?[node] ?? .infinity)
      }
      let count = zip(topology.edges, costs).lazy.compactMap { edge, cost in
        edge.first == node ? cost.rows : edge.second == node ? cost.columns : nil
      }.first
      return try TreeMarginal(freeOver: count ?? 0)
    }
    let solution = try solver.solve(
      MultiMarginalProblem(topology: topology, marginals: marginals, costs: costs, reference: reference),
      monitor: monitor)
    var answer = SolverAnswer(status: solution.status, iterations: solution.iterations, trace: solution.trace)
    answer.numbers = [
      ("value", solution.value), ("transport_cost", solution.transportCost), ("mass", solution.mass),
      ("optimality_error", solution.optimalityError),
    ]
    for (edge, plan) in solution.edgePlans.enumerated() { answer.arrays.append(("plan\(edge)", NumericArray(plan))) }
    for (node, marginal) in solution.nodeMarginals.enumerated() {
      answer.arrays.append(("marginal\(node)", NumericArray(marginal)))
    }
    for (node, potential) in solution.potentials.enumerated() {
      answer.arrays.append(("potential\(node)", NumericArray(potential)))
    }
    return answer
  }
}

extension TreeSinkhorn {
  /// Reads ε, the form, and the stopping rule.
  ///
  /// - Parameters:
  ///   - fields: the settings as the user wrote them.
  ///   - epsilon: the default of ε; nil makes the key required.
  ///   - stopping: the defaults of `tolerance` and `iterations`.
  /// - Throws: `DocumentError` if a setting has the wrong type or value, or a required one is absent.
  package init(
    _ fields: Fields, epsilon: Double? = nil,
    stopping: StoppingRule = StoppingRule(tolerance: 1e-9, iterationLimit: 10_000)
  ) throws(DocumentError) {
    self.init(
      epsilon: try fields.epsilon(in: "the costs", default: epsilon),
      form: try fields.choice(
        "form", default: .absorbed, about: "the form of the iteration; logarithmic is slower, but safe for very small ε"
      ),
      stopping: try StoppingRule(
        fields, default: stopping, about: "marginal residual at which to stop, relative to the mass"))
  }
}
