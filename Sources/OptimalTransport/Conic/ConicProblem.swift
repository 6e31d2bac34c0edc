import LinearAlgebra

/// Two hypernetworks to be compared on the cone: with semi-couplings (P0, P1) of nodes and (Q0, Q1) of hyperedges,
///
///     CCOT² = δ² (|μ1||ν1| + |μ2||ν2| − 2 max F),      F = Σ_ijkl Ω(|ω1_ik − ω2_jl|/δ) √(P0_ij P1_ij) √(Q0_kl Q1_kl)
///
/// over P0 1 = μ1, P1ᵀ 1 = μ2, Q0 1 = ν1, Q1ᵀ 1 = ν2. For networks CGW is the same with P = Q, so that CCOT ≤ CGW; both are metrics between
/// networks up to isomorphism, finite between any masses, never decreasing in δ, and CGW ≤ GW where masses are 1 (Séjourné, Vialard, Peyré 2021,
/// arXiv:2009.04266; in semi-couplings and for hypernetworks: Antony Oliver, Hartman, Needham 2025, arXiv:2508.10888).
public struct ConicProblem: Sendable {
  public let first: Hypernetwork
  public let second: Hypernetwork
  public let kernel: ConeKernel
  /// δ > 0, in units of ω: values that differ by much more are not worth matching.
  public let delta: Double

  /// - Throws: `ProblemError` when δ is not positive, or so small or large that |ω1 − ω2|/δ leaves the range of numbers, or the cap is out of range.
  public init(
    first: Hypernetwork, second: Hypernetwork, kernel: ConeKernel = .gaussianHellinger, delta: Double
  ) throws(ProblemError) {
    try ProblemError.validate(positive: delta, named: "δ")
    if !(1e-70...1e70).contains(delta) { throw .parameter(name: "δ", found: "\(delta)", expected: "a number from 1e-70 to 1e70") }
    try kernel.validate()
    try ProblemError.validate(matrices: 4, rows: first.nodes.count, columns: second.nodes.count, named: "a plan between nodes")
    try ProblemError.validate(
      matrices: 4, rows: first.hyperedges.count, columns: second.hyperedges.count, named: "a plan between hyperedges")
    self.first = first
    self.second = second
    self.kernel = kernel
    self.delta = delta
  }

  /// |μ1||ν1| and |μ2||ν2|.
  var masses: (first: Double, second: Double) {
    (compensatedSum(first.nodes) * compensatedSum(first.hyperedges), compensatedSum(second.nodes) * compensatedSum(second.hyperedges))
  }

  /// CCOT² at a similarity F between the hypernetworks scaled to masses 1.
  func squaredDistance(similarity: Double) -> Double { squaredConicDistance(similarity: similarity, masses: masses, delta: delta) }

  /// The same problem at another δ.
  func with(delta: Double) throws(ProblemError) -> ConicProblem {
    try ConicProblem(first: first, second: second, kernel: kernel, delta: delta)
  }

  /// The bytes that conic Gromov–Wasserstein needs at most where its size is what matters: sixteen matrices of n1×n2 numbers, seven of them for
  /// solutions between masses other than 1.
  ///
  /// - Parameters:
  ///   - first: nodes of the first network.
  ///   - second: nodes of the second.
  public static func memory(first: Int, second: Int) -> Double { 16 * 8 * Double(first) * Double(second) }
}

/// δ² (m1 + m2 − 2 √(m1 m2) F) for a similarity F of what was scaled to masses 1, as √(m1 m2) 2 (1 − F) δ² + δ² (√m1 − √m2)²: a difference of masses
/// does not cancel digits.
func squaredConicDistance(similarity: Double, masses: (first: Double, second: Double), delta: Double) -> Double {
  let apart = masses.first.squareRoot() - masses.second.squareRoot()
  return delta * delta * ((masses.first * masses.second).squareRoot() * 2 * max(1 - similarity, 0) + apart * apart)
}
