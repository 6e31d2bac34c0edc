import LinearAlgebra

/// A multi-marginal Gromov–Wasserstein problem on a tree: over measures π on ∏ X_i with edge marginals π_e and node marginals π_i,
///
///     min  Σ_e c_e ( α ∬ |d_i − d_j|² dπ_e dπ_e + (1 − α) m(π) ⟨M_e, π_e⟩ ) + Σ_i ρ_i KL(π_i⊗π_i | μ_i⊗μ_i) + ε KL(π⊗π | R⊗R).
///
/// A star with a free centre is a barycenter on a fixed support; a chain tracks a measure through time (Beier, Beinert, Steidl 2023,
/// arXiv:2205.06725).
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
  }

  public let topology: TreeTopology
  public let spaces: [Space]
  /// c_e > 0.
  public let edgeWeights: [Double]
  /// M_e, squared distances of labels; none where nothing is fused.
  public let features: [Matrix]?
  /// α in [0, 1].
  public let alpha: Double
  public let reference: TreeReference

  /// - Parameters:
  ///   - topology: the tree.
  ///   - spaces: one a node.
  ///   - edgeWeights: c_e; all 1 when nil.
  ///   - features: M_e of every edge, or nil.
  ///   - alpha: the share of the quadratic part; ½ when nil and there are features, 1 is the only choice without them.
  ///   - reference: of the entropy; uniform by default.
  /// - Throws: `ProblemError` when sizes do not fit, numbers are out of range or masses of prescribed marginals differ.
  public init(
    topology: TreeTopology, spaces: [Space], edgeWeights: [Double]? = nil, features: [Matrix]? = nil, alpha: Double? = nil,
    reference: TreeReference = .uniform
  ) throws(ProblemError) {
    self.topology = topology
    self.spaces = spaces
    self.edgeWeights = edgeWeights ?? [Double](repeating: 1, count: topology.edges.count)
    self.features = features
    self.alpha = alpha ?? (features == nil ? 1 : 0.5)
    self.reference = reference
    if spaces.count != topology.nodeCount {
      throw .shape(name: "the list of spaces", found: "\(spaces.count) elements", expected: "\(topology.nodeCount) (nodes)")
    }
    for (name, count) in [("the list of edge weights", self.edgeWeights.count), ("the list of feature costs", features?.count)] {
      if let count, count != topology.edges.count {
        throw .shape(name: name, found: "\(count) elements", expected: "\(topology.edges.count) (edges)")
      }
    }
    for weight in self.edgeWeights { try ProblemError.validate(positive: weight, named: "an edge weight") }
    if let features {
      if !(0...1).contains(self.alpha) { throw .parameter(name: "α", found: "\(self.alpha)", expected: "a number from 0 to 1") }
      for (index, edge) in topology.edges.enumerated() {
        let name = "the feature cost of edge \(index)"
        try ProblemError.validate(
          features[index], named: name, rows: spaces[edge.first].marginal.count, columns: spaces[edge.second].marginal.count)
        try ProblemError.validate(features[index], named: name, atMost: largestCost)
      }
    } else if self.alpha != 1 {
      throw .parameter(name: "α", found: "\(self.alpha)", expected: "1, since there is no feature cost")
    }
    let marginals = spaces.map(\.marginal)
    try marginals.validateMasses()
    try reference.validate(marginals)
  }
}
