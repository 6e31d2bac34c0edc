import LinearAlgebra

/// A stationary point of a joint embedding: where two spaces lie in a third, and how their images are matched.
public struct JointEmbeddingSolution: Sendable, Interruptible {
  /// π_1, n1×m.
  public let first: Coupling
  /// π_2 read from X2, n2×m.
  public let second: Coupling
  /// π_0, m×m, the transport between the images.
  public let transport: TreePlan
  /// The images of μ1 and μ2 on Z, the marginals of π_0.
  public let images: (first: [Double], second: [Double])
  /// ⟨d_Z², π_0⟩.
  public let transportCost: Double
  /// ∬ |d_1 − d_Z|² dπ_1 dπ_1 and the same for X2, without λ.
  public let distortions: (first: Double, second: Double)
  /// The objective without entropy, at the problem's λ: an upper bound on EW_λ.
  public let value: Double
  /// With entropy.
  public let regularizedValue: Double
  /// ε of the last step, in units of squared distances.
  public let epsilon: Double
  public package(set) var status: Status
  public let iterations: Int
  public let innerIterations: Int
  public let trace: Trace
  /// The objective before each step.
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

  /// Which points of X1 and X2 are matched by way of Z, n1×n2: the composition of π_1, π_0 and π_2, which is the plan's marginal on X1 × X2.
  public var matching: Coupling {
    let onward = TransferOperator(plan: transport.matrix).matrix
    let back = TransferOperator(plan: second.plan.transposed).matrix
    return Coupling(plan: first.plan * (onward * back), source: first.source, target: second.source)
  }
}
