import Documents
import LinearAlgebra
import OptimalTransport

/// The catalogue entry of the solver `ugw`.
struct UnbalancedGromovWassersteinSolver: SolverDescription {
  static let name = "ugw"
  static let family = SolverFamily.quadratic
  static let algorithm: Any.Type = UnbalancedGromovWasserstein.self
  static let summary =
    """
    unbalanced Gromov–Wasserstein with penalties by KL or, without entropy, half the squared L2 norm; fused where \
    there is M
    """
  static let inputs = InputDescription.spaces + [.features, .startOfSpaces]
  static let outputs: Glossary = [
    "value": "the objective without entropy", "regularized_value": "with entropy",
    "quadratic_value": "its quadratic part",
    "linear_value": "its linear part", "marginal_penalty": "what marginals pay", "mass": "of the plan",
    "marginal_error": "largest error of a marginal sum, L1, where both are prescribed",
  ]
  static let balances = [BalancedWeights.sides]

  private let spaces: SpaceSettings
  private let alpha: Double
  private let relaxation: MarginalRelaxation
  private let solver: UnbalancedGromovWasserstein

  init(_ settings: Fields) throws(DocumentError) {
    spaces = try SpaceSettings(settings)
    alpha = try QuadraticSettings.alpha(settings)
    relaxation = try settings.relaxation(of: "penalty")
    solver = UnbalancedGromovWasserstein(
      epsilon: try settings.epsilon(in: "squared distances", allowsNone: true),
      featureTerm: try settings.choice(
        "featureTerm", default: .massWeighted, about: "how M enters; POT's functional is the unweighted one"),
      penalty: try settings.productPenalty(),
      stopping: try StoppingRule(
        settings, default: StoppingRule(tolerance: 1e-9, iterationLimit: 1000),
        about:
          """
          change of the plan (L1), as a fraction of the mass; without entropy what a best answer would gain, as one of \
          the start's value
          """
      ),
      innerStopping: try StoppingRule(inner: settings, default: StoppingRule(tolerance: 1e-10, iterationLimit: 3000)))
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed { try inputs.memory(ofPlans: 10) }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let (source, target) = try spaces.spaces(inputs)
    let features = try inputs.matrix("M")
    let problem = try QuadraticProblem(
      source: source, target: target, features: features, alpha: features == nil ? nil : alpha, relaxation: relaxation)
    let solution = try solver.solve(problem, from: inputs.matrix("P0"), monitor: monitor)
    var answer = SolverAnswer(status: solution.status, iterations: solution.iterations, trace: solution.trace)
    answer.numbers = [
      ("value", solution.value), ("regularized_value", solution.regularizedValue),
      ("quadratic_value", solution.parts.quadratic),
      ("linear_value", solution.parts.linear), ("marginal_penalty", solution.marginalPenalty), ("mass", solution.mass),
    ]
    answer.add(solution.coupling, keepsMarginals: relaxation.isBalanced)
    answer.add(solution.potentials)
    return answer
  }
}
