import Glibc
import LinearAlgebra

/// A kernel on the source points, K_h(x, x') = exp(−|x − x'|²/2h²), that restricts a quadratic problem to nearby
/// pairs.
///
/// It defines the fused optimal transport plan of Chung.
public struct ProximityKernel: Sendable {
  /// The bandwidth h > 0, in units of the distances.
  ///
  /// h = ∞ weights all pairs equally, which is fused Gromov–Wasserstein.
  public var bandwidth: Double

  /// Creates a kernel with the given bandwidth h > 0.
  public init(bandwidth: Double) { self.bandwidth = bandwidth }

  /// Returns the kernel matrix K between n points, divided by aᵀKa.
  ///
  /// The weighted mean of K is then 1, so that α keeps its meaning for every h.
  ///
  /// - Parameters:
  ///   - distances: the distances between the source points, n×n.
  ///   - weights: the source weights a.
  /// - Returns: the kernel, n×n.
  /// - Throws: `ProblemError.parameter` if h is not positive.
  public func matrix(distances: Matrix, weights: [Double]) throws(ProblemError) -> Matrix {
    if !(bandwidth > 0) {
      throw .parameter(name: "the bandwidth", found: "\(bandwidth)", expected: "a positive number")
    }
    let kernel = distances.map { distance in
      let ratio = distance / bandwidth
      return exp(-ratio * ratio / 2)
    }
    let mass = compensatedSum(weights)
    let mean = dot(weights, kernel * weights) / (mass * mass)
    return kernel.map { $0 / mean }
  }
}
