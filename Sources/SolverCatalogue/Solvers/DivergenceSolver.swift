import Documents
import LinearAlgebra
import OptimalTransport

/// The catalogue entry of the solver `divergence`.
struct DivergenceSolver: SolverDescription {
  static let name = "divergence"
  static let family = SolverFamily.linear
  static let algorithm: Any.Type = SinkhornDivergence.self
  static let summary = "the Sinkhorn divergence OT(a, b) − ½ OT(a, a) − ½ OT(b, b) between point clouds"
  static let inputs = [
    InputDescription("X", "n×d", "source points"), InputDescription("Y", "m×d", "target points"), .sourceWeights,
    .targetWeights,
  ]
  static let outputs: Glossary = [
    "value": "the divergence", "transport_value": "OT(a, b), the entropic objective between the two clouds",
    "dual_value": "the dual objective of OT(a, b), a lower bound",
    "transport_cost": "the transport cost ⟨C, P⟩", "mass": "the mass of the plan",
    "optimality_error": "the residual of the optimality conditions",
    "epsilon": "ε in units of the cost", "marginal_error": "the sum of the L1 errors of both marginals",
  ]
  static let balances = [BalancedWeights.sides]

  private let metric: PointMetric
  private let sinkhorn: SinkhornSettings

  init(_ settings: Fields) throws(DocumentError) {
    metric = try .ofCost(settings)
    sinkhorn = try SinkhornSettings(settings)
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed {
    MemoryNeed(try inputs.rows("X"), try inputs.rows("Y"), plans: 4, source: 4, target: 4)
  }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    guard let x = try inputs.points("X"), let y = try inputs.points("Y") else { throw inputs.missing("X and Y") }
    let cost = try metric.cost(x, y)
    let problem = try LinearProblem(cost: cost, source: inputs.vector("a"), target: inputs.vector("b"))
    let solver = sinkhorn.solver(for: cost)
    let solution = try SinkhornDivergence(solver).solve(
      problem, sourceCost: metric.cost(x, x), targetCost: metric.cost(y, y))
    var answer = solution.cross.answer(epsilon: solver.epsilon, keepsMarginals: true)
    answer.status = solution.status
    answer.numbers[0] = ("transport_value", solution.cross.value)
    answer.numbers.insert(("value", solution.value), at: 0)
    return answer
  }
}
