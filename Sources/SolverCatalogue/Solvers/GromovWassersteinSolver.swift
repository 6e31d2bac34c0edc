import Documents
import LinearAlgebra
import OptimalTransport

/// The catalogue entry of the solver `gw`.
struct GromovWassersteinSolver: SolverDescription {
  static let name = "gw"
  static let family = SolverFamily.quadratic
  static let algorithm: Any.Type = GromovWasserstein.self
  static let summary = "Gromov–Wasserstein, min Σ (D1_ik − D2_jl)² P_ij P_kl or of KL loss, by conditional gradient"
  static let inputs = InputDescription.spaces + [.startOfSpaces]
  static let outputs = QuadraticSettings.outputs
  static let balances = [BalancedWeights.sides]

  private let spaces: SpaceSettings
  private let loss: QuadraticLoss
  private let method: QuadraticSettings

  init(_ settings: Fields) throws(DocumentError) {
    spaces = try SpaceSettings(settings)
    loss = try settings.loss()
    method = try QuadraticSettings(settings, epsilon: nil)
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed {
    try inputs.memory(ofPlans: 8, distances: 1.5, loss: loss)
  }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let (source, target) = try spaces.spaces(inputs)
    return try method.answer(
      QuadraticProblem(source: source, target: target, loss: loss), from: inputs.matrix("P0"), monitor: monitor)
  }
}
