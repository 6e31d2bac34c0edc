import Documents
import LinearAlgebra
import OptimalTransport

/// The catalogue entry of the solver `semi-relaxed-gw`.
struct SemiRelaxedGromovWassersteinSolver: SolverDescription {
  static let name = "semi-relaxed-gw"
  static let family = SolverFamily.quadratic
  static let algorithm: Any.Type = SemiRelaxedGromovWasserstein.self
  static let summary =
    "semi-relaxed Gromov–Wasserstein, fused if M is given: the source marginal is prescribed and the target marginal is free, min over P1 = a"
  static let inputs = InputDescription.spaces + [.features, .startOfSpaces]
  static let outputs: Glossary = [
    "value": "the objective", "quadratic_value": "the quadratic term of the objective", "linear_value": "the linear term of the objective",
    "mass_used": "the total weight of the target points that receive mass",
  ]

  private let spaces: SpaceSettings
  private let alpha: Double
  private let solver: SemiRelaxedGromovWasserstein

  init(_ settings: Fields) throws(DocumentError) {
    spaces = try SpaceSettings(settings)
    alpha = try QuadraticSettings.alpha(settings)
    solver = SemiRelaxedGromovWasserstein(
      starts: try settings.starts(
        default: 3, about: "number of starts, of which the lowest value is kept: the product plan, the balanced solution, then random ones"),
      seed: try settings.seed(), stopping: try GromovWasserstein(settings).stopping)
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed { try inputs.memory(ofPlans: 9, distances: 1.5) }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let (source, target) = try spaces.spaces(inputs)
    let features = try inputs.matrix("M")
    let problem = try QuadraticProblem(
      source: source, target: target, features: features, alpha: features == nil ? nil : alpha, relaxation: .semiRelaxed)
    let solution = try solver.solve(problem, from: inputs.matrix("P0"), monitor: monitor)
    var answer = SolverAnswer(status: solution.status, iterations: solution.iterations, trace: solution.trace)
    let used = zip(target.weights, solution.coupling.target).reduce(0) { $1.1 > 0 ? $0 + $1.0 : $0 }
    answer.numbers = [
      ("value", solution.value), ("quadratic_value", solution.parts.quadratic), ("linear_value", solution.parts.linear),
      ("mass_used", used),
    ]
    answer.add(solution.coupling, keepsMarginals: false)
    answer.arrays.append(("target_weights", NumericArray(solution.coupling.target)))
    return answer
  }
}
