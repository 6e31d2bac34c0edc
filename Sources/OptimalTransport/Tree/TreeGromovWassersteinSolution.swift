import LinearAlgebra

/// The solution of a Gromov–Wasserstein problem on a tree: a stationary point with π = γ, not a certified global
/// minimum.
public struct TreeGromovWassersteinSolution: Sendable, Interruptible {
  /// The plan π_e of each edge.
  public let plans: [TreePlan]
  /// The marginal π_i of each node; on the free center of a star, the barycenter.
  public let nodeMarginals: [[Double]]
  /// The mass m(π).
  public let mass: Double
  /// The distortion ∬ |d_i − d_j|² dπ_e dπ_e of each edge, without its weight; 0 if α = 0.
  public let distortions: [Double]
  /// The feature cost ⟨M_e, π_e⟩ of each edge, without its weight; 0 without features.
  public let featureCosts: [Double]
  /// The marginal penalty Σ_i ρ_i KL(π_i⊗π_i | μ_i⊗μ_i).
  public let marginalPenalty: Double
  /// The objective without entropy, Σ_e c_e (α_e distortion + (1 − α_e) m ⟨M_e, π_e⟩) plus the marginal penalty.
  public let value: Double
  /// The objective F(π, π) with entropy, without the constant ε m(R)².
  public let regularizedValue: Double
  /// ε of the last step, in units of squared distances.
  public let epsilon: Double
  /// The dual potentials φ_i of each node in the last linear problem.
  public let potentials: [[Double]]
  /// Whether the solver converged, and if not, why it ended.
  public package(set) var status: Status
  /// The number of outer iterations.
  public let iterations: Int
  /// The number of sweeps, or of passes on a composed path, over all outer iterations.
  public let innerIterations: Int
  /// The history of the iteration; the objective is F(πₖ₊₁, πₖ) without ε m(R)², at the ε of the step and with
  /// averaged costs if they are used.
  public let trace: Trace
  /// F(πₖ, πₖ) without ε m(R)² before each step, at the ε of the step.
  public let diagonalValues: [Double]
  /// F(πₖ, πₖ) without entropy before each step, the objective along the iteration.
  public let values: [Double]

  init(
    problem: TreeGromovWassersteinProblem, plans: [TreePlan], state: TreeFunctional.State,
    parts: [(quadratic: Double, features: Double)], potentials: [[Double]], penalty: Double, epsilon: Double,
    entropyTerm: Double,
    run: Run, innerIterations: Int, diagonal: [Double], values: [Double]
  ) {
    self.plans = plans
    nodeMarginals = state.nodeMarginals
    mass = state.mass
    distortions = parts.map(\.quadratic)
    featureCosts = parts.map(\.features)
    marginalPenalty = penalty
    value = zip(problem.edgeCosts, parts).reduce(penalty) {
      $0 + $1.0.weight * ($1.0.alpha * $1.1.quadratic + (1 - $1.0.alpha) * state.mass * $1.1.features)
    }
    regularizedValue = value + entropyTerm
    self.epsilon = epsilon
    self.potentials = potentials
    (status, iterations, trace) = (run.status, run.iterations, run.trace)
    self.innerIterations = innerIterations
    diagonalValues = diagonal
    self.values = values
  }
}
