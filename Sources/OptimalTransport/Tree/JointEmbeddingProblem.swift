import LinearAlgebra

/// The problem EW_λ: joint embedding of two metric measure spaces X1 and X2 into a third space Z.
///
/// Over measures π on X1 × Z × Z × X2 with marginals μ1 on X1 and μ2 on X2 (Beier, Piening, Beinert, and Steidl,
/// 2025),
///
///     EW_λ = min ⟨d_Z², π_0⟩ + λ ( ∬ |d_1 − d_Z|² dπ_1 dπ_1 + ∬ |d_Z − d_2|² dπ_2 dπ_2 )
///
/// with the pair marginals π_1 on X1 × Z, π_0 on Z × Z, and π_2 on X2 × Z. Each space is mapped to Z with little
/// distortion, and the transport between the images is cheap. As λ grows the embeddings become isometric; as it
/// decreases the images are drawn together, in the limit into one point. Measures of mass m ≠ 1 pay m ⟨d_Z², π_0⟩, so
/// that both parts grow as m².
///
/// Z can be given by a lattice, points, or a distance matrix: a grid of the plane, a sphere, a torus, or a set of
/// Gaussians.
public struct JointEmbeddingProblem: Sendable {
  /// The convention that defines λ.
  ///
  /// It only determines `lambda`; ε is always in units of the cost of an EW_λ step, (λT_1, ½ d_Z², λT_2).
  public enum Convention: String, Sendable, CaseIterable {
    /// λ as in the definition of EW_λ. A step has the cost (λT_1, ½ d_Z², λT_2), whose fixed points are stationary
    /// for EW_λ.
    case objective
    /// λ as in the authors' code: a step has the cost (λT_1, d_Z², λT_2) with entropy ε, which is EW at λ/2 with
    /// entropy ε/2.
    case authors
    /// λ as in the authors' code for embeddings: a step has the cost (λT_1, d_Z²/max d_Z², λT_2), which is EW at λ
    /// max d_Z²/2.
    ///
    /// They divide all three costs by the largest range, so that their ε has the unit
    /// `TreeGromovWasserstein.EpsilonUnit.costRange`.
    case normalized
  }

  /// The space X1 with weights μ1.
  public let first: MetricMeasureSpace
  /// The space X2 with weights μ2.
  public let second: MetricMeasureSpace
  /// The distances d_Z between the points of Z.
  public let target: DistanceGeometry
  /// λ of EW_λ, converted from the given one by the convention.
  public let lambda: Double
  /// The problem as a chain X1 – Z – Z – X2 whose middle edge has a linear cost.
  let tree: TreeGromovWassersteinProblem

  /// Creates a problem.
  ///
  /// - Parameters:
  ///   - first: X1 with weights μ1.
  ///   - second: X2 with weights μ2, of the same mass.
  ///   - target: symmetric distances between the m points of Z. Memory grows with m² + m (n1 + n2);
  ///     `memory(first:second:target:)` gives it.
  ///   - lambda: λ > 0, under the given convention.
  ///   - convention: the convention for λ; that of the definition of EW_λ by default.
  /// - Throws: `ProblemError` if masses differ, distances are asymmetric, or λ is not positive.
  public init(
    first: MetricMeasureSpace, second: MetricMeasureSpace, target: DistanceGeometry, lambda: Double,
    convention: Convention = .objective
  ) throws(ProblemError) {
    try ProblemError.validate(positive: lambda, named: "λ")
    try ProblemError.validate(
      numbers: Self.memory(first: first.count, second: second.count, target: target.count) / 8,
      named: "a joint embedding of \(first.count) and \(second.count) points into \(target.count)")
    let squares = target.matrix.map { $0 * $0 }
    switch convention {
    case .objective: self.lambda = lambda
    case .authors: self.lambda = lambda / 2
    case .normalized: self.lambda = lambda * (squares.elements.max() ?? 1) / 2
    }
    self.first = first
    self.second = second
    self.target = target
    typealias Space = TreeGromovWassersteinProblem.Space
    let ends = [
      try Space(geometry: first.geometry, marginal: TreeMarginal(weights: first.weights)),
      try Space(geometry: second.geometry, marginal: TreeMarginal(weights: second.weights)),
    ]
    let middle = try Space(geometry: target, marginal: TreeMarginal(freeOver: target.count))
    let distortion = try TreeGromovWassersteinProblem.EdgeCost(weight: self.lambda)
    // Rows of the outer edges are points of X1 and X2.
    tree = try TreeGromovWassersteinProblem(
      topology: TreeTopology(nodeCount: 4, edges: [(0, 1), (1, 2), (3, 2)]),
      spaces: [ends[0], middle, middle, ends[1]],
      edgeCosts: [distortion, TreeGromovWassersteinProblem.EdgeCost(alpha: 0, features: squares), distortion])
  }

  /// The peak memory of a solution in single precision, in bytes, for problems of n1, n2, and m points.
  ///
  /// It counts three matrices per edge, the distances of Z, and the composed kernel.
  public static func memory(first: Int, second: Int, target: Int) -> Double {
    let (n1, n2, m) = (Double(first), Double(second), Double(target))
    return 4 * 3 * (m * m + m * (n1 + n2)) + 8 * 2 * m * m + 24 * n1 * n2 + 8 * (n1 * n1 + n2 * n2)
  }
}
