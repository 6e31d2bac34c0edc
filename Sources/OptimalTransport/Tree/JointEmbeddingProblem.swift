import LinearAlgebra

/// Joint embedding of two metric measure spaces into a third, the problem EW_λ (Beier, Piening, Beinert, Steidl 2025): over measures π on
/// X1 × Z × Z × X2 whose marginals on X1 and X2 are μ1 and μ2,
///
///     EW_λ = min ⟨d_Z², π_0⟩ + λ ( ∬ |d_1 − d_Z|² dπ_1 dπ_1 + ∬ |d_Z − d_2|² dπ_2 dπ_2 )
///
/// with the pair marginals π_1 on X1 × Z, π_0 on Z × Z, π_2 on X2 × Z. Each space is sent to Z with little distortion, and where the images
/// lie on Z is what transport between them costs. As λ grows the images become isometric; as it falls they are drawn onto each other, in
/// the end into one point. Measures of a mass m other than 1 pay m ⟨d_Z², π_0⟩, so that both parts grow as m².
///
/// Only lattices, points and matrices of distances are asked for: Z may be a grid of the plane, a sphere, a torus, or a set of Gaussians.
public struct JointEmbeddingProblem: Sendable {
  /// Which problem a given λ stands for. The convention only fixes `lambda`; ε is always in units of EW_λ's step below.
  public enum Convention: String, Sendable, CaseIterable {
    /// λ as above. A step of the solver costs (λT_1, ½ d_Z², λT_2), whose fixed points are stationary for EW_λ.
    case objective
    /// The authors' code: a step costs (λT_1, d_Z², λT_2) with entropy ε. That is EW at λ/2 with entropy ε/2.
    case authors
    /// The authors' code for embeddings: a step costs (λT_1, d_Z²/max d_Z², λT_2), which is EW at λ max d_Z²/2. They divide all three by their
    /// largest range, so that their ε is `TreeGromovWasserstein.EpsilonUnit.costRange`.
    case normalized
  }

  public let first: MetricMeasureSpace
  public let second: MetricMeasureSpace
  /// d_Z on the points that images may use.
  public let target: DistanceGeometry
  /// The λ of EW_λ that the convention makes of the given one.
  public let lambda: Double
  /// As a chain X1 – Z – Z – X2 whose middle edge costs linearly.
  let tree: TreeGromovWassersteinProblem

  /// - Parameters:
  ///   - first: μ1 on X1.
  ///   - second: μ2 on X2, of the same mass.
  ///   - target: symmetric distances of Z; m points. Memory is that of m² + m (n1 + n2) numbers, some of them more than once (`memory`).
  ///   - lambda: λ > 0, as the convention reads it.
  ///   - convention: the objective's by default.
  /// - Throws: `ProblemError` when masses differ, distances are asymmetric or λ is not positive.
  public init(
    first: MetricMeasureSpace, second: MetricMeasureSpace, target: DistanceGeometry, lambda: Double, convention: Convention = .objective
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
      topology: TreeTopology(nodeCount: 4, edges: [(0, 1), (1, 2), (3, 2)]), spaces: [ends[0], middle, middle, ends[1]],
      edgeCosts: [distortion, TreeGromovWassersteinProblem.EdgeCost(alpha: 0, features: squares), distortion])
  }

  /// The bytes that a solution in single precision needs, for sizes that one may not have: three matrices of every edge, the distances of
  /// Z, and the composed kernel.
  public static func memory(first: Int, second: Int, target: Int) -> Double {
    let (n1, n2, m) = (Double(first), Double(second), Double(target))
    return 4 * 3 * (m * m + m * (n1 + n2)) + 8 * 2 * m * m + 24 * n1 * n2 + 8 * (n1 * n1 + n2 * n2)
  }
}
