import LinearAlgebra

/// An unbalanced multi-marginal transport problem whose cost is a sum over the edges of a tree:
///
///     min over π ≥ 0 on ∏ X_i of   Σ_e ⟨C_e, π_e⟩ + Σ_i ρ_i KL(π_i | μ_i) + ε KL(π | R),      KL(p|q) = Σ p log(p/q) − p + q,
///
/// with π_e and π_i the marginals of π on an edge and a node, and R = ⊗ r_i.
public struct MultiMarginalProblem: Sendable {
  public let topology: TreeTopology
  public let marginals: [TreeMarginal]
  /// C_e, a row for each point of the edge's first node.
  public let costs: [Matrix]
  public let reference: TreeReference

  /// - Throws: `ProblemError` when sizes do not fit, a cost is not finite or beyond 1e150, or prescribed marginals differ in mass by more
  ///   than 1e-9.
  public init(
    topology: TreeTopology, marginals: [TreeMarginal], costs: [Matrix], reference: TreeReference = .product
  ) throws(ProblemError) {
    if marginals.count != topology.nodeCount {
      throw .shape(name: "the list of marginals", found: "\(marginals.count) elements", expected: "\(topology.nodeCount) (nodes)")
    }
    if costs.count != topology.edges.count {
      throw .shape(name: "the list of costs", found: "\(costs.count) elements", expected: "\(topology.edges.count) (edges)")
    }
    for (index, edge) in topology.edges.enumerated() {
      let name = "the cost of edge \(index)"
      try ProblemError.validate(costs[index], named: name, rows: marginals[edge.first].count, columns: marginals[edge.second].count)
      try ProblemError.validate(costs[index], named: name, atMost: largestCost)
    }
    try marginals.validateMasses()
    try reference.validate(marginals)
    self.topology = topology
    self.marginals = marginals
    self.costs = costs
    self.reference = reference
  }
}
