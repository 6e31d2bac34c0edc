import LinearAlgebra

/// A Gromov–Wasserstein problem with square loss, optionally fused with a linear cost M and weighted by a kernel K on
/// the source.
///
/// It asks for
///
///     min  (1 − α) ⟨M, P⟩ + α Σ_{ijkl} K_ik (D1_ik − D2_jl)² P_ij P_kl      over P ≥ 0
///
/// with P1 = a and Pᵀ1 = b, or with relaxed marginals, whose penalties `UnbalancedGromovWasserstein` defines. Without
/// M, α is 1; without K, all K_ik are 1, which is plain Gromov–Wasserstein.
/// Another `loss` may replace the square in the conditional gradient and entropic steps of balanced, semi-relaxed, and
/// partial problems.
public struct QuadraticProblem: Sendable {
  /// The source space: n points with distances D1 and weights a.
  public let source: MetricMeasureSpace
  /// The target space: m points with distances D2 and weights b, in a balanced problem with the mass of the source.
  public let target: MetricMeasureSpace
  /// The feature cost M, n×m: the cost of matching two points regardless of other points.
  ///
  /// An entry of +∞ forbids a pair for every α; only conditional gradient solvers and entropic
  /// semi-relaxed steps accept it.
  public let features: Matrix?
  /// α in [0, 1], the weight of the quadratic term.
  public let alpha: Double
  /// The kernel K, n×n, symmetric and nonnegative, which weights pairs of source points (`ProximityKernel`).
  public let proximity: Matrix?
  /// The penalty weights of the marginals; balanced problems prescribe both.
  public let relaxation: MarginalRelaxation
  /// L(D1_ik, D2_jl), what compares distances.
  public let loss: QuadraticLoss

  /// Creates a problem.
  ///
  /// - Parameters:
  ///   - source: the space of n points.
  ///   - target: the space of m points.
  ///   - features: the feature cost M, n×m; none if nil.
  ///   - alpha: α; if nil, ½ with features and 1 without, which is then the only choice.
  ///   - proximity: the kernel K, n×n, for symmetric geometries only; all ones if nil.
  ///   - relaxation: the penalty weights of the marginals; both prescribed by default.
  ///   - loss: the loss of two distances; another one than the square excludes K and needs both spaces as matrices.
  /// - Throws: `ProblemError` if sizes do not fit, numbers are out of range, K is not symmetric, or the masses of a
  ///   balanced problem differ by more than a relative 1e-9, or the loss is not defined for the distances.
  public init(
    source: MetricMeasureSpace, target: MetricMeasureSpace, features: Matrix? = nil, alpha: Double? = nil,
    proximity: Matrix? = nil,
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
      if !(0...1).contains(self.alpha) {
        throw .parameter(name: "α", found: "\(self.alpha)", expected: "a number from 0 to 1")
      }
      try ProblemError.validate(cost: features, named: "the feature cost", atMost: largestCost)
    } else if self.alpha != 1 {
      throw .parameter(name: "α", found: "\(self.alpha)", expected: "1, since there is no feature cost")
    }
    if proximity != nil, loss != .square {
      throw .parameter(name: "the loss of a problem with a proximity kernel", found: "kl", expected: "the square")
    }
    self.proximity = try proximity.map { kernel throws(ProblemError) in
      try Self.validated(kernel, source: source, target: target)
    }
  }

  private static func validated(
    _ kernel: Matrix, source: MetricMeasureSpace, target: MetricMeasureSpace
  ) throws(ProblemError) -> Matrix {
    for (name, space) in [("source", source), ("target", target)] {
      if case .asymmetric = space.geometry {
        throw .parameter(
          name: "the \(name) of a problem with a proximity kernel", found: "asymmetric", expected: "symmetric distances"
        )
      }
    }
    let n = source.count
    try ProblemError.validate(kernel, named: "the proximity kernel", rows: n, columns: n)
    if let least = kernel.elements.min(), least < 0 {
      throw .parameter(
        name: "the smallest element of the proximity kernel", found: "\(least)",
        expected: "a number that is not negative")
    }
    // Symmetry and magnitude of the kernel are checked as for distances.
    return try MetricMeasureSpace(distances: kernel, name: "the proximity kernel").distances
  }

  /// The product plan a bᵀ/√(m(a) m(b)), the default start.
  var productPlan: Matrix { CoOptimalProblem.productPlan((source.weights, target.weights)) }
}

extension QuadraticProblem {
  var forbidsPairs: Bool { features?.elements.contains(.infinity) ?? false }

  /// M with 0 for forbidden pairs, where no plan has mass.
  var finiteFeatures: Matrix? { forbidsPairs ? features?.map { $0 < .infinity ? $0 : 0 } : features }

  /// Returns a cost with ∞ at the forbidden pairs.
  func forbidding(_ cost: Matrix) -> Matrix {
    guard let features, forbidsPairs else { return cost }
    return Matrix(
      rows: cost.rows, columns: cost.columns,
      elements: zip(cost.elements, features.elements).map { $1 < .infinity ? $0 : .infinity })
  }

  /// The closest plan to the product plan without mass on forbidden pairs; the product plan if no pair is forbidden.
  ///
  /// - Throws: `ProblemError.infeasible` if there is no such plan.
  var allowedPlan: Matrix {
    get throws(ProblemError) {
      guard forbidsPairs else { return productPlan }
      let (a, b) = (source.weights, target.weights)
      let free = forbidding(Matrix(rows: a.count, columns: b.count))
      return try Sinkhorn(epsilon: 1, stopping: .init(tolerance: 1e-12, iterationLimit: 10_000))
        .solve(LinearProblem(cost: free, source: a, target: b)).coupling.plan
    }
  }

  /// Checks that an initial plan has no mass on forbidden pairs.
  func requireNoForbiddenMass(_ plan: Matrix) throws(ProblemError) {
    if let features, zip(features.elements, plan.elements).contains(where: { $0 == .infinity && $1 > 0 }) {
      throw .parameter(
        name: "the start", found: "positive on a forbidden pair", expected: "no mass where the feature cost is infinite"
      )
    }
  }

  /// The problem with both marginals prescribed, and the target's weights scaled to the source's mass.
  func balanced() throws(ProblemError) -> QuadraticProblem {
    let factor = compensatedSum(source.weights) / compensatedSum(target.weights)
    let scaled = relaxation.isBalanced ? target : try target.weighted(by: factor)
    return try QuadraticProblem(
      source: source, target: scaled, features: features, alpha: features == nil ? nil : alpha, proximity: proximity,
      loss: loss)
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
    return try QuadraticProblem(
      source: source, target: target, features: features, alpha: features == nil ? nil : alpha)
  }

  /// For solvers whose steps are those of the square.
  func requireSquareLoss() throws(ProblemError) {
    if loss != .square {
      throw .parameter(name: "the loss of a problem for this solver", found: "kl", expected: "the square")
    }
  }

  /// Checks that no pair is forbidden, for solvers that spread mass over all pairs.
  func requireNoForbiddenPairs() throws(ProblemError) {
    guard let index = features?.elements.firstIndex(of: .infinity) else { return }
    throw .nonFinite(
      name: "the feature cost", place: "(\(index / target.count), \(index % target.count))", value: .infinity,
      allowed: "forbidden pairs need conditional gradient steps, so only finite numbers are")
  }
}

extension MetricMeasureSpace {
  /// The same points with their weights multiplied by a number.
  fileprivate func weighted(by factor: Double) throws(ProblemError) -> MetricMeasureSpace {
    try MetricMeasureSpace(geometry: geometry, weights: weights.map { $0 * factor })
  }
}
