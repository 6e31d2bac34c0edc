import Documents
import LinearAlgebra
import OptimalTransport

/// `partial-gw`.
struct PartialGromovWassersteinSolver: SolverDescription {
  static let name = "partial-gw"
  static let family = SolverFamily.quadratic
  static let algorithm: Any.Type = PartialGromovWasserstein.self
  static let summary =
    """
    partial Gromov–Wasserstein, fused where there is M: a part of one space against a part of the other; P1 ≤ a, Pᵀ1 ≤ \
    b, Σ P = mass
    """
  static let inputs = InputDescription.spaces + [.features, .startOfSpaces]
  static let outputs: Glossary = [
    "value": "the objective", "quadratic_value": "its quadratic part", "linear_value": "its linear part", "mass": "Σ P",
  ]

  private let spaces: SpaceSettings
  private let loss: QuadraticLoss
  private let alpha: Double
  private let solver: PartialGromovWasserstein

  init(_ settings: Fields) throws(DocumentError) {
    spaces = try SpaceSettings(settings)
    loss = try settings.loss()
    alpha = try QuadraticSettings.alpha(settings)
    solver = PartialGromovWasserstein(
      mass: try settings.transportedMass(),
      starts: try settings.starts(
        default: 3,
        about: "the product plan and seeded ones, and another where spaces are symmetric; the lowest value is kept"),
      seed: try settings.seed(), stopping: try GromovWasserstein(settings).stopping)
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed {
    try inputs.memory(ofPlans: 14, distances: 1.5, loss: loss)
  }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let (source, target) = try spaces.spaces(inputs)
    let features = try inputs.matrix("M")
    let problem = try QuadraticProblem(
      source: source, target: target, features: features, alpha: features == nil ? nil : alpha, relaxation: .bounded,
      loss: loss)
    let solution = try solver.solve(problem, from: inputs.matrix("P0"), monitor: monitor)
    var answer = SolverAnswer(status: solution.status, iterations: solution.iterations, trace: solution.trace)
    answer.numbers = [
      ("value", solution.value), ("quadratic_value", solution.parts.quadratic), ("linear_value", solution.parts.linear),
      ("mass", compensatedSum(solution.coupling.source)),
    ]
    answer.add(solution.coupling, keepsMarginals: false)
    answer.add(solution.potentials)
    return answer
  }
}
