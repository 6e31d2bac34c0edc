import LinearAlgebra

/// Two hypernetworks to be compared on the cone, by semi-couplings of their nodes and hyperedges.
///
/// With semi-couplings (P0, P1) of nodes and (Q0, Q1) of hyperedges, the squared distance is
///
///     CCOT² = δ² (|μ1||ν1| + |μ2||ν2| − 2 max F),      F = Σ_ijkl Ω(|ω1_ik − ω2_jl|/δ) √(P0_ij P1_ij) √(Q0_kl Q1_kl)
///
/// over P0 1 = μ1, P1ᵀ 1 = μ2, Q0 1 = ν1, and Q1ᵀ 1 = ν2. For networks, CGW is the same problem with P = Q, so that
/// CCOT ≤ CGW. Both are metrics between networks up to isomorphism, finite between any masses, and nondecreasing in
/// δ; CGW ≤ GW if the masses are 1 (Séjourné, Vialard, and Peyré, 2021, arXiv:2009.04266; in terms of semi-couplings
/// and for hypernetworks: Antony Oliver, Hartman, and Needham, 2025, arXiv:2508.10888).
public struct ConicProblem: Sendable {
  /// The first hypernetwork.
  public let first: Hypernetwork
  /// The second hypernetwork.
  public let second: Hypernetwork
  /// The kernel Ω of the cone.
  public let kernel: ConeKernel
  /// The length scale δ > 0, in units of ω: values that differ by much more are not matched.
  public let delta: Double

  /// Creates a problem.
  ///
  /// - Parameters:
  ///   - first: the first hypernetwork.
  ///   - second: the second hypernetwork.
  ///   - kernel: the kernel Ω of the cone; Gaussian by default.
  ///   - delta: the length scale δ, from 1e-70 to 1e70.
  /// - Throws: `ProblemError` if δ is out of range, |ω1 − ω2|/δ overflows or underflows, or the truncation of the
  ///   kernel is out of range.
  public init(
    first: Hypernetwork, second: Hypernetwork, kernel: ConeKernel = .gaussianHellinger, delta: Double
  ) throws(ProblemError) {
    try ProblemError.validate(positive: delta, named: "δ")
    if !(1e-70...1e70).contains(delta) {
      throw .parameter(name: "δ", found: "\(delta)", expected: "a number from 1e-70 to 1e70")
    }
    try kernel.validate()
    try ProblemError.validate(
      matrices: 4, rows: first.nodes.count, columns: second.nodes.count, named: "a plan between nodes")
    try ProblemError.validate(
      matrices: 4, rows: first.hyperedges.count, columns: second.hyperedges.count, named: "a plan between hyperedges")
    self.first = first
    self.second = second
    self.kernel = kernel
    self.delta = delta
  }

  /// The total masses |μ1||ν1| and |μ2||ν2|.
  var masses: (first: Double, second: Double) {
    (
      compensatedSum(first.nodes) * compensatedSum(first.hyperedges),
      compensatedSum(second.nodes) * compensatedSum(second.hyperedges)
    )
  }

  /// Returns CCOT² for a similarity F between the hypernetworks scaled to masses 1.
  func squaredDistance(similarity: Double) -> Double {
    squaredConicDistance(similarity: similarity, masses: masses, delta: delta)
  }

  /// Returns the problem with another δ.
  func with(delta: Double) throws(ProblemError) -> ConicProblem {
    try ConicProblem(first: first, second: second, kernel: kernel, delta: delta)
  }

  /// The peak memory of conic Gromov–Wasserstein for large networks, in bytes.
  ///
  /// It is that of sixteen matrices of n1×n2 numbers, seven of which are needed only for masses other than 1.
  ///
  /// - Parameters:
  ///   - first: the number n1 of nodes of the first network.
  ///   - second: the number n2 of nodes of the second network.
  /// - Returns: an upper bound of the memory in bytes.
  public static func memory(first: Int, second: Int) -> Double { 16 * 8 * Double(first) * Double(second) }
}

/// Returns δ² (m1 + m2 − 2 √(m1 m2) F) for a similarity F of hypernetworks scaled to masses 1.
///
/// It is computed as √(m1 m2) 2 (1 − F) δ² + δ² (√m1 − √m2)², in which different masses cause no cancellation.
func squaredConicDistance(similarity: Double, masses: (first: Double, second: Double), delta: Double) -> Double {
  let apart = masses.first.squareRoot() - masses.second.squareRoot()
  return delta * delta * ((masses.first * masses.second).squareRoot() * 2 * max(1 - similarity, 0) + apart * apart)
}
