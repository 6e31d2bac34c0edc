import Documents
import LinearAlgebra
import OptimalTransport

/// `partial`.
struct PartialTransportSolver: SolverDescription {
  static let name = "partial"
  static let family = SolverFamily.linear
  static let algorithm: Any.Type = PartialTransport.self
  static let summary = "transport of a part of the mass, min ⟨C, P⟩ over P1 ≤ a, Pᵀ1 ≤ b, Σ P = mass, exactly with a dual certificate"
  static let inputs = InputDescription.cost
  static let outputs: Glossary = [
    "value": "⟨C, P⟩", "mass": "Σ P", "mass_price": "λ, what the last bit of mass costs",
    "dual_value": "of the certificate, a lower bound", "dual_violation": "the most by which f + g + λ exceeds C",
    "slackness": "what the plan pays above f + g + λ",
  ]

  private let metric: PointMetric
  private let mass: Double?
  private let limit: Int?

  init(_ settings: Fields) throws(DocumentError) {
    metric = try .ofCost(settings)
    mass = try settings.transportedMass()
    limit = try settings.optionalInteger("pivots", in: 0...Int.max, about: "the most pivots; no limit when absent")
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed { try inputs.memory(ofCosts: 5) }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let (a, b) = (try inputs.vector("a"), try inputs.vector("b"))
    let cost = try inputs.cost(metric)
    let problem = try PartialProblem(cost: cost, source: a, target: b, mass: mass)
    let solution = try PartialTransport(pivotLimit: limit).solve(problem)
    var answer = SolverAnswer(status: solution.status, iterations: solution.pivots)
    answer.numbers = [
      ("value", solution.value), ("mass", compensatedSum(solution.entries.map(\.mass))), ("mass_price", solution.massPrice),
      ("dual_value", solution.certificate.dualValue), ("dual_violation", solution.certificate.violation),
      ("slackness", solution.certificate.slackness),
    ]
    answer.plans.append(("plan", .sparse(solution.entries, rows: cost.rows, columns: cost.columns)))
    answer.add(solution.potentials)
    return answer
  }
}
