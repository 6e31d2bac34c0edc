import LinearAlgebra

/// The solution of a Gromov–Wasserstein problem, fused or not: a stationary point, not a certified global minimum.
public struct GromovWassersteinSolution: Sendable, Interruptible {
  /// The plan P with the problem's weights.
  public let coupling: Coupling
  /// The objective (1 − α) ⟨M, P⟩ + α GW²(P) of the plan, without entropy or marginal penalties; GW²(P) without
  /// features.
  public var value: Double { parts.value }
  /// The quadratic term GW²(P) and the linear term ⟨M, P⟩.
  public let parts: QuadraticParts
  /// The objective that the solver minimizes, with its entropy and marginal penalties; the documentation of the
  /// solver states it.
  public let regularizedValue: Double
  /// The dual potentials of the last linear problem, which certify that no first-order step improves the plan.
  public let potentials: Potentials
  /// Whether the solver converged, and if not, why it ended.
  public package(set) var status: Status
  /// The number of outer iterations.
  public let iterations: Int
  /// The number of iterations of the linear solver over all steps.
  public let innerIterations: Int
  /// The history of the iteration; the objective is evaluated before each step, and the documentation of the solver
  /// defines the residual.
  public let trace: Trace
}
