import Documents
import LinearAlgebra
import OptimalTransport

/// The catalogue entry of the solver `unbalanced`.
struct UnbalancedSolver: SolverDescription {
  static let name = "unbalanced"
  static let family = SolverFamily.linear
  static let algorithm: Any.Type = Sinkhorn.self
  static let summary = "unbalanced entropic transport, min ⟨C, P⟩ + ε KL(P | a⊗b) + ρ1 KL(P1 | a) + ρ2 KL(Pᵀ1 | b)"
  static let inputs = InputDescription.cost
  static let outputs = EntropicSolution.outputs
  static let balances = [BalancedWeights.sides]

  private let metric: PointMetric
  private let relaxation: MarginalRelaxation
  private let sinkhorn: SinkhornSettings

  init(_ settings: Fields) throws(DocumentError) {
    metric = try .ofCost(settings)
    relaxation = try settings.relaxation()
    sinkhorn = try SinkhornSettings(settings)
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed { try inputs.memory(ofCosts: 5) }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let cost = try inputs.cost(metric)
    let problem = try LinearProblem(
      cost: cost, source: inputs.vector("a"), target: inputs.vector("b"), relaxation: relaxation)
    let solver = sinkhorn.solver(for: cost)
    return try solver.solve(problem, monitor: monitor).answer(
      epsilon: solver.epsilon, keepsMarginals: relaxation.isBalanced)
  }
}
