import LinearAlgebra

/// A multi-marginal Gromov–Wasserstein problem on a tree of metric spaces.
///
/// Over measures π on ∏ X_i with edge marginals π_e and node marginals π_i it asks for
///
///     min  Σ_e c_e ( α_e ∬ |d_i − d_j|² dπ_e dπ_e + (1 − α_e) m(π) ⟨M_e, π_e⟩ )
///          + Σ_i ρ_i KL(π_i⊗π_i | μ_i⊗μ_i) + ε KL(π⊗π | R⊗R).
///
/// A star with a free center is a barycenter on a fixed support. A chain tracks a measure through time (Beier,
/// Beinert, and Steidl, 2023, arXiv:2205.06725). A chain whose middle edge has a linear cost is a joint embedding
/// (`JointEmbeddingProblem`).
public struct TreeGromovWassersteinProblem: Sendable {
  /// The space and the marginal constraint of a node.
  public struct Space: Sendable {
    /// The symmetric distances of the base points.
    public let geometry: DistanceGeometry
    /// The number of points of the node that each base point stands for, at distance 0 from each other, such as one
    /// per label.
    ///
    /// Point k in copy l has index k · copies + l.
    public let copies: Int
    /// The marginal constraint of the node.
    public let marginal: TreeMarginal

    /// Creates the space of a node.
    ///
    /// - Parameters:
    ///   - geometry: the symmetric distances of the base points.
    ///   - copies: the number of points that each base point stands for, at least 1.
    ///   - marginal: the marginal constraint, on as many points as base points times copies.
    /// - Throws: `ProblemError` if distances are not square, symmetric, and finite, or the marginal has a different
    ///   number of points.
    public init(geometry: DistanceGeometry, copies: Int = 1, marginal: TreeMarginal) throws(ProblemError) {
      if copies < 1 { throw .parameter(name: "the number of copies", found: "\(copies)", expected: "at least 1") }
      if case .asymmetric = geometry {
        throw .parameter(name: "the geometry of a node", found: "asymmetric", expected: "symmetric distances")
      }
      let space = try MetricMeasureSpace(geometry: geometry, name: "the distance matrix of a node")
      if space.count * copies != marginal.count {
        throw .shape(
          name: "the marginal of a node", found: "\(marginal.count) points", expected: "\(space.count * copies)")
      }
      self.geometry = space.geometry
      self.copies = copies
      self.marginal = marginal
    }

    var canonicalOrder: CanonicalOrder {
      let weights = marginal.weights ?? .uniform(marginal.count)
      let base = (0..<geometry.count).map { k in weights[k * copies..<(k + 1) * copies].reduce(0, +) }
      return CanonicalOrder(geometry, weights: base, copies: copies)
    }
  }

  /// The cost of an edge, c (α ∬ |d_i − d_j|² dπ_e dπ_e + (1 − α) m(π) ⟨M, π_e⟩).
  public struct EdgeCost: Sendable {
    /// The weight c > 0 of the edge.
    public let weight: Double
    /// The weight α in [0, 1] of the quadratic term; 1 without features.
    public let alpha: Double
    /// The feature cost M, such as squared distances of labels, with one row per point of the edge's first node.
    public let features: Matrix?

    /// Creates the cost of an edge.
    ///
    /// - Parameters:
    ///   - weight: the weight c > 0 of the edge.
    ///   - alpha: the weight α in [0, 1] of the quadratic term.
    ///   - features: the feature cost M, required if α < 1.
    /// - Throws: `ProblemError` if a number is out of range or features are missing although α < 1.
    public init(weight: Double = 1, alpha: Double = 1, features: Matrix? = nil) throws(ProblemError) {
      try ProblemError.validate(positive: weight, named: "an edge weight")
      if !(0...1).contains(alpha) { throw .parameter(name: "α", found: "\(alpha)", expected: "a number from 0 to 1") }
      if features == nil, alpha != 1 {
        throw .parameter(name: "α", found: "\(alpha)", expected: "1, since there is no feature cost")
      }
      self.weight = weight
      self.alpha = alpha
      self.features = features
    }
  }

  /// The tree whose nodes carry spaces and whose edges carry costs.
  public let topology: TreeTopology
  /// The space and marginal constraint of each node.
  public let spaces: [Space]
  /// The cost of each edge.
  public let edgeCosts: [EdgeCost]
  /// The reference measure R of the entropy.
  public let reference: TreeReference

  /// The weight c_e of each edge.
  public var edgeWeights: [Double] { edgeCosts.map(\.weight) }

  /// Creates a problem from the cost of each edge.
  ///
  /// - Parameters:
  ///   - topology: the tree.
  ///   - spaces: the space and marginal constraint of each node.
  ///   - edgeCosts: the cost of each edge.
  ///   - reference: the reference measure of the entropy; uniform by default.
  /// - Throws: `ProblemError` if sizes do not fit, numbers are out of range, or masses of prescribed marginals
  ///   differ.
  public init(
    topology: TreeTopology, spaces: [Space], edgeCosts: [EdgeCost], reference: TreeReference = .uniform
  ) throws(ProblemError) {
    self.topology = topology
    self.spaces = spaces
    self.edgeCosts = edgeCosts
    self.reference = reference
    if spaces.count != topology.nodeCount {
      throw .shape(
        name: "the list of spaces", found: "\(spaces.count) elements", expected: "\(topology.nodeCount) (nodes)")
    }
    try Self.validate(edgeCosts.count, of: "edge costs", topology)
    let sizes = spaces.map { Double($0.marginal.count) }
    try ProblemError.validate(
      numbers: 2 * topology.edges.reduce(0) { $0 + sizes[$1.first] * sizes[$1.second] },
      named: "a tree of spaces of at most \(Int(sizes.max() ?? 0)) points")
    for (index, edge) in topology.edges.enumerated() {
      guard let features = edgeCosts[index].features else { continue }
      let name = "the feature cost of edge \(index)"
      try ProblemError.validate(
        features, named: name, rows: spaces[edge.first].marginal.count, columns: spaces[edge.second].marginal.count)
      try ProblemError.validate(features, named: name, atMost: largestCost)
    }
    let marginals = spaces.map(\.marginal)
    try marginals.validateMasses()
    try reference.validate(marginals)
  }

  /// Creates a problem whose edges all have the same α.
  ///
  /// - Parameters:
  ///   - topology: the tree.
  ///   - spaces: the space and marginal constraint of each node.
  ///   - edgeWeights: the weight c_e of each edge; all 1 if nil.
  ///   - features: the feature cost M_e of each edge; none if nil.
  ///   - alpha: the weight α of the quadratic term of every edge; if nil, ½ with features and 1 without, which is
  ///     then the only choice.
  ///   - reference: the reference measure of the entropy; uniform by default.
  /// - Throws: `ProblemError` if sizes do not fit, numbers are out of range, or masses of prescribed marginals
  ///   differ.
  public init(
    topology: TreeTopology, spaces: [Space], edgeWeights: [Double]? = nil, features: [Matrix]? = nil,
    alpha: Double? = nil,
    reference: TreeReference = .uniform
  ) throws(ProblemError) {
    let weights = edgeWeights ?? [Double](repeating: 1, count: topology.edges.count)
    try Self.validate(weights.count, of: "edge weights", topology)
    if let features { try Self.validate(features.count, of: "feature costs", topology) }
    var costs: [EdgeCost] = []
    for index in topology.edges.indices {
      costs.append(
        try EdgeCost(weight: weights[index], alpha: alpha ?? (features == nil ? 1 : 0.5), features: features?[index]))
    }
    try self.init(topology: topology, spaces: spaces, edgeCosts: costs, reference: reference)
  }

  private static func validate(_ count: Int, of name: String, _ topology: TreeTopology) throws(ProblemError) {
    if count != topology.edges.count {
      throw .shape(name: "the list of \(name)", found: "\(count) elements", expected: "\(topology.edges.count) (edges)")
    }
  }
}
