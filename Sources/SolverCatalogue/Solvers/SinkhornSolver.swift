import Documents
import LinearAlgebra
import OptimalTransport

/// The catalogue entry of the solver `sinkhorn`.
struct SinkhornSolver: SolverDescription {
  static let name = "sinkhorn"
  static let family = SolverFamily.linear
  static let algorithm: Any.Type = Sinkhorn.self
  static let summary = "entropic transport, min ⟨C, P⟩ + ε KL(P | a⊗b)"
  static let inputs = InputDescription.cost
  static let outputs = EntropicSolution.outputs
  static let balances = [BalancedWeights.sides]

  private let metric: PointMetric
  private let sinkhorn: SinkhornSettings

  init(_ settings: Fields) throws(DocumentError) {
    metric = try .ofCost(settings)
    sinkhorn = try SinkhornSettings(settings)
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed { try inputs.memory(ofCosts: 5) }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let cost = try inputs.cost(metric)
    let problem = try LinearProblem(cost: cost, source: inputs.vector("a"), target: inputs.vector("b"))
    let solver = sinkhorn.solver(for: cost)
    return try solver.solve(problem, monitor: monitor).answer(epsilon: solver.epsilon, keepsMarginals: true)
  }
}

extension EntropicSolution {
  static var outputs: Glossary {
    [
      "value": "the objective", "dual_value": "the dual objective of the potentials, a lower bound",
      "transport_cost": "the transport cost ⟨C, P⟩", "mass": "the mass of the plan",
      "optimality_error": "the residual of the optimality conditions", "epsilon": "ε in units of the cost",
      "marginal_error": "the sum of the L1 errors of both marginals",
    ]
  }

  func answer(epsilon: Double, keepsMarginals: Bool) -> SolverAnswer {
    var answer = SolverAnswer(status: status, iterations: iterations, trace: trace)
    answer.numbers = [
      ("value", value), ("dual_value", dualValue), ("transport_cost", transportCost),
      ("mass", compensatedSum(coupling.plan.rowSums)),
      ("optimality_error", optimalityError), ("epsilon", epsilon),
    ]
    answer.add(coupling, keepsMarginals: keepsMarginals)
    answer.add(potentials)
    return answer
  }
}
