import LinearAlgebra

/// A CO-optimal transport problem between two data matrices: plans P between their rows (samples) and Q between their
/// columns (features) that minimise Σ (X_ik − Y_jl)² P_ij Q_kl + ⟨L, P⟩ + ⟨M, Q⟩, with prescribed or relaxed marginals;
/// the linear terms are 0 unless given.
public struct CoOptimalProblem: Sendable {
  /// The source table X, n×d.
  public let source: Matrix
  /// The target table Y, m×e.
  public let target: Matrix
  /// The weights of the rows of X (n) and of Y (m).
  public let samples: (source: [Double], target: [Double])
  /// The weights of the columns of X (d) and of Y (e).
  public let features: (source: [Double], target: [Double])
  /// The penalty weights of the marginals of P⊗Q; balanced problems prescribe them.
  public let relaxation: MarginalRelaxation
  /// L, n×m, and M, d×e: what matching rows and columns costs in itself; nil for nothing.
  public let linear: (samples: Matrix?, features: Matrix?)

  /// Creates a problem.
  ///
  /// - Parameters:
  ///   - source: X, n×d, of magnitude at most 1e70.
  ///   - target: Y, m×e, likewise.
  ///   - samples: weights of the rows of X and Y; uniform with sum 1 where nil. In a balanced problem those of Y are
  ///     rescaled by at most 1e-9 to the sum of those of X.
  ///   - features: weights of the columns, likewise.
  ///   - relaxation: of the marginals of P⊗Q.
  ///   - linear: L (n×m) and M (d×e), of magnitude at most 1e140, in units of squared data times the mass of the other
  ///     plan.
  /// - Throws: `ProblemError` when a size does not fit, numbers are out of range, or masses of a balanced problem
  ///   differ.
  public init(
    source: Matrix, target: Matrix, samples: (source: [Double]?, target: [Double]?) = (nil, nil),
    features: (source: [Double]?, target: [Double]?) = (nil, nil), relaxation: MarginalRelaxation = .balanced,
    linear: (samples: Matrix?, features: Matrix?) = (nil, nil)
  ) throws(ProblemError) {
    for (name, matrix) in [("X", source), ("Y", target)] {
      if matrix.elements.isEmpty { throw .empty(name: name) }
      try ProblemError.validate(matrix, named: name, atMost: largestDistance)
      try ProblemError.validate(matrix, named: name, largestAtLeast: smallestDistance)
    }
    try relaxation.validate()
    try ProblemError.validate(matrices: 4, rows: source.rows, columns: target.rows, named: "a plan between samples")
    try ProblemError.validate(
      matrices: 4, rows: source.columns, columns: target.columns, named: "a plan between features")
    self.source = source
    self.target = target
    self.relaxation = relaxation
    for (name, matrix, rows, columns) in [
      ("the linear cost of samples", linear.samples, source.rows, target.rows),
      ("the linear cost of features", linear.features, source.columns, target.columns),
    ] {
      guard let matrix else { continue }
      try ProblemError.validate(matrix, named: name, rows: rows, columns: columns)
      try ProblemError.validate(matrix, named: name, atMost: largestDistance * largestDistance)
    }
    self.linear = linear
    self.samples = try Self.weights(samples, ("sample", source.rows, target.rows), relaxation)
    self.features = try Self.weights(features, ("feature", source.columns, target.columns), relaxation)
  }

  private static func weights(
    _ given: (source: [Double]?, target: [Double]?), _ expected: (name: String, n: Int, m: Int),
    _ relaxation: MarginalRelaxation
  ) throws(ProblemError) -> (source: [Double], target: [Double]) {
    let a = given.source ?? .uniform(expected.n)
    let b = given.target ?? .uniform(expected.m)
    for (weights, side, count) in [(a, "X", expected.n), (b, "Y", expected.m)] {
      let name = "the \(expected.name) weights of \(side)"
      if weights.count != count { throw .shape(name: name, found: "\(weights.count) elements", expected: "\(count)") }
      try ProblemError.validate(weights: weights, named: name)
    }
    try ProblemError.validate(masses: [a, b])
    return (a, relaxation.isBalanced ? try LinearProblem.matched(b, to: a) : b)
  }

  var hasLinearTerms: Bool { linear.samples != nil || linear.features != nil }

  /// ⟨L, P⟩ and ⟨M, Q⟩.
  func linearCosts(samples: Coupling, features: Coupling) -> (samples: Double, features: Double) {
    (
      linear.samples.map { dot($0.elements, samples.plan.elements) } ?? 0,
      linear.features.map { dot($0.elements, features.plan.elements) } ?? 0
    )
  }

  /// The product of a side's weights, of mass √(m(a) m(b)).
  static func productPlan(_ weights: (source: [Double], target: [Double])) -> Matrix {
    let scale = (compensatedSum(weights.source) * compensatedSum(weights.target)).squareRoot()
    return Matrix(outer: weights.source, weights.target.map { $0 / scale })
  }
}
