import Documents
import LinearAlgebra
import OptimalTransport

/// `sliced`.
struct SlicedSolver: SolverDescription {
  static let name = "sliced"
  static let family = SolverFamily.linear
  static let algorithm: Any.Type = SlicedTransport.self
  static let summary =
    """
    the sliced Wasserstein distance, mean over directions θ of W_p^p(θ·X, θ·Y), its largest slice, and plans of the \
    slices
    """
  static let inputs = [
    InputDescription("X", "n×d", "source points"), InputDescription("Y", "m×d", "target points"), .sourceWeights,
    .targetWeights,
    InputDescription("directions", "k×d", "the directions, of any length; seeded ones when absent"),
  ]
  static let outputs: Glossary = [
    "value": "SW_p^p, the mean over the directions", "distance": "SW_p, its root",
    "standard_error": "of the value, over drawn directions",
    "max_value": "the largest W_p^p of a direction, which W_p^p is not below",
    "plan_cost": "Σ ‖x − y‖^p P, which W_p^p is not above",
  ]
  static let balances = [BalancedWeights.sides]

  /// Which plan is made of those of the slices.
  private enum Choice: String, CaseIterable {
    case mean, cheapest, none
  }

  private let solver: SlicedTransport
  private let draw: DirectionSettings

  init(_ settings: Fields) throws(DocumentError) {
    let choice: Choice = try settings.choice(
      "plan", default: .cheapest, about: "the one made of the slices' plans: the cheapest or their mean")
    let plan: SlicedTransport.Plan =
      switch choice {
      case .none: .none
      case .cheapest: .cheapest
      case .mean:
        .mean(
          beta: try settings.number(
            "beta", default: 0, in: .from(0, to: 1e100),
            about: "weighs slices in their mean by exp(−beta cost); 0 takes all alike"))
      }
    solver = SlicedTransport(exponent: try settings.exponent(), plan: plan)
    draw = try DirectionSettings(settings)
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed {
    let (n, m) = (Double(try inputs.rows("X")), Double(try inputs.rows("Y")))
    let (d, count) = (Double(try inputs.columns("X")), Double(try draw.count(inputs)))
    let isMean = if case .mean = solver.plan { true } else { false }
    // Beside the points sixteen projections and their solutions; a mean keeps all plans, and adds them up by pairs.
    return MemoryNeed(
      numbers: (n + m) * (d + 120) + 2 * count * d + (isMean ? 14 * count * (n + m) : 0),
      problem: "\(Int(count)) slices of \(Int(n + m)) points")
  }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    guard let x = try inputs.points("X"), let y = try inputs.points("Y") else { throw inputs.missing("X and Y") }
    let (a, b) = (try inputs.vector("a"), try inputs.vector("b"))
    let directions =
      try draw.given(inputs) ?? SlicedTransport.directions(draw.count, dimensions: x.columns, seed: draw.seed)
    let solution = try solver.solve(x, y, source: a, target: b, along: directions, monitor: monitor)
    var answer = solution.answer
    if let plan = solution.plan {
      answer.numbers.append(("plan_cost", plan.cost))
      answer.plans.append(("plan", .sparse(plan.entries, rows: x.rows, columns: y.rows)))
    }
    return answer
  }
}

extension SlicedSolution {
  /// The values of slices, and what was taken of them.
  var answer: SolverAnswer {
    var answer = SolverAnswer(status: status, iterations: values.each.count)
    answer.numbers = [
      ("value", values.mean), ("distance", values.distance), ("standard_error", values.standardError),
      ("max_value", values.largest),
    ]
    answer.arrays = [("values", NumericArray(values.each)), ("directions", NumericArray(directions))]
    return answer
  }
}
