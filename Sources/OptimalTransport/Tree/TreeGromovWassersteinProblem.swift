import LinearAlgebra

/// A multi-marginal Gromov–Wasserstein problem on a tree: over measures π on ∏ X_i with edge marginals π_e and node marginals π_i,
///
///     min  Σ_e c_e ( α_e ∬ |d_i − d_j|² dπ_e dπ_e + (1 − α_e) m(π) ⟨M_e, π_e⟩ ) + Σ_i ρ_i KL(π_i⊗π_i | μ_i⊗μ_i) + ε KL(π⊗π | R⊗R).
///
/// A star with a free centre is a barycenter on a fixed support; a chain tracks a measure through time (Beier, Beinert, Steidl 2023,
/// arXiv:2205.06725); a chain whose middle edge costs linearly is a joint embedding (`JointEmbeddingProblem`).
public struct TreeGromovWassersteinProblem: Sendable {
  /// A space at a node.
  public struct Space: Sendable {
    /// The distances of the base points; symmetric.
    public let geometry: DistanceGeometry
    /// Each base point stands for so many points of the node at distance 0 of each other, one a label: point k of copy l has index
    /// k · copies + l.
    public let copies: Int
    public let marginal: TreeMarginal

    /// - Throws: `ProblemError` when distances are not square, symmetric and finite, or the marginal has another number of points.
    public init(geometry: DistanceGeometry, copies: Int = 1, marginal: TreeMarginal) throws(ProblemError) {
      if copies < 1 { throw .parameter(name: "the number of copies", found: "\(copies)", expected: "at least 1") }
      if case .asymmetric = geometry {
        throw .parameter(name: "the geometry of a node", found: "asymmetric", expected: "symmetric distances")
      }
      let space = try MetricMeasureSpace(geometry: geometry, name: "the distance matrix of a node")
      if space.count * copies != marginal.count {
        throw .shape(name: "the marginal of a node", found: "\(marginal.count) points", expected: "\(space.count * copies)")
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

  /// What an edge costs: c (α ∬ |d_i − d_j|² dπ_e dπ_e + (1 − α) m(π) ⟨M, π_e⟩).
  public struct EdgeCost: Sendable {
    /// c > 0.
    public let weight: Double
    /// α in [0, 1]; 1 without features.
    public let alpha: Double
    /// M, squared distances of labels; a row for each point of the edge's first node.
    public let features: Matrix?

    /// - Throws: `ProblemError` when a number is out of range or features are missing at α < 1.
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

  public let topology: TreeTopology
  public let spaces: [Space]
  public let edgeCosts: [EdgeCost]
  public let reference: TreeReference

  /// c_e.
  public var edgeWeights: [Double] { edgeCosts.map(\.weight) }

  /// - Parameters:
  ///   - topology: the tree.
  ///   - spaces: one a node.
  ///   - edgeCosts: one an edge.
  ///   - reference: of the entropy; uniform by default.
  /// - Throws: `ProblemError` when sizes do not fit, numbers are out of range or masses of prescribed marginals differ.
  public init(
    topology: TreeTopology, spaces: [Space], edgeCosts: [EdgeCost], reference: TreeReference = .uniform
  ) throws(ProblemError) {
    self.topology = topology
    self.spaces = spaces
    self.edgeCosts = edgeCosts
    self.reference = reference
    if spaces.count != topology.nodeCount {
      throw .shape(name: "the list of spaces", found: "\(spaces.count) elements", expected: "\(topology.nodeCount) (nodes)")
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

  /// - Parameters:
  ///   - topology: the tree.
  ///   - spaces: one a node.
  ///   - edgeWeights: c_e; all 1 when nil.
  ///   - features: M_e of every edge, or nil.
  ///   - alpha: the share of the quadratic part of every edge; ½ when nil and there are features, 1 is the only choice without them.
  ///   - reference: of the entropy; uniform by default.
  /// - Throws: `ProblemError` when sizes do not fit, numbers are out of range or masses of prescribed marginals differ.
  public init(
    topology: TreeTopology, spaces: [Space], edgeWeights: [Double]? = nil, features: [Matrix]? = nil, alpha: Double? = nil,
    reference: TreeReference = .uniform
  ) throws(ProblemError) {
    let weights = edgeWeights ?? [Double](repeating: 1, count: topology.edges.count)
    try Self.validate(weights.count, of: "edge weights", topology)
    if let features { try Self.validate(features.count, of: "feature costs", topology) }
    var costs: [EdgeCost] = []
    for index in topology.edges.indices {
      costs.append(try EdgeCost(weight: weights[index], alpha: alpha ?? (features == nil ? 1 : 0.5), features: features?[index]))
    }
    try self.init(topology: topology, spaces: spaces, edgeCosts: costs, reference: reference)
  }

  private static func validate(_ count: Int, of name: String, _ topology: TreeTopology) throws(ProblemError) {
    if count != topology.edges.count {
      throw .shape(name: "the list of \(name)", found: "\(count) elements", expected: "\(topology.edges.count) (edges)")
    }
  }
}
