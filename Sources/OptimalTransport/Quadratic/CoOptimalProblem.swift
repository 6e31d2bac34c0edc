import LinearAlgebra

/// A CO-optimal transport problem between two data tables: plans between their rows (samples) and between their
/// columns (features).
///
/// The plans P between rows and Q between columns minimize Σ (X_ik − Y_jl)² P_ij Q_kl, with prescribed or relaxed
/// marginals.
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

  /// Creates a problem.
  ///
  /// - Parameters:
  ///   - source: X, n×d, of magnitude at most 1e70.
  ///   - target: Y, m×e, of magnitude at most 1e70.
  ///   - samples: the weights of the rows of X and Y; uniform with sum 1 if nil. In a balanced problem the sums may
  ///     differ by a relative 1e-9; the weights of Y are rescaled.
  ///   - features: the weights of the columns of X and Y, treated like those of the rows.
  ///   - relaxation: the penalty weights of the marginals of P⊗Q; prescribed by default.
  /// - Throws: `ProblemError` if a size does not fit, numbers are out of range, or the masses of a balanced problem
  ///   differ.
  public init(
    source: Matrix, target: Matrix, samples: (source: [Double]?, target: [Double]?) = (nil, nil),
    features: (source: [Double]?, target: [Double]?) = (nil, nil), relaxation: MarginalRelaxation = .balanced
  ) throws(ProblemError) {
    for (name, matrix) in [("X", source), ("Y", target)] {
      if matrix.elements.isEmpty { throw .empty(name: name) }
      try ProblemError.validate(matrix, named: name, atMost: largestDistance)
      try ProblemError.validate(matrix, named: name, largestAtLeast: smallestDistance)
    }
    try relaxation.validate()
    try ProblemError.validate(matrices: 4, rows: source.rows, columns: target.rows, named: "a plan between samples")
    try ProblemError.validate(matrices: 4, rows: source.columns, columns: target.columns, named: "a plan between features")
    self.source = source
    self.target = target
    self.relaxation = relaxation
    self.samples = try Self.weights(samples, ("sample", source.rows, target.rows), relaxation)
    self.features = try Self.weights(features, ("feature", source.columns, target.columns), relaxation)
  }

  private static func weights(
    _ given: (source: [Double]?, target: [Double]?), _ expected: (name: String, n: Int, m: Int), _ relaxation: MarginalRelaxation
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

  /// The product of both sides' weights, scaled to mass √(m(a) m(b)).
  static func productPlan(_ weights: (source: [Double], target: [Double])) -> Matrix {
    let scale = (compensatedSum(weights.source) * compensatedSum(weights.target)).squareRoot()
    return Matrix(outer: weights.source, weights.target.map { $0 / scale })
  }
}
