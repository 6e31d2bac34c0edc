import LinearAlgebra

/// A stationary point of a joint embedding: where two spaces lie in a third one, and how their images are matched.
public struct JointEmbeddingSolution: Sendable, Interruptible {
  /// The plan π_1 from X1 to Z, n1×m.
  public let first: Coupling
  /// The plan π_2 from X2 to Z, n2×m.
  public let second: Coupling
  /// The plan π_0 between the two images on Z, m×m.
  public let transport: TreePlan
  /// The images of μ1 and μ2 on Z, which are the marginals of π_0.
  public let images: (first: [Double], second: [Double])
  /// The transport cost ⟨d_Z², π_0⟩ between the images.
  public let transportCost: Double
  /// The distortions ∬ |d_1 − d_Z|² dπ_1 dπ_1 and ∬ |d_Z − d_2|² dπ_2 dπ_2, without λ.
  public let distortions: (first: Double, second: Double)
  /// The objective without entropy at the problem's λ, an upper bound of EW_λ.
  public let value: Double
  /// The objective with entropy.
  public let regularizedValue: Double
  /// ε of the last step, in units of squared distances.
  public let epsilon: Double
  /// Whether the solver converged, and if not, why it ended.
  public package(set) var status: Status
  /// The number of steps.
  public let iterations: Int
  /// The number of iterations of the linear solver over all steps.
  public let innerIterations: Int
  /// The history of the iteration, as `TreeGromovWasserstein` documents it.
  public let trace: Trace
  /// The objective without entropy before each step.
  public let values: [Double]

  init(_ problem: JointEmbeddingProblem, _ tree: TreeGromovWassersteinSolution) {
    first = Coupling(plan: tree.plans[0].matrix, source: problem.first.weights, target: tree.nodeMarginals[1])
    second = Coupling(plan: tree.plans[2].matrix, source: problem.second.weights, target: tree.nodeMarginals[2])
    transport = tree.plans[1]
    images = (tree.nodeMarginals[1], tree.nodeMarginals[2])
    transportCost = tree.featureCosts[1]
    distortions = (tree.distortions[0], tree.distortions[2])
    value = tree.value
    regularizedValue = tree.regularizedValue
    epsilon = tree.epsilon
    status = tree.status
    iterations = tree.iterations
    innerIterations = tree.innerIterations
    trace = tree.trace
    values = tree.values
  }

  /// The matching of points of X1 and X2 through Z, n1×n2: the plan's marginal on X1 × X2, which is the composition
  /// of π_1, π_0, and π_2.
  public var matching: Coupling {
    let onward = TransferOperator(plan: transport.matrix).matrix
    let back = TransferOperator(plan: second.plan.transposed).matrix
    return Coupling(plan: first.plan * (onward * back), source: first.source, target: second.source)
  }
}
