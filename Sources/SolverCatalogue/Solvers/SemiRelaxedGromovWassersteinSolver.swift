import Documents
import LinearAlgebra
import OptimalTransport

/// The catalogue entry of the solver `semi-relaxed-gw`.
struct SemiRelaxedGromovWassersteinSolver: SolverDescription {
  static let name = "semi-relaxed-gw"
  static let family = SolverFamily.quadratic
  static let algorithm: Any.Type = SemiRelaxedGromovWasserstein.self
  static let summary =
    """
    semi-relaxed Gromov–Wasserstein, fused if M is given: the source marginal is prescribed and the target marginal is \
    free, min over P1 = a
    """
  static let inputs = InputDescription.spaces + [.features, .startOfSpaces]
  static let outputs: Glossary = [
    "value": "the objective", "quadratic_value": "the quadratic term of the objective",
    "linear_value": "the linear term of the objective",
    "regularized_value": "the objective with entropy, if there is any",
    "mass_used": "the total weight of the target points that receive mass",
  ]

  private let spaces: SpaceSettings
  private let loss: QuadraticLoss
  private let alpha: Double
  private let method: Method

  private enum Method: Sendable {
    case conditionalGradient(SemiRelaxedGromovWasserstein)
    case entropic(EntropicSemiRelaxedGromovWasserstein)
  }

  init(_ settings: Fields) throws(DocumentError) {
    spaces = try SpaceSettings(settings)
    loss = try settings.loss()
    alpha = try QuadraticSettings.alpha(settings)
    let epsilon = try settings.optionalEpsilon(
      in: "the loss", insteadOf: "the conditional gradient; POT's is twice ours")
    let starts = try settings.starts(
      default: 3,
      about:
        """
        number of starts, of which the lowest value is kept: the product plan, the balanced solution (without \
        epsilon), then random ones
        """
    )
    let seed = try settings.seed()
    if let epsilon {
      let step: EntropicGromovWasserstein.Step = try settings.choice(
        "step", default: .proximalPoint,
        about: "the objective of a step: f by proximal steps of length ε, as in POT, or f with entropy")
      method = .entropic(
        EntropicSemiRelaxedGromovWasserstein(
          epsilon: epsilon, step: step, starts: starts, seed: seed,
          stopping: try StoppingRule(
            settings, default: StoppingRule(tolerance: 1e-9, iterationLimit: 1000),
            about:
              """
              duality gap, as a fraction of the product plan's objective; of mirror descent the change of the plan, of \
              the mass
              """
          )))
    } else {
      method = .conditionalGradient(
        SemiRelaxedGromovWasserstein(starts: starts, seed: seed, stopping: try GromovWasserstein(settings).stopping))
    }
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed {
    if case .entropic = method { return try inputs.memory(ofPlans: 16, distances: 1.5, loss: loss) }
    return try inputs.memory(ofPlans: 9, distances: 1.5, loss: loss)
  }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let (source, target) = try spaces.spaces(inputs)
    let features = try inputs.matrix("M")
    let problem = try QuadraticProblem(
      source: source, target: target, features: features, alpha: features == nil ? nil : alpha,
      relaxation: .semiRelaxed, loss: loss)
    let start = try inputs.matrix("P0")
    let solution =
      switch method {
      case .conditionalGradient(let solver): try solver.solve(problem, from: start, monitor: monitor)
      case .entropic(let solver): try solver.solve(problem, from: start, monitor: monitor)
      }
    var answer = SolverAnswer(status: solution.status, iterations: solution.iterations, trace: solution.trace)
    let used = zip(target.weights, solution.coupling.target).reduce(0) { $1.1 > 0 ? $0 + $1.0 : $0 }
    answer.numbers = [
      ("value", solution.value), ("quadratic_value", solution.parts.quadratic), ("linear_value", solution.parts.linear),
      ("mass_used", used),
    ]
    if case .entropic = method { answer.numbers.append(("regularized_value", solution.regularizedValue)) }
    answer.add(solution.coupling, keepsMarginals: false)
    answer.arrays.append(("target_weights", NumericArray(solution.coupling.target)))
    return answer
  }
}
