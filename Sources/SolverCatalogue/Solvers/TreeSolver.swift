import Documents
import LinearAlgebra
import OptimalTransport

/// The catalogue entry of the solver `tree-gw`.
struct TreeSolver: SolverDescription {
  static let name = "tree-gw"
  static let family = SolverFamily.tree
  static let algorithm: Any.Type = TreeGromovWasserstein.self
  static let summary =
    """
    multi-marginal Gromov–Wasserstein transport on a tree of spaces; edges with a cost M are fused or linear, nodes \
    without weights are free
    """
  static let inputs =
    [InputDescription.edges] + InputDescription.nodes + [.edgeWeights, .nodeRelaxations]
    + InputDescription.edgeCosts("M", "feature cost of edge")
    + [
      InputDescription(
        "alphas", "k",
        """
        weight α of the quadratic term on each edge; 0 makes an edge linear; if absent, ½ on edges with M and 1 on \
        others
        """
      )
    ]
  static let outputs = TreeGromovWassersteinSolution.outputs
  static let balances = [BalancedWeights.nodes]

  private let metric: PointMetric
  private let tree: TreeSettings

  init(_ settings: Fields) throws(DocumentError) {
    metric = try .ofDistances(settings, about: "the distance between points, if X is given instead of D")
    tree = try TreeSettings(
      settings,
      default: TreeGromovWasserstein(
        epsilon: 0, criterion: .gap, stopping: StoppingRule(tolerance: 1e-5, iterationLimit: 300)), starts: 3)
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed { try inputs.memoryOfTree() }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let count = try inputs.countOfNodes()
    let rho = try inputs.nodeRelaxations(count)
    let spaces = try (0..<count).map { node in
      let space = try inputs.space("D\(node)", "X\(node)", weights: "a\(node)", metric, isSymmetric: true)
      let marginal =
        inputs.contains("a\(node)")
        ? try TreeMarginal(weights: space.weights, relaxation: rho?[node] ?? .infinity)
        : try TreeMarginal(freeOver: space.count)
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
    for (node, marginal) in solution.nodeMarginals.enumerated() {
      answer.arrays.append(("marginal\(node)", NumericArray(marginal)))
    }
    return answer
  }
}

extension TreeSettings {
  /// Returns the solution with the lowest objective over all starts.
  package func best(
    _ problem: TreeGromovWassersteinProblem, monitor: Monitor? = nil
  ) throws(ProblemError) -> TreeGromovWassersteinSolution {
    let solvers = solvers
    return try StartSearch.over(solvers.count, monitor: monitor, by: \.regularizedValue) {
      start, monitor throws(ProblemError) in
      try solvers[start].solve(problem, monitor: monitor)
    }.answer
  }
}

extension TreeGromovWassersteinSolution {
  static var outputs: Glossary {
    [
      "value": "the objective without the entropy term", "regularized_value": "the objective with the entropy term",
      "marginal_penalty": "the sum of the KL penalties",
      "mass": "the mass of the plan", "distortion0": "the distortion ∬ |d − d'|² on edge 0",
      "distortion1": "the distortion on edge 1",
      "distortion2": "the distortion on edge 2, and so on",
      "feature_cost0": "the feature cost ⟨M, π⟩ on edge 0, if it has one",
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
  /// Reads the cost of each edge: distances, features, or both.
  fileprivate func edgeCosts(_ count: Int) throws -> [TreeGromovWassersteinProblem.EdgeCost] {
    let weights = try vector("c") ?? [Double](repeating: 1, count: count)
    let alphas = try vector("alphas")
    for (name, given) in [("c", weights), ("alphas", alphas ?? weights)] where given.count != count {
      throw missing("\(count) numbers in \(name), one per edge (found \(given.count))")
    }
    return try (0..<count).map { edge in
      let features = try matrix("M\(edge)")
      return try TreeGromovWassersteinProblem.EdgeCost(
        weight: weights[edge], alpha: alphas?[edge] ?? (features == nil ? 1 : 0.5), features: features)
    }
  }
}
