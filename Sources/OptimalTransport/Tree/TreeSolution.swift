import LinearAlgebra

/// The solution of a multi-marginal problem on a tree, represented by its marginals.
public struct TreeSolution: Sendable {
  /// The plan π_e of each edge, with one row per point of its first node.
  public let edgePlans: [Matrix]
  /// The marginal π_i of each node.
  public let nodeMarginals: [[Double]]
  /// The potentials φ_i of each node, with dπ/dR = exp((Σ φ_i − Σ C_e)/ε); −∞ at points without mass.
  public let potentials: [[Double]]
  /// The mass m(π).
  public let mass: Double
  /// The transport cost Σ_e ⟨C_e, π_e⟩.
  public let transportCost: Double
  /// The objective with entropy and marginal penalties.
  public let value: Double
  /// The residual max_i ‖π_i − μ_i exp(−φ_i/ρ_i)‖₁ of the optimality conditions, as a fraction of the mass.
  public let optimalityError: Double
  /// Whether the solver converged, and if not, why it ended.
  public let status: Status
  /// The number of iterations.
  public let iterations: Int
  /// The history of the iteration, with the residual that `TreeSinkhorn` documents.
  public let trace: Trace

  /// Reads the solution from the final messages.
  ///
  /// - Parameters:
  ///   - messages: the final state.
  ///   - run: how the iteration ended.
  ///   - tolerance: the tolerance on the residual.
  init(_ messages: TreeMessages<Double>, run: Run, tolerance: Double) {
    let plans = messages.topology.edges.indices.map { edge in
      let plan = EdgeMatrix<Double>(rows: messages.costs[edge].rows, columns: messages.costs[edge].columns)
      messages.writePlan(edge, into: plan)
      return plan
    }
    edgePlans = plans.map(\.matrix)
    nodeMarginals = messages.topology.nodeSums(plans, of: messages.marginals)
    potentials = messages.potentials
    mass = compensatedSum(nodeMarginals[0])
    transportCost = plans.indices.reduce(0) {
      $0 + Double.dot(messages.costs[$1].elements, plans[$1].elements, plans[$1].count)
    }
    let entropy = messages.entropy(nodeMarginals, transportCost: transportCost)
    var value = transportCost + messages.epsilon * (entropy - mass + messages.referenceMass)
    for (node, marginal) in messages.marginals.enumerated() where !marginal.isFree && !marginal.isFixed {
      value += marginal.relaxation * relativeEntropy(nodeMarginals[node], marginal.weights ?? [])
    }
    self.value = value
    var worst = 0.0
    for (node, marginal) in messages.marginals.enumerated() where !marginal.isFree {
      let side = MarginalSide(marginal.weights ?? [], rho: marginal.relaxation, epsilon: messages.epsilon)
      var error = 0.0
      for x in side.weights.indices where side.weights[x] > 0 {
        error += side.violation(x, marginal: nodeMarginals[node][x], rest: potentials[node][x] / messages.epsilon)
      }
      worst = max(worst, error)
    }
    optimalityError = worst / max(mass, messages.prescribedMass, .leastNormalMagnitude)
    (iterations, trace) = (run.iterations, run.trace)
    status = run.status.confirmed(error: optimalityError, tolerance: tolerance)
  }
}
