import Documents
import LinearAlgebra
import OptimalTransport

/// The catalogue entry of the solver `fgw`.
struct FusedGromovWassersteinSolver: SolverDescription {
  static let name = "fgw"
  static let family = SolverFamily.quadratic
  static let algorithm: Any.Type = GromovWasserstein.self
  static let summary = "fused Gromov–Wasserstein, min (1 − α) ⟨M, P⟩ + α GW²(P), by conditional gradient"
  static let inputs = InputDescription.spaces + [.features, .startOfSpaces]
  static let outputs = QuadraticSettings.outputs
  static let balances = [BalancedWeights.sides]

  private let spaces: SpaceSettings
  private let loss: QuadraticLoss
  private let alpha: Double
  private let method: QuadraticSettings

  init(_ settings: Fields) throws(DocumentError) {
    spaces = try SpaceSettings(settings)
    loss = try settings.loss()
    alpha = try QuadraticSettings.alpha(settings)
    method = try QuadraticSettings(settings, epsilon: nil)
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed {
    try inputs.memory(ofPlans: 8, distances: 1.5, loss: loss)
  }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let (source, target) = try spaces.spaces(inputs)
    let problem = try QuadraticProblem(
      source: source, target: target, features: inputs.requiredMatrix("M"), alpha: alpha, loss: loss)
    return try method.answer(problem, from: inputs.matrix("P0"), monitor: monitor)
  }
}
