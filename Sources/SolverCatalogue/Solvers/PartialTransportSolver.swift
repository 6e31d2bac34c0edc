import Documents
import LinearAlgebra
import OptimalTransport

/// `partial`.
struct PartialTransportSolver: SolverDescription {
  static let name = "partial"
  static let family = SolverFamily.linear
  static let algorithm: Any.Type = PartialTransport.self
  static let summary =
    """
    transport of a part of the mass, min ⟨C, P⟩ over P1 ≤ a, Pᵀ1 ≤ b, Σ P = mass, exactly with a dual certificate, or \
    with entropy
    """
  static let inputs = InputDescription.cost
  static let outputs: Glossary = [
    "value": "the objective, ⟨C, P⟩ without entropy", "transport_cost": "⟨C, P⟩, where there is entropy", "mass": "Σ P",
    "mass_price": "λ, what the last bit of mass costs",
    "dual_value": "of the prices, a lower bound",
    "dual_violation": "without entropy: the most by which f + g + λ exceeds C",
    "slackness": "without entropy: what the plan pays above f + g + λ",
  ]

  private let metric: PointMetric
  private let mass: Double?
  private let method: Method

  private enum Method: Sendable {
    case exact(PartialTransport)
    case entropic(EntropicPartialTransport)
  }

  init(_ settings: Fields) throws(DocumentError) {
    metric = try .ofCost(settings)
    mass = try settings.transportedMass()
    if let epsilon = try settings.optionalEpsilon(in: "the cost", insteadOf: "the network simplex") {
      method = .entropic(
        EntropicPartialTransport(
          epsilon: epsilon,
          stopping: try StoppingRule(
            settings, default: StoppingRule(tolerance: 1e-9, iterationLimit: 100_000),
            about: "residual in the rows' sums, as a fraction of the mass")))
    } else {
      method = .exact(
        PartialTransport(
          pivotLimit: try settings.optionalInteger(
            "pivots", in: 0...Int.max, about: "the most pivots; no limit when absent")))
    }
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed { try inputs.memory(ofCosts: 5) }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let (a, b) = (try inputs.vector("a"), try inputs.vector("b"))
    let cost = try inputs.cost(metric)
    let problem = try PartialProblem(cost: cost, source: a, target: b, mass: mass)
    return switch method {
    case .exact(let solver): Self.answer(try solver.solve(problem), to: cost)
    case .entropic(let solver): Self.answer(try solver.solve(problem, monitor: monitor))
    }
  }

  private static func answer(_ solution: PartialSolution, to cost: Matrix) -> SolverAnswer {
    var answer = SolverAnswer(status: solution.status, iterations: solution.pivots)
    answer.numbers = [
      ("value", solution.value), ("mass", compensatedSum(solution.entries.map(\.mass))),
      ("mass_price", solution.massPrice),
      ("dual_value", solution.certificate.dualValue), ("dual_violation", solution.certificate.violation),
      ("slackness", solution.certificate.slackness),
    ]
    answer.plans.append(("plan", .sparse(solution.entries, rows: cost.rows, columns: cost.columns)))
    answer.add(solution.potentials)
    return answer
  }

  private static func answer(_ solution: EntropicPartialSolution) -> SolverAnswer {
    var answer = SolverAnswer(status: solution.status, iterations: solution.iterations, trace: solution.trace)
    answer.numbers = [
      ("value", solution.value), ("transport_cost", solution.transportCost),
      ("mass", compensatedSum(solution.coupling.source)),
      ("mass_price", solution.massPrice), ("dual_value", solution.dualValue),
    ]
    answer.add(solution.coupling, keepsMarginals: false)
    answer.add(solution.potentials)
    return answer
  }
}
