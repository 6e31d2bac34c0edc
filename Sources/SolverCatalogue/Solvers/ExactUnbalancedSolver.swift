import Documents
import LinearAlgebra
import OptimalTransport

/// `unbalanced-exact`.
struct ExactUnbalancedSolver: SolverDescription {
  static let name = "unbalanced-exact"
  static let family = SolverFamily.linear
  static let algorithm: Any.Type = UnbalancedTransport.self
  static let summary =
    """
    unbalanced transport without entropy, min ⟨C, P⟩ + ρ1 D(P1, a) + ρ2 D(Pᵀ1, b), D one of KL, half the squared L2 \
    norm and total variation
    """
  static let inputs = InputDescription.cost
  static let outputs: Glossary = [
    "value": "the objective", "dual_value": "of the potentials, a lower bound",
    "gap": "how far the value may lie above the least",
    "transport_cost": "⟨C, P⟩", "source_penalty": "ρ1 D(P1, a)", "target_penalty": "ρ2 D(Pᵀ1, b)",
    "mass": "of the plan",
  ]
  static let balances = [BalancedWeights.sides]

  private let metric: PointMetric
  private let relaxation: MarginalRelaxation
  private let solver: UnbalancedTransport

  init(_ settings: Fields) throws(DocumentError) {
    metric = try .ofCost(settings)
    relaxation = try settings.relaxation(of: "penalty")
    solver = UnbalancedTransport(
      penalty: try settings.choice(
        "penalty", default: .kl,
        about: "on marginals: KL, ½ Σ (p − a)² (l2), or Σ |p − a| (tv), by which mass is dropped or made at ρ"),
      stopping: try StoppingRule(
        settings, default: StoppingRule(tolerance: 1e-9, iterationLimit: 1000),
        about: "duality gap, as a fraction of what the cheaper of no plan and the product of the weights costs"))
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed { try inputs.memory(ofCosts: 4) }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let cost = try inputs.cost(metric)
    let problem = try LinearProblem(
      cost: cost, source: inputs.vector("a"), target: inputs.vector("b"), relaxation: relaxation)
    let solution = try solver.solve(problem, monitor: monitor)
    var answer = SolverAnswer(status: solution.status, iterations: solution.iterations, trace: solution.trace)
    answer.numbers = [
      ("value", solution.value), ("dual_value", solution.dualValue), ("gap", solution.gap),
      ("transport_cost", solution.transportCost),
      ("source_penalty", solution.penalties.source), ("target_penalty", solution.penalties.target),
      ("mass", compensatedSum(solution.entries.map(\.mass))),
    ]
    answer.facts.append(.init(name: "pivots", value: .integer(solution.pivots)))
    answer.plans.append(("plan", .sparse(solution.entries, rows: cost.rows, columns: cost.columns)))
    answer.add(solution.potentials)
    return answer
  }
}
