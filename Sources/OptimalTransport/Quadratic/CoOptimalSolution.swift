/// The solution of a CO-optimal transport problem: a point that neither side alone can improve, not a certified minimum.
public struct CoOptimalSolution: Sendable, Interruptible {
  /// P, between the rows of X and Y.
  public let samples: Coupling
  /// Q, between their columns.
  public let features: Coupling
  /// Σ (X_ik − Y_jl)² P_ij Q_kl, the linear terms, and the marginal penalties of a relaxed problem; no entropy.
  public let value: Double
  /// Σ (X_ik − Y_jl)² P_ij Q_kl alone.
  public let transportCost: Double
  /// ⟨L, P⟩ and ⟨M, Q⟩ alone.
  public let linearCosts: (samples: Double, features: Double)
  /// With entropy: what the solver descends.
  public let regularizedValue: Double
  /// Of the last linear problem between samples.
  public let samplePotentials: Potentials
  /// Of the last linear problem between features.
  public let featurePotentials: Potentials
  public package(set) var status: Status
  public let iterations: Int
  /// The objective is `regularizedValue` after each iteration.
  public let trace: Trace
}
