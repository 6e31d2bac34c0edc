import LinearAlgebra

/// The solution of a Gromov–Wasserstein problem, fused or not: a stationary point, not a certified minimum.
public struct GromovWassersteinSolution: Sendable, Interruptible {
  public let coupling: Coupling
  /// (1 − α) ⟨M, P⟩ + α GW²(P) of the returned plan, without any entropy or marginal penalty; GW²(P) where nothing is fused.
  public var value: Double { parts.value }
  /// GW²(P) and ⟨M, P⟩.
  public let parts: QuadraticParts
  /// What the solver descends, entropy and marginal penalties included; its doc comment says which.
  public let regularizedValue: Double
  /// Of the last linear problem solved; they certify that no first-order step improves the plan.
  public let potentials: Potentials
  public package(set) var status: Status
  public let iterations: Int
  /// Iterations of the linear solver over all steps.
  public let innerIterations: Int
  /// The objective is what the solver descends, at the plan before the step; the solver says what the residual is.
  public let trace: Trace
}
