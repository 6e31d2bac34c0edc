import LinearAlgebra

/// The solution of a conic co-optimal transport problem: a point that no block alone can improve, not a certified maximum of F.
public struct ConicCoOptimalSolution: Sendable, Interruptible {
  /// (P0, P1), between the nodes.
  public let nodes: SemiCoupling
  /// (Q0, Q1), between the hyperedges.
  public let hyperedges: SemiCoupling
  /// CCOT² at these semi-couplings.
  public let squaredDistance: Double
  public var distance: Double { squaredDistance.squareRoot() }
  /// F.
  public let similarity: Double
  /// How far the kernel that was summed is from Ω at most; F is off by no more than this times √(m1 m2).
  public let kernelError: Double
  public package(set) var status: Status
  public let iterations: Int
  /// The objective is the squared distance after each iteration, at the last δ.
  public let trace: Trace
}

/// The solution of a conic Gromov–Wasserstein problem. The relaxation, in which P and Q may differ, was solved: its value is below CGW² as far as
/// its solution is the best, and the better of F(P, P) and F(Q, Q) is certainly above.
public struct ConicGromovWassersteinSolution: Sendable, Interruptible {
  /// The semi-coupling of the upper value.
  public let coupling: SemiCoupling
  /// CCOT² found.
  public let lowerSquared: Double
  /// δ² (|μ1|² + |μ2|² − 2 max(F(P, P), F(Q, Q))).
  public let upperSquared: Double
  /// The distance: the root of `upperSquared`.
  public var distance: Double { upperSquared.squareRoot() }
  /// The relaxed problem's solution.
  public private(set) var relaxation: ConicCoOptimalSolution
  public package(set) var status: Status {
    get { relaxation.status }
    set { relaxation.status = newValue }
  }
  public var iterations: Int { relaxation.iterations }
  public var trace: Trace { relaxation.trace }
}
