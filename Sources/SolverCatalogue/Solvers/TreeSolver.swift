import Documents
import LinearAlgebra
import OptimalTransport

/// `tree-gw`.
struct TreeSolver: SolverDescription {
  static let name = "tree-gw"
  static let family = SolverFamily.tree
  static let algorithm: Any.Type = TreeGromovWasserstein.self
  static let summary =
    "multi-marginal Gromov–Wasserstein transport on a tree of spaces, edges fused or linear where they have a cost M; nodes without weights are free"
  static let inputs =
    [InputDescription.edges] + InputDescription.nodes + [.edgeWeights, .nodeRelaxations]
    + InputDescription.edgeCosts("M", "feature cost of edge")
    + [
      InputDescription(
        "alphas", "k", "share of the distances on each edge, 0 makes it linear; ½ on edges with M when absent, and 1 on the others")
    ]
  static let outputs = TreeGromovWassersteinSolution.outputs
  static let balances = [BalancedWeights.nodes]

  private let metric: PointMetric
  private let tree: TreeSettings

  init(_ settings: Fields) throws(DocumentError) {
    metric = try .ofDistances(settings, about: "between points, where X stands for D")
    tree = try TreeSettings(
      settings,
      default: TreeGromovWasserstein(epsilon: 0, criterion: .gap, stopping: StoppingRule(tolerance: 1e-5, iterationLimit: 300)), starts: 3)
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed { try inputs.memoryOfTree() }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let count = try inputs.countOfNodes()
    let rho = try inputs.nodeRelaxations(count)
    let spaces = try (0..<count).map { node in
      let space = try inputs.space("D\(node)", "X\(node)", weights: "a\(node)", metric, isSymmetric: true)
      let marginal =
        inputs.contains("a\(node)")
        ? try TreeMarginal(weights: space.weights, relaxation: rho?[node] ?? .infinity) : try TreeMarginal(freeOver: space.count)
      return try TreeGromovWassersteinProblem.Space(geometry: space.geometry, marginal: marginal)
    }
    let topology = try TreeTopology(nodeCount: count, edges: inputs.edgesOfTree(count))
    let problem = try TreeGromovWassersteinProblem(
      topology: topology, spaces: spaces, edgeCosts: inputs.edgeCosts(topology.edges.count))
    let solution = try tree.best(problem, monitor: monitor)
    var answer = solution.answer
    for (edge, cost) in solution.featureCosts.enumerated() where problem.edgeCosts[edge].features != nil {
      answer.numbers.append(("feature_cost\(edge)", cost))
    }
    for (node, marginal) in solution.nodeMarginals.enumerated() { answer.arrays.append(("marginal\(node)", NumericArray(marginal))) }
    return answer
  }
}

extension TreeSettings {
  /// The solution of lowest objective over the starts.
  package func best(
    _ problem: TreeGromovWassersteinProblem, monitor: Monitor? = nil
  ) throws(ProblemError) -> TreeGromovWassersteinSolution {
    let solvers = solvers
    return try StartSearch.over(solvers.count, monitor: monitor, by: \.regularizedValue) { start, monitor throws(ProblemError) in
      try solvers[start].solve(problem, monitor: monitor)
    }.answer
  }
}

extension TreeGromovWassersteinSolution {
  static var outputs: Glossary {
    [
      "value": "the objective without entropy", "regularized_value": "with entropy", "marginal_penalty": "the KL penalties",
      "mass": "of the plan", "distortion0": "∬ |d − d'|² on the first edge", "distortion1": "on the second", "distortion2": "and so on",
      "feature_cost0": "⟨M, π⟩ on the first edge, where it has M",
    ]
  }

  var answer: SolverAnswer {
    var answer = SolverAnswer(status: status, iterations: iterations, trace: trace)
    answer.numbers = [
      ("value", value), ("regularized_value", regularizedValue), ("marginal_penalty", marginalPenalty), ("mass", mass),
    ]
    for (edge, distortion) in distortions.enumerated() { answer.numbers.append(("distortion\(edge)", distortion)) }
    for (edge, plan) in plans.enumerated() { answer.arrays.append(("plan\(edge)", NumericArray(plan.matrix))) }
    return answer
  }
}

extension ProblemInputs {
  /// What each edge costs.
  fileprivate func edgeCosts(_ count: Int) throws -> [TreeGromovWassersteinProblem.EdgeCost] {
    let weights = try vector("c") ?? [Double](repeating: 1, count: count)
    let alphas = try vector("alphas")
    for (name, given) in [("c", weights), ("alphas", alphas ?? weights)] where given.count != count {
      throw missing("\(name) of \(count) numbers, one an edge (found \(given.count))")
    }
    return try (0..<count).map { edge in
      let features = try matrix("M\(edge)")
      return try TreeGromovWassersteinProblem.EdgeCost(
        weight: weights[edge], alpha: alphas?[edge] ?? (features == nil ? 1 : 0.5), features: features)
    }
  }
}
