import LinearAlgebra

/// The solution of a multi-marginal problem on a tree, by its marginals.
public struct TreeSolution: Sendable {
  /// π_e, a row for each point of the edge's first node.
  public let edgePlans: [Matrix]
  /// π_i.
  public let nodeMarginals: [[Double]]
  /// φ with dπ/dR = exp((Σ φ_i − Σ C_e)/ε); −∞ at points without mass.
  public let potentials: [[Double]]
  /// m(π).
  public let mass: Double
  /// Σ_e ⟨C_e, π_e⟩.
  public let transportCost: Double
  /// The objective, entropy and marginal penalties included.
  public let value: Double
  /// max_i ‖π_i − μ_i exp(−φ_i/ρ_i)‖₁ of the finished plans, as a fraction of the mass: zero at the solution.
  public let optimalityError: Double
  public let status: Status
  public let iterations: Int
  public let trace: Trace

  /// - Parameter tolerance: that the residual had to meet.
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
    transportCost = plans.indices.reduce(0) { $0 + Double.dot(messages.costs[$1].elements, plans[$1].elements, plans[$1].count) }
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
