import LinearAlgebra

/// A balanced Gromov–Wasserstein problem with square loss:
/// min GW²(P) = Σ_{ijkl} (D1_ik − D2_jl)² P_ij P_kl over P ≥ 0 with P1 = a and Pᵀ1 = b.
public struct QuadraticProblem: Sendable {
  /// n points with distances D1 and weights a.
  public let source: MetricMeasureSpace
  /// m points with distances D2 and weights b; the sum of b is that of a.
  public let target: MetricMeasureSpace

  /// - Throws: `ProblemError.massMismatch` when the two masses differ by more than 1e-9.
  public init(source: MetricMeasureSpace, target: MetricMeasureSpace) throws(ProblemError) {
    try ProblemError.validate(massOf: compensatedSum(source.weights), equals: compensatedSum(target.weights))
    self.source = source
    self.target = target
  }
}
