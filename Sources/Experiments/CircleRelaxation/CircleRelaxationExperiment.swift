import Datasets
import Documents
import Figures
import Foundation
import LinearAlgebra
import OptimalTransport
import Pipeline
import SolverCatalogue

/// The uniform and a von Mises distribution on the circle, embedded jointly into the circle by EW_λ (Beier, Piening,
/// Beinert, Steidl 2025, figure 19).
///
/// As λ grows the images must become isometric, and their distance tends to the Wasserstein distance of the
/// distributions.
struct CircleRelaxationExperiment: Experiment {
  static let kind = "circle-relaxation"
  static let revision = 1
  static let summary = "Compares EW_λ of two distributions on the circle with exact transport between them."
  static let metrics: Glossary = [
    "relaxed": "exact squared Wasserstein distance of the two images",
    "exact": "exact squared Wasserstein distance of the two distributions",
    "ratio": "relaxed divided by exact", "value": "the objective without entropy, EW at λ/2",
    "distortion": "sum of ∬ |d − d'|² over both plans",
    "iterations": "number of steps",
  ]
  static let example = """
    data: {bins: 60, kappa: 4}
    solver: {distortionWeight: 20}
    """

  let bins: Int
  let kappa: Double
  let lambda: Double
  let relativeEpsilon: Double
  let width: Double
  let stopping: StoppingRule

  init(_ body: CaseBody) throws(DocumentError) {
    bins = try body.data.integer("bins", default: 360, in: 8...4000, about: "the number of equal bins of the circle")
    kappa = try body.data.positiveNumber("kappa", about: "κ, the concentration of the von Mises distribution")
    try EmbeddingSettings.refuseOldKeys(body.solver)
    lambda = try body.solver.positiveNumber(
      EmbeddingSettings.weightKey, about: "λ in the authors' convention, with step costs (λT, d², λT)")
    relativeEpsilon = try body.solver.positiveNumber(
      "epsilon", default: 5e-3, about: "ε for λ ≤ 1, in squared radians; multiplied by λ for λ > 1")
    width = try body.solver.positiveNumber(
      "width", default: 0.05, about: "the width of the initial plans in radians; they are Gaussians around the identity"
    )
    stopping = try StoppingRule(
      body.solver, default: StoppingRule(tolerance: 1e-6, iterationLimit: 1000), about: "the L1 change of the plans")
  }

  func run(_ context: RunContext) throws -> RunResult {
    let angles = (0..<bins).map { 2 * Double.pi * Double($0) / Double(bins) }
    // Bins keep their order on the circle; renumbering them rotates it.
    let middle = .pi + 2 * .pi / Double(bins) * Double(context.relabeling.order(bins, "circle")[0])
    let density = angles.map { exp(kappa * (cos($0 - middle) - 1)) }
    let total = compensatedSum(density)
    let (uniform, mises) = ([Double].uniform(bins), density.map { $0 / total })
    let circle = DistanceGeometry.lattice(
      try LatticeDistances.stationary(rows: bins, columns: 1, isCyclic: true) { lag, _, _ in angles[lag] })
    let problem = try JointEmbeddingProblem(
      first: MetricMeasureSpace(geometry: circle, weights: uniform),
      second: MetricMeasureSpace(geometry: circle, weights: mises),
      target: circle, lambda: lambda, convention: .authors)
    // The authors' steps have twice the costs of the objective, so their ε is doubled too.
    let solver = JointEmbedding(
      epsilon: relativeEpsilon * max(1, lambda) / 2, epsilonUnit: .absolute, noise: 0, precision: .double,
      criterion: .plans,
      stopping: stopping,
      innerStopping: StoppingRule(tolerance: 1e-9, iterationLimit: 2000))
    let solution = try solver.solve(problem, from: (start(uniform), start(mises)))
    let transport = CircleTransport(circumference: 2 * .pi)
    func distance(_ a: [Double], _ b: [Double]) throws -> Double {
      let (x, y) = (compensatedSum(a), compensatedSum(b))
      return try transport.solve(angles, angles, source: a.map { $0 / x }, target: b.map { $0 / y }).value
    }
    let (relaxed, exact) = (try distance(solution.images.first, solution.images.second), try distance(uniform, mises))
    return RunResult(
      status: solution.status,
      metrics: [
        "relaxed": .number(relaxed), "exact": .number(exact), "ratio": .number(exact > 0 ? relaxed / exact : 1),
        "value": .number(solution.value),
        "distortion": .number(solution.distortions.first + solution.distortions.second),
        "iterations": .integer(solution.iterations),
      ], trace: solution.trace,
      arrays: [
        ("angles", NumericArray(angles)), ("uniform", NumericArray(uniform)), ("mises", NumericArray(mises)),
        ("images/first", NumericArray(solution.images.first)), ("images/second", NumericArray(solution.images.second)),
      ])
  }

  /// Spreads the mass of each bin over its neighborhood.
  private func start(_ weights: [Double]) -> Matrix {
    let step = 2 * Double.pi / Double(bins)
    let kernel = (0..<bins).map { lag in
      let apart = step * Double(min(lag, bins - lag))
      return exp(-apart * apart / (2 * width * width))
    }
    let sum = compensatedSum(kernel)
    return Matrix(rows: bins, columns: bins) { weights[$0] * kernel[abs($0 - $1)] / sum }
  }

  func figures(_ arrays: StoredArrays) throws -> [Figure] {
    let angles = try arrays.array("angles").elements
    let step = 2 * Double.pi / Double(angles.count)
    let curves = try [
      ("uniform", "uniform"), ("mises", "von Mises"), ("images/first", "image of uniform"),
      ("images/second", "image of von Mises"),
    ]
    .map { name, title in LinePanel.Curve(name: title, x: angles, y: try arrays.array(name).elements.map { $0 / step })
    }
    return [
      Figure(
        name: "images", title: "Two distributions and their images under EW_λ",
        panels: [
          .lines(LinePanel(title: "on the circle", xLabel: "angle in radians", yLabel: "density", curves: curves))
        ],
        panelSize: (900, 480))
    ]
  }
}
