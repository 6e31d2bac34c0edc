import LinearAlgebra

/// An unbalanced multi-marginal transport problem whose cost is a sum over the edges of a tree.
///
/// It asks for
///
///     min over π ≥ 0 on ∏ X_i of   Σ_e ⟨C_e, π_e⟩ + Σ_i ρ_i KL(π_i | μ_i) + ε KL(π | R),
///
/// where π_e and π_i are the marginals of π on an edge and a node, R = ⊗ r_i, and KL(p|q) = Σ p log(p/q) − p + q.
public struct MultiMarginalProblem: Sendable {
  /// The tree whose nodes carry marginals and whose edges carry costs.
  public let topology: TreeTopology
  /// The marginal constraint of each node.
  public let marginals: [TreeMarginal]
  /// The cost matrix C_e of each edge, with one row per point of the edge's first node.
  public let costs: [Matrix]
  /// The reference measure R of the entropy.
  public let reference: TreeReference

  /// Creates a problem.
  ///
  /// - Parameters:
  ///   - topology: the tree.
  ///   - marginals: the marginal constraint of each node.
  ///   - costs: the cost matrix of each edge, with one row per point of its first node.
  ///   - reference: the reference measure of the entropy; the product of the marginals by default.
  /// - Throws: `ProblemError` if sizes do not fit, a cost is not finite or exceeds 1e150, or prescribed marginals
  ///   differ in mass by more than a relative 1e-9.
  public init(
    topology: TreeTopology, marginals: [TreeMarginal], costs: [Matrix], reference: TreeReference = .product
  ) throws(ProblemError) {
    if marginals.count != topology.nodeCount {
      throw .shape(
        name: "the list of marginals", found: "\(marginals.count) elements", expected: "\(topology.nodeCount) (nodes)")
    }
    if costs.count != topology.edges.count {
      throw .shape(
        name: "the list of costs", found: "\(costs.count) elements", expected: "\(topology.edges.count) (edges)")
    }
    for (index, edge) in topology.edges.enumerated() {
      let name = "the cost of edge \(index)"
      try ProblemError.validate(
        costs[index], named: name, rows: marginals[edge.first].count, columns: marginals[edge.second].count)
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
