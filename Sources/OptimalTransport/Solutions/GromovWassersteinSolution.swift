/// The solution of a Gromov–Wasserstein problem: a stationary point, not a certified minimum.
public struct GromovWassersteinSolution: Sendable {
  public let coupling: Coupling
  /// GW²(P) = Σ (D1_ik − D2_jl)² P_ij P_kl of the returned plan, without any entropy.
  public let value: Double
  /// GW²(P) + 2ε KL(P | a⊗b): what mirror descent descends.
  public let regularizedValue: Double
  public let status: Status
  public let iterations: Int
  /// Sinkhorn iterations over all steps.
  public let innerIterations: Int
  /// The objective is what the chosen step descends, at the plan before it; the residual is ‖P⁺ − P‖_F.
  public let trace: Trace
}
