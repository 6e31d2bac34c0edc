import LinearAlgebra

/// The solution of a Gromov–Wasserstein problem on a tree: a stationary point on the diagonal, not a certified minimum.
public struct TreeGromovWassersteinSolution: Sendable, Interruptible {
  /// π_e.
  public let plans: [TreePlan]
  /// π_i; on a free node of a star, the barycenter.
  public let nodeMarginals: [[Double]]
  /// m(π).
  public let mass: Double
  /// ∬ |d_i − d_j|² dπ_e dπ_e of each edge, without its weight; zeros where α = 0.
  public let distortions: [Double]
  /// ⟨M_e, π_e⟩ of each edge, without its weight; zeros where nothing is fused.
  public let featureCosts: [Double]
  /// Σ_i ρ_i KL(π_i⊗π_i | μ_i⊗μ_i).
  public let marginalPenalty: Double
  /// Σ_e c_e (α_e distortion + (1 − α_e) m ⟨M_e, π_e⟩) + the marginal penalty: F(π, π) at ε = 0.
  public let value: Double
  /// F(π, π) without ε m(R)².
  public let regularizedValue: Double
  /// ε of the last step, in units of squared distances.
  public let epsilon: Double
  /// Of the last linear problem solved, φ of each node.
  public let potentials: [[Double]]
  public package(set) var status: Status
  public let iterations: Int
  /// Sweeps, or passes of a composed path, over all steps.
  public let innerIterations: Int
  /// The objective is F(πₖ₊₁, πₖ) without ε m(R)², at the ε of the step; with the averaged costs where costs are averaged.
  public let trace: Trace
  /// F(πₖ, πₖ) without ε m(R)² before each step, at the ε of the step.
  public let diagonalValues: [Double]
  /// F(πₖ, πₖ) at ε = 0 before each step: what the plans so far cost.
  public let values: [Double]

  init(
    problem: TreeGromovWassersteinProblem, plans: [TreePlan], state: TreeFunctional.State,
    parts: [(quadratic: Double, features: Double)], potentials: [[Double]], penalty: Double, epsilon: Double, entropyTerm: Double,
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
