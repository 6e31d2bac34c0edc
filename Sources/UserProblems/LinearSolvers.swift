import Datasets
import Documents
import LinearAlgebra
import OptimalTransport

extension SolverEntry {
  static let linear = [emd, sinkhorn, unbalanced, divergence]

  private static let emd = SolverEntry(
    "emd", "exact transport, min ⟨C, P⟩, with a dual certificate; points on a line or circle in closed form", inputs: InputDescription.cost,
    balances: [.sides]
  ) { fields throws(DocumentError) in
    let metric = try fields.metric()
    let circumference = try fields.optionalPositiveNumber(
      "circumference", about: "takes points with one coordinate as positions on a circle of this length")
    let limit = try fields.optionalInteger("pivots", in: 0...Int.max, about: "the most pivots; no limit when absent")
    // In closed form a few numbers a point.
    return Job { inputs in
      let isOnLine = try !inputs.contains("C") && inputs.columns("X") == 1 && inputs.columns("Y") == 1
      let points = try inputs.rows("X") + inputs.rows("Y")
      return isOnLine
        ? MemoryNeed(numbers: 20 * Double(points), problem: "transport between \(points) points") : try inputs.memory(ofCosts: 3)
    } solve: { inputs in
      let (a, b) = (try inputs.vector("a"), try inputs.vector("b"))
      if !inputs.contains("C"), let x = try inputs.points("X"), let y = try inputs.points("Y"), x.columns == 1, y.columns == 1 {
        let exponent: Double = metric == .euclidean ? 1 : 2
        let solution =
          if let circumference {
            try CircleTransport(circumference: circumference, exponent: exponent).solve(x.elements, y.elements, source: a, target: b)
          } else { try LineTransport(exponent: exponent).solve(x.elements, y.elements, source: a, target: b) }
        var answer = SolverAnswer(status: .converged, iterations: 0)
        answer.numbers.append(("value", solution.value))
        answer.plans.append(("plan", .sparse(solution.entries, rows: x.rows, columns: y.rows)))
        if let potentials = solution.potentials { answer.add(potentials) }
        return answer
      }
      if circumference != nil { throw inputs.missing("X and Y with one coordinate, positions on the circle") }
      let cost = try inputs.cost(metric)
      let solution = try NetworkSimplex(pivotLimit: limit).solve(LinearProblem(cost: cost, source: a, target: b))
      var answer = SolverAnswer(status: solution.status, iterations: solution.pivots)
      answer.numbers = [
        ("value", solution.value), ("dual_value", solution.certificate.dualValue), ("dual_violation", solution.certificate.violation),
        ("slackness", solution.certificate.slackness),
      ]
      answer.plans.append(("plan", .sparse(solution.entries, rows: cost.rows, columns: cost.columns)))
      answer.add(solution.potentials)
      return answer
    }
  }

  /// Reads what all Sinkhorn solvers have in common.
  private static func sinkhornSettings(_ fields: Fields) throws(DocumentError) -> @Sendable (Matrix) -> Sinkhorn {
    let epsilon = try fields.positiveNumber("epsilon", about: "weight of the entropy, in units of the cost")
    let isRelative = try fields.bool("relative", default: false, about: "takes epsilon in units of the largest finite cost instead")
    let form: Sinkhorn.Form = try fields.choice("form", default: .scaling, about: "how the iteration is carried out")
    let factor = try fields.number(
      "epsilonScaling", default: 0.25, in: .from(0, below: 1),
      about: "the factor by which epsilon falls to its value, stage by stage; 0 starts there"
    )
    let stopping = try fields.stopping(tolerance: 1e-9, iterations: 100_000, about: "residual in the marginals, as a fraction of the mass")
    return { cost in
      let scale = isRelative ? cost.elements.reduce(0) { $1 < .infinity ? max($0, abs($1)) : $0 } : 1
      return Sinkhorn(
        epsilon: epsilon * (scale > 0 ? scale : 1), form: form, epsilonScaling: factor > 0 ? factor : nil, stopping: stopping)
    }
  }

  private static func answer(_ solution: EntropicSolution, keepsMarginals: Bool) -> SolverAnswer {
    var answer = SolverAnswer(status: solution.status, iterations: solution.iterations, trace: solution.trace)
    answer.numbers = [
      ("value", solution.value), ("dual_value", solution.dualValue), ("transport_cost", solution.transportCost),
      ("mass", compensatedSum(solution.coupling.plan.rowSums)), ("optimality_error", solution.optimalityError),
    ]
    answer.add(solution.coupling, keepsMarginals: keepsMarginals)
    answer.add(solution.potentials)
    return answer
  }

  private static let sinkhorn = SolverEntry(
    "sinkhorn", "entropic transport, min ⟨C, P⟩ + ε KL(P | a⊗b)", inputs: InputDescription.cost, balances: [.sides]
  ) { fields throws(DocumentError) in
    let metric = try fields.metric()
    let solver = try sinkhornSettings(fields)
    return Job(memory: { try $0.memory(ofCosts: 5) }) { inputs in
      let cost = try inputs.cost(metric)
      let problem = try LinearProblem(cost: cost, source: inputs.vector("a"), target: inputs.vector("b"))
      return answer(try solver(cost).solve(problem), keepsMarginals: true)
    }
  }

  private static let unbalanced = SolverEntry(
    "unbalanced", "unbalanced entropic transport, min ⟨C, P⟩ + ε KL(P | a⊗b) + ρ1 KL(P1 | a) + ρ2 KL(Pᵀ1 | b)",
    inputs: InputDescription.cost, balances: [.sides]
  ) { fields throws(DocumentError) in
    let metric = try fields.metric()
    let relaxation = try fields.relaxation()
    let solver = try sinkhornSettings(fields)
    return Job(memory: { try $0.memory(ofCosts: 5) }) { inputs in
      let cost = try inputs.cost(metric)
      let problem = try LinearProblem(cost: cost, source: inputs.vector("a"), target: inputs.vector("b"), relaxation: relaxation)
      return answer(try solver(cost).solve(problem), keepsMarginals: relaxation.isBalanced)
    }
  }

  private static let divergence = SolverEntry(
    "divergence", "the Sinkhorn divergence OT(a, b) − ½ OT(a, a) − ½ OT(b, b) between point clouds",
    inputs: [
      InputDescription("X", "n×d", "source points"), InputDescription("Y", "m×d", "target points"), .sourceWeights, .targetWeights,
    ], balances: [.sides]
  ) { fields throws(DocumentError) in
    let metric = try fields.metric()
    let solver = try sinkhornSettings(fields)
    return Job(memory: { MemoryNeed(try $0.rows("X"), try $0.rows("Y"), plans: 4, source: 4, target: 4) }) { inputs in
      guard let x = try inputs.points("X"), let y = try inputs.points("Y") else { throw inputs.missing("X and Y") }
      let cost = try metric.cost(x, y)
      let problem = try LinearProblem(cost: cost, source: inputs.vector("a"), target: inputs.vector("b"))
      let solution = try SinkhornDivergence(solver(cost)).solve(problem, sourceCost: metric.cost(x, x), targetCost: metric.cost(y, y))
      var answer = answer(solution.cross, keepsMarginals: true)
      answer.status = solution.status
      answer.numbers[0] = ("transport_value", solution.cross.value)
      answer.numbers.insert(("value", solution.value), at: 0)
      return answer
    }
  }
}
