import Documents
import LinearAlgebra
import OptimalTransport

/// `gaussian-barycenter`.
struct GaussianBarycenterSolver: SolverDescription {
  static let name = "gaussian-barycenter"
  static let family = SolverFamily.barycenter
  static let algorithm: Any.Type = GaussianBarycenter.self
  static let summary =
    "the Wasserstein barycenter of Gaussians, or of samples' means and covariances, with a lower bound"
  static let inputs =
    (0..<InputDescription.mostNodes).flatMap {
      [
        InputDescription("m\($0)", "d", "mean \($0); zero when absent"),
        InputDescription("S\($0)", "d×d", "covariance \($0); or X\($0)"),
        InputDescription("X\($0)", "n×d", "samples, in place of m\($0) and S\($0)"),
        InputDescription("a\($0)", "n", "their weights; uniform when absent"),
      ]
    } + [.barycenterWeights]
  static let outputs: Glossary = [
    "value": "Σ λ W₂²", "lower_bound": "which no measure has a value below", "gap": "value less lower bound",
  ]

  private let ridge: Double
  private let solver: GaussianBarycenter

  init(_ settings: Fields) throws(DocumentError) {
    ridge = try settings.ridge()
    solver = GaussianBarycenter(
      stopping: try StoppingRule(
        settings, default: StoppingRule(tolerance: 1e-9, iterationLimit: 1000),
        about: "change of a factor of the covariance, as a fraction"
      ))
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed {
    let places = try count(inputs)
    let d = Double(try inputs.columns(inputs.contains("X0") ? "X0" : "S0"))
    let samples = try (0..<places).reduce(0.0) { $0 + Double(try inputs.rows("X\($1)")) }
    return MemoryNeed(
      numbers: (40 + 8 * Double(places)) * d * d + 4 * samples * d,
      problem: "a barycenter of \(places) Gaussians of \(Int(d)) dimensions")
  }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let count = try count(inputs)
    let gaussians = try (0..<count).map {
      try inputs.gaussian(mean: "m\($0)", covariance: "S\($0)", samples: "X\($0)", weights: "a\($0)", ridge: ridge)
    }
    let solution = try solver.solve(gaussians, shares: inputs.barycenterWeights(count), monitor: monitor)
    var answer = SolverAnswer(status: solution.status, iterations: solution.iterations, trace: solution.trace)
    answer.numbers = [("value", solution.value), ("lower_bound", solution.lowerBound), ("gap", solution.gap)]
    answer.arrays = [
      ("mean", NumericArray(solution.barycenter.mean)), ("covariance", NumericArray(solution.barycenter.covariance)),
    ]
    return answer
  }

  private func count(_ inputs: ProblemInputs) throws -> Int {
    let last = (0..<InputDescription.mostNodes).last { inputs.contains("S\($0)") || inputs.contains("X\($0)") }
    guard let last else { throw inputs.missing("a Gaussian at least, m0 and S0 or samples X0") }
    return last + 1
  }
}
