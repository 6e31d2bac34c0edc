import Documents
import LinearAlgebra
import OptimalTransport

/// The catalogue entry of the solver `entropic-gw`.
struct EntropicGromovWassersteinSolver: SolverDescription {
  static let name = "entropic-gw"
  static let family = SolverFamily.quadratic
  static let algorithm: Any.Type = EntropicGromovWasserstein.self
  static let summary = "entropic Gromov–Wasserstein, fused if M is given, by mirror descent or proximal steps"
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
    method = try QuadraticSettings(
      settings,
      epsilon: settings.epsilon(in: "squared distances", remark: "; POT's ε is twice this one"))
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed { try inputs.memory(ofPlans: 10, loss: loss) }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let (source, target) = try spaces.spaces(inputs)
    let features = try inputs.matrix("M")
    let problem = try QuadraticProblem(
      source: source, target: target, features: features, alpha: features == nil ? nil : alpha, loss: loss)
    return try method.answer(problem, from: inputs.matrix("P0"), monitor: monitor)
  }
}
