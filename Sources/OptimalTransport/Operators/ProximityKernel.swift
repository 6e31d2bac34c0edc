import Glibc
import LinearAlgebra

/// A kernel K_h(x, x') = exp(−|x − x'|²/2h²) on the source points, which lets a quadratic problem look at nearby pairs only
/// (Chung, fused optimal transport plan).
public struct ProximityKernel: Sendable {
  /// h > 0, in units of the distances; ∞ gives all pairs the same weight, which is plain fused Gromov–Wasserstein.
  public var bandwidth: Double

  public init(bandwidth: Double) { self.bandwidth = bandwidth }

  /// The kernel's matrix for n points, divided by aᵀKa so that its mean is 1: α keeps its meaning when h changes.
  ///
  /// - Throws: `ProblemError.parameter` when h is not positive.
  public func matrix(distances: Matrix, weights: [Double]) throws(ProblemError) -> Matrix {
    if !(bandwidth > 0) { throw .parameter(name: "the bandwidth", found: "\(bandwidth)", expected: "a positive number") }
    let kernel = distances.map { distance in
      let ratio = distance / bandwidth
      return exp(-ratio * ratio / 2)
    }
    let mass = compensatedSum(weights)
    let mean = dot(weights, kernel * weights) / (mass * mass)
    return kernel.map { $0 / mean }
  }
}
