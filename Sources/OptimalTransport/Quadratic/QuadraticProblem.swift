import LinearAlgebra

/// A Gromov–Wasserstein problem with square loss, fused with a linear cost M, weighted by a kernel K on the source, and balanced or not:
///
///     min  (1 − α) ⟨M, P⟩ + α Σ_{ijkl} K_ik (D1_ik − D2_jl)² P_ij P_kl      over P ≥ 0
///
/// with P1 = a and Pᵀ1 = b, or with marginals that may depart from a and b at a price (`UnbalancedGromovWasserstein` says which).
/// Without M, α is 1; without K, all K_ik are 1: plain Gromov–Wasserstein. Another `loss` takes the place of (D1_ik − D2_jl)²; conditional
/// gradients and entropic steps, of balanced and semi-relaxed problems and of partial ones, know it.
public struct QuadraticProblem: Sendable {
  /// n points with distances D1 and weights a.
  public let source: MetricMeasureSpace
  /// m points with distances D2 and weights b; in a balanced problem their sum is that of a.
  public let target: MetricMeasureSpace
  /// M, n×m: what it costs to match points whatever their neighbours. +∞ forbids a pair at any α, which conditional gradients and entropic
  /// semi-relaxed steps alone can do.
  public let features: Matrix?
  /// α in [0, 1], the share of the quadratic part.
  public let alpha: Double
  /// K, n×n, symmetric and non-negative: which pairs of source points count, and how much (`ProximityKernel`).
  public let proximity: Matrix?
  public let relaxation: MarginalRelaxation
  /// L(D1_ik, D2_jl), what compares distances.
  public let loss: QuadraticLoss

  /// - Parameters:
  ///   - source: the space of n points.
  ///   - target: the space of m points.
  ///   - features: M; none when nil.
  ///   - alpha: ½ when nil and there are features; 1 is the only choice without them.
  ///   - proximity: K; all ones when nil. Both geometries must be symmetric then.
  ///   - relaxation: none by default.
  ///   - loss: the square by default. With another one there is no K, and both spaces are held as matrices.
  /// - Throws: `ProblemError` when sizes do not fit, numbers are out of range, K is not symmetric, the masses of a balanced problem
  ///   differ by more than 1e-9, or the loss of distances between points with weight makes no sense.
  public init(
    source: MetricMeasureSpace, target: MetricMeasureSpace, features: Matrix? = nil, alpha: Double? = nil, proximity: Matrix? = nil,
    relaxation: MarginalRelaxation = .balanced, loss: QuadraticLoss = .square
  ) throws(ProblemError) {
    (self.source, self.target) = try loss.comparable(source, target)
    self.loss = loss
    self.features = features
    self.alpha = alpha ?? (features == nil ? 1 : 0.5)
    self.relaxation = relaxation
    try relaxation.validate()
    try ProblemError.validate(matrices: 4, rows: source.count, columns: target.count, named: "a plan")
    try ProblemError.validate(masses: [source.weights, target.weights])
    if relaxation.isBalanced {
      try ProblemError.validate(massOf: compensatedSum(source.weights), equals: compensatedSum(target.weights))
    }
    if let features {
      try ProblemError.validate(features, named: "the feature cost", rows: source.count, columns: target.count)
      if !(0...1).contains(self.alpha) { throw .parameter(name: "α", found: "\(self.alpha)", expected: "a number from 0 to 1") }
      try ProblemError.validate(cost: features, named: "the feature cost", atMost: largestCost)
    } else if self.alpha != 1 {
      throw .parameter(name: "α", found: "\(self.alpha)", expected: "1, since there is no feature cost")
    }
    if proximity != nil, loss != .square {
      throw .parameter(name: "the loss of a problem with a proximity kernel", found: "kl", expected: "the square")
    }
    self.proximity = try proximity.map { kernel throws(ProblemError) in try Self.validated(kernel, source: source, target: target) }
  }

  private static func validated(
    _ kernel: Matrix, source: MetricMeasureSpace, target: MetricMeasureSpace
  ) throws(ProblemError) -> Matrix {
    for (name, space) in [("source", source), ("target", target)] {
      if case .asymmetric = space.geometry {
        throw .parameter(name: "the \(name) of a problem with a proximity kernel", found: "asymmetric", expected: "symmetric distances")
      }
    }
    let n = source.count
    try ProblemError.validate(kernel, named: "the proximity kernel", rows: n, columns: n)
    if let least = kernel.elements.min(), least < 0 {
      throw .parameter(name: "the smallest element of the proximity kernel", found: "\(least)", expected: "a number that is not negative")
    }
    // The kernel's own check of symmetry, size and symmetrisation is that of distances.
    return try MetricMeasureSpace(distances: kernel, name: "the proximity kernel").distances
  }

  /// The product plan a bᵀ/√(m(a) m(b)), where iterations start.
  var productPlan: Matrix { CoOptimalProblem.productPlan((source.weights, target.weights)) }
}

extension QuadraticProblem {
  var forbidsPairs: Bool { features?.elements.contains(.infinity) ?? false }

  /// M with 0 for forbidden pairs, where no plan has mass.
  var finiteFeatures: Matrix? { forbidsPairs ? features?.map { $0 < .infinity ? $0 : 0 } : features }

  /// A cost with ∞ at the forbidden pairs.
  func forbidding(_ cost: Matrix) -> Matrix {
    guard let features, forbidsPairs else { return cost }
    return Matrix(
      rows: cost.rows, columns: cost.columns, elements: zip(cost.elements, features.elements).map { $1 < .infinity ? $0 : .infinity })
  }

  /// The plan without mass on forbidden pairs that is nearest to the product plan, and the product plan itself where none is forbidden.
  ///
  /// - Throws: `ProblemError.infeasible` when there is none.
  var allowedPlan: Matrix {
    get throws(ProblemError) {
      guard forbidsPairs else { return productPlan }
      let (a, b) = (source.weights, target.weights)
      let free = forbidding(Matrix(rows: a.count, columns: b.count))
      return try Sinkhorn(epsilon: 1, stopping: .init(tolerance: 1e-12, iterationLimit: 10_000))
        .solve(LinearProblem(cost: free, source: a, target: b)).coupling.plan
    }
  }

  /// Checks that a plan to start from has no mass on forbidden pairs.
  func requireNoForbiddenMass(_ plan: Matrix) throws(ProblemError) {
    if let features, zip(features.elements, plan.elements).contains(where: { $0 == .infinity && $1 > 0 }) {
      throw .parameter(name: "the start", found: "positive on a forbidden pair", expected: "no mass where the feature cost is infinite")
    }
  }

  /// The same problem with both marginals prescribed, and the target's weights scaled to the source's mass.
  func balanced() throws(ProblemError) -> QuadraticProblem {
    let factor = compensatedSum(source.weights) / compensatedSum(target.weights)
    let scaled = relaxation.isBalanced ? target : try target.weighted(by: factor)
    return try QuadraticProblem(
      source: source, target: scaled, features: features, alpha: features == nil ? nil : alpha, proximity: proximity, loss: loss)
  }

  /// The same problem with both marginals prescribed, each in the proportions of its weights and of that mass.
  func balanced(mass: Double) throws(ProblemError) -> QuadraticProblem {
    try QuadraticProblem(
      source: source.weighted(by: mass / compensatedSum(source.weights)),
      target: target.weighted(by: mass / compensatedSum(target.weights)),
      features: features, alpha: features == nil ? nil : alpha, proximity: proximity, loss: loss)
  }

  /// The same balanced problem with the square of differences as its loss.
  func comparingSquares() throws(ProblemError) -> QuadraticProblem {
    if loss == .square { return self }
    return try QuadraticProblem(source: source, target: target, features: features, alpha: features == nil ? nil : alpha)
  }

  /// For solvers whose steps are those of the square.
  func requireSquareLoss() throws(ProblemError) {
    if loss != .square { throw .parameter(name: "the loss of a problem for this solver", found: "kl", expected: "the square") }
  }

  /// For solvers that spread mass over all pairs.
  func requireNoForbiddenPairs() throws(ProblemError) {
    guard let index = features?.elements.firstIndex(of: .infinity) else { return }
    throw .nonFinite(
      name: "the feature cost", place: "(\(index / target.count), \(index % target.count))", value: .infinity,
      allowed: "only the conditional gradient knows forbidden pairs; finite numbers are")
  }
}

extension MetricMeasureSpace {
  /// The same points with their weights times a number.
  fileprivate func weighted(by factor: Double) throws(ProblemError) -> MetricMeasureSpace {
    try MetricMeasureSpace(geometry: geometry, weights: weights.map { $0 * factor })
  }
}
