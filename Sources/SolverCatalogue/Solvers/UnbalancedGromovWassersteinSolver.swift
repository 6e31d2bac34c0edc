import Documents
import LinearAlgebra
import OptimalTransport

/// The catalogue entry of the solver `ugw`.
struct UnbalancedGromovWassersteinSolver: SolverDescription {
  static let name = "ugw"
  static let family = SolverFamily.quadratic
  static let algorithm: Any.Type = UnbalancedGromovWasserstein.self
  static let summary = "unbalanced Gromov–Wasserstein with KL penalties, fused if M is given"
  static let inputs = InputDescription.spaces + [.features, .startOfSpaces]
  static let outputs: Glossary = [
    "value": "the objective without the entropy term", "regularized_value": "the objective with the entropy term",
    "quadratic_value": "the quadratic term of the objective",
    "linear_value": "the linear term of the objective", "marginal_penalty": "the sum of the KL penalties", "mass": "the mass of the plan",
    "marginal_error": "the sum of the L1 errors of both marginals, if both are prescribed",
  ]
  static let balances = [BalancedWeights.sides]

  private let spaces: SpaceSettings
  private let alpha: Double
  private let relaxation: MarginalRelaxation
  private let solver: UnbalancedGromovWasserstein

  init(_ settings: Fields) throws(DocumentError) {
    spaces = try SpaceSettings(settings)
    alpha = try QuadraticSettings.alpha(settings)
    relaxation = try settings.relaxation()
    solver = UnbalancedGromovWasserstein(
      epsilon: try settings.epsilon(in: "squared distances"),
      featureTerm: try settings.choice(
        "featureTerm", default: .massWeighted, about: "the weighting of the feature term; POT uses the unweighted one"),
      stopping: try StoppingRule(
        settings, default: StoppingRule(tolerance: 1e-9, iterationLimit: 1000),
        about: "L1 change of the plan at which to stop, relative to the mass"),
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
      ("value", solution.value), ("regularized_value", solution.regularizedValue), ("quadratic_value", solution.parts.quadratic),
      ("linear_value", solution.parts.linear), ("marginal_penalty", solution.marginalPenalty), ("mass", solution.mass),
    ]
    answer.add(solution.coupling, keepsMarginals: relaxation.isBalanced)
    answer.add(solution.potentials)
    return answer
  }
}
