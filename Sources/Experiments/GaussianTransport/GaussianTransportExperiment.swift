import Datasets
import Documents
import Figures
import Foundation
import LinearAlgebra
import OptimalTransport
import Pipeline
import SolverCatalogue

/// Compares entropic transport between samples of two Gaussians on the line with the closed form for the Gaussians
/// (Janati, Muzellec, Peyré, Cuturi 2020, arXiv:2006.02572).
struct GaussianTransportExperiment: Experiment {
  static let kind = "gaussian-transport"
  static let revision = 1
  static let summary = "Compares entropic transport between samples of two Gaussians with the closed form."
  static let metrics: Glossary = [
    "value": "⟨C, P⟩ + ε KL(P | a⊗b)", "exact": "the closed form", "error": "|value − exact|",
  ]
  static let example = """
    data: {samples: 200, mean: 1.0, deviation: 2.0}      # the first Gaussian is standard; this is the second
    solver: {epsilon: 0.5}                               # in units of the squared distance
    """

  let samples: Int
  let mean: Double
  let deviation: Double
  let solver: Sinkhorn
  let seed: Int

  init(_ body: CaseBody) throws(DocumentError) {
    samples = try body.data.integer("samples", in: 2...20_000, about: "points drawn from each Gaussian")
    mean = try body.data.number("mean", default: 1, in: .finite, about: "the mean of the second Gaussian")
    deviation = try body.data.positiveNumber(
      "deviation", default: 2, about: "the standard deviation of the second Gaussian")
    solver = Sinkhorn(
      epsilon: try body.solver.epsilon(in: "the squared distance"),
      stopping: try StoppingRule(
        body.solver, default: StoppingRule(tolerance: 1e-9, iterationLimit: 10_000),
        about: "the error of the marginals as a fraction of the mass"))
    seed = body.seed
  }

  func run(_ context: RunContext) throws -> RunResult {
    try ExperimentError.requireMemory(
      matrices: 6, rows: samples, columns: samples, for: "transport between \(samples) samples")
    var random = SeededGenerator(seed: UInt64(seed), stream: "samples")
    let first = (0..<samples).map { _ in random.normal() }.sorted()
    let second = (0..<samples).map { _ in mean + deviation * random.normal() }.sorted()
    let cost = Matrix(rows: samples, columns: samples) { (first[$0] - second[$1]) * (first[$0] - second[$1]) }
    let solution = try solver.solve(LinearProblem(cost: cost))
    return RunResult(
      status: solution.status,
      metrics: [
        "value": .number(solution.value), "exact": .number(exact), "error": .number(abs(solution.value - exact)),
      ],
      trace: solution.trace, arrays: [("plan", NumericArray(solution.coupling.plan.pooled()))])
  }

  /// The closed form with ε = 2σ²: (m₁ − m₂)² + s₁² + s₂² − d + σ² (1 − log 2σ²) + σ² log(d + σ²), d = √(4 s₁² s₂² +
  /// σ⁴).
  private var exact: Double {
    let (half, variance) = (solver.epsilon / 2, deviation * deviation)
    let root = (4 * variance + half * half).squareRoot()
    return mean * mean + 1 + variance - root + half * (1 - log(2 * half)) + half * log(root + half)
  }

  func figures(_ arrays: StoredArrays) throws -> [Figure] {
    let plan = try arrays.array("plan").matrix
    let panel = HeatMapPanel(
      title: "plan, samples in ascending order", xLabel: "sample of the second Gaussian",
      yLabel: "sample of the first Gaussian",
      scaleLabel: "mass",
      matrix: plan)
    return [Figure(name: "plan", title: "Entropic transport between two samples", panels: [.heatMap(panel)])]
  }
}
