import Documents
import LinearAlgebra
import OptimalTransport

/// The catalogue entry of the solver `emd`.
struct ExactTransportSolver: SolverDescription {
  static let name = "emd"
  static let family = SolverFamily.linear
  static let algorithm: Any.Type = NetworkSimplex.self
  static let summary =
    """
    exact transport, min ⟨C, P⟩, with a dual certificate; closed form for points on a line or circle, for any power of \
    the distance
    """
  static let inputs = InputDescription.cost
  static let outputs: Glossary = [
    "value": "the transport cost ⟨C, P⟩", "dual_value": "the dual objective of the certificate, a lower bound",
    "dual_violation": "the largest violation of f + g ≤ C",
    "slackness": "the largest |f + g − C| where the plan has mass",
  ]
  static let balances = [BalancedWeights.sides]

  private let points: PointPower
  private let circumference: Double?
  private let limit: Int?

  init(_ settings: Fields) throws(DocumentError) {
    points = try PointPower(settings)
    circumference = try settings.optionalPositiveNumber(
      "circumference",
      about: "length of the circle on which points with one coordinate are positions; on a line if absent")
    limit = try settings.optionalInteger(
      "pivots", in: 0...Int.max, about: "maximum number of simplex pivots; unlimited if absent")
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed {
    let isOnLine = try !inputs.contains("C") && inputs.columns("X") == 1 && inputs.columns("Y") == 1
    let points = try inputs.rows("X") + inputs.rows("Y")
    // The closed form needs a few numbers per point.
    return isOnLine
      ? MemoryNeed(numbers: 20 * Double(points), problem: "transport between \(points) points")
      : try inputs.memory(ofCosts: 3)
  }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let (a, b) = (try inputs.vector("a"), try inputs.vector("b"))
    if !inputs.contains("C"), let x = try inputs.points("X"), let y = try inputs.points("Y"), x.columns == 1,
      y.columns == 1
    {
      let exponent = points.exponent
      let solution =
        if let circumference {
          try CircleTransport(circumference: circumference, exponent: exponent).solve(
            x.elements, y.elements, source: a, target: b)
        } else { try LineTransport(exponent: exponent).solve(x.elements, y.elements, source: a, target: b) }
      var answer = SolverAnswer(status: .converged, iterations: 0)
      answer.numbers.append(("value", solution.value))
      answer.plans.append(("plan", .sparse(solution.entries, rows: x.rows, columns: y.rows)))
      if let potentials = solution.potentials { answer.add(potentials) }
      return answer
    }
    if circumference != nil { throw inputs.missing("X and Y with one coordinate, the positions on the circle") }
    let cost = try inputs.cost(of: points.cost)
    let solution = try NetworkSimplex(pivotLimit: limit).solve(LinearProblem(cost: cost, source: a, target: b))
    var answer = SolverAnswer(status: solution.status, iterations: solution.pivots)
    answer.numbers = [
      ("value", solution.value), ("dual_value", solution.certificate.dualValue),
      ("dual_violation", solution.certificate.violation),
      ("slackness", solution.certificate.slackness),
    ]
    answer.plans.append(("plan", .sparse(solution.entries, rows: cost.rows, columns: cost.columns)))
    answer.add(solution.potentials)
    return answer
  }
}
