import Documents
import LinearAlgebra
import OptimalTransport

/// The catalogue entry of the solver `fot`.
struct KernelFusedSolver: SolverDescription {
  static let name = "fot"
  static let family = SolverFamily.quadratic
  static let algorithm: Any.Type = GromovWasserstein.self
  static let summary =
    "fused transport with a proximity kernel K on the source, min (1 − α) ⟨M, P⟩ + α Σ K_ik (D1_ik − D2_jl)² P_ij P_kl"
  static let inputs =
    InputDescription.spaces + [
      .features, InputDescription("K", "n×n", "the proximity kernel; computed from the setting bandwidth if absent"),
      .startOfSpaces,
    ]
  static let outputs = QuadraticSettings.outputs
  static let balances = [BalancedWeights.sides]

  private let spaces: SpaceSettings
  private let alpha: Double
  private let bandwidth: Double?
  private let method: QuadraticSettings

  init(_ settings: Fields) throws(DocumentError) {
    spaces = try SpaceSettings(settings)
    alpha = try QuadraticSettings.alpha(settings)
    bandwidth = try settings.optionalNumber(
      "bandwidth", in: .positiveOrInfinite, about: "bandwidth of a Gaussian kernel on D1 with mean 1, in units of D1")
    method = try QuadraticSettings(
      settings,
      epsilon: settings.optionalEpsilon(in: "squared distances", insteadOf: "conditional gradient steps"))
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed { try inputs.memory(ofPlans: 10, distances: 4, formed: 5) }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let (source, target) = try spaces.spaces(inputs)
    let kernel: Matrix
    if let given = try inputs.matrix("K") {
      if bandwidth != nil { throw inputs.missing("either K or a bandwidth, not both") }
      kernel = given
    } else if let bandwidth {
      kernel = try ProximityKernel(bandwidth: bandwidth).matrix(distances: source.distances, weights: source.weights)
    } else {
      throw inputs.missing("K (n×n) or \(inputs.option("bandwidth=…"))")
    }
    let problem = try QuadraticProblem(
      source: source, target: target, features: inputs.requiredMatrix("M"), alpha: alpha, proximity: kernel)
    return try method.answer(problem, from: inputs.matrix("P0"), monitor: monitor)
  }
}
