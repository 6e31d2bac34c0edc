import LinearAlgebra

/// The solution of a conic CO-optimal transport problem: a blockwise maximum of F that is not certified to be global.
public struct ConicCoOptimalSolution: Sendable, Interruptible {
  /// The semi-coupling (P0, P1) between the nodes.
  public let nodes: SemiCoupling
  /// The semi-coupling (Q0, Q1) between the hyperedges.
  public let hyperedges: SemiCoupling
  /// The squared distance CCOT² at the semi-couplings.
  public let squaredDistance: Double
  /// The distance CCOT at the semi-couplings.
  public var distance: Double { squaredDistance.squareRoot() }
  /// The similarity F at the semi-couplings.
  public let similarity: Double
  /// The largest deviation of the summed kernel from Ω; the error of F is at most this times √(m1 m2).
  public let kernelError: Double
  /// Whether the solver converged, and if not, why it ended.
  public package(set) var status: Status
  /// The number of iterations at the last δ.
  public let iterations: Int
  /// The history of the iteration; the objective is the squared distance after each iteration, at the last δ.
  public let trace: Trace
}

/// The solution of a conic Gromov–Wasserstein problem, with a lower and an upper value.
///
/// The solver solves the relaxation in which P and Q may differ. Its value is a lower bound of CGW² only if its
/// solution is globally optimal; the better one of F(P, P) and F(Q, Q) always gives an upper bound.
public struct ConicGromovWassersteinSolution: Sendable, Interruptible {
  /// The semi-coupling that attains the upper value.
  public let coupling: SemiCoupling
  /// The squared distance CCOT² that was found for the relaxation.
  public let lowerSquared: Double
  /// The upper value δ² (|μ1|² + |μ2|² − 2 max(F(P, P), F(Q, Q))).
  public let upperSquared: Double
  /// The distance, the square root of `upperSquared`.
  public var distance: Double { upperSquared.squareRoot() }
  /// The solution of the relaxation.
  public private(set) var relaxation: ConicCoOptimalSolution
  /// Whether the solver converged, and if not, why it ended.
  public package(set) var status: Status {
    get { relaxation.status }
    set { relaxation.status = newValue }
  }
  /// The number of iterations at the last δ.
  public var iterations: Int { relaxation.iterations }
  /// The history of the relaxation.
  public var trace: Trace { relaxation.trace }
}
