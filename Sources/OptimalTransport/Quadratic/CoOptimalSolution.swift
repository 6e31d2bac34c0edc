/// The solution of a CO-optimal transport problem: neither plan alone can improve it, but it is not certified to be a
/// global minimum.
public struct CoOptimalSolution: Sendable, Interruptible {
  /// The plan P between the rows of X and Y.
  public let samples: Coupling
  /// The plan Q between the columns of X and Y.
  public let features: Coupling
  /// Σ (X_ik − Y_jl)² P_ij Q_kl, the linear terms, and the marginal penalties of a relaxed problem; no entropy.
  public let value: Double
  /// Σ (X_ik − Y_jl)² P_ij Q_kl alone.
  public let transportCost: Double
  /// ⟨L, P⟩ and ⟨M, Q⟩ alone.
  public let linearCosts: (samples: Double, features: Double)
  /// With entropy: what the solver descends.
  public let regularizedValue: Double
  /// The dual potentials of the last linear problem between samples.
  public let samplePotentials: Potentials
  /// The dual potentials of the last linear problem between features.
  public let featurePotentials: Potentials
  /// Whether the solver converged, and if not, why it ended.
  public package(set) var status: Status
  /// The number of iterations, each an update of both plans.
  public let iterations: Int
  /// The history of the iteration; the objective is `regularizedValue` after each iteration.
  public let trace: Trace
}
