import Datasets
import Documents
import Figures
import Foundation
import Learning
import LinearAlgebra
import OptimalTransport
import Pipeline
import SolverCatalogue
import Support

/// Aligns two Gaussian mixtures by embedding their components jointly into the space of Gaussians with the
/// Bures–Wasserstein distance, by EW_λ (Beier, Piening, Beinert, Steidl 2025, figure 17).
struct GaussianMixtureAlignmentExperiment: Experiment {
  static let kind = "gaussian-mixture-alignment"
  static let revision = 1
  static let summary = "Aligns two Gaussian mixtures in the space of Gaussians."
  static let metrics: Glossary = [
    "matchedMass": "fraction of the plan's mass between corresponding components",
    "meanError": "rms distance between the means of the images of corresponding components, in a square of side 1",
    "covarianceShare":
      "fraction of a component's mass on the most likely of the twelve covariances of its image; 1 means resolved",
    "covarianceMatch": "fraction of the mass whose most likely covariance equals that of the corresponding image",
    "distance": "rms Bures–Wasserstein distance between images that the plan matches",
    "distortionFirst": "∬ |d_1 − d_Z|² of the plan", "distortionSecond": "∬ |d_2 − d_Z|² of the plan",
    "value": "the objective at the λ that the convention corresponds to",
    "valueSpread": "difference between the highest and the lowest value of the starts",
    "matchedStarts": "number of starts whose matched mass exceeds 0.9", "iterations": "iterations of the shown start",
  ]
  static let example = """
    data: {motif: blobs, points: 150}
    params: {grid: 7}
    solver: {distortionWeight: 10, epsilon: 3.0e-4, starts: 1}
    """

  let mixtures: DrawnMixtures
  let grid: Int
  let embedding: EmbeddingSettings
  let seed: Int

  init(_ body: CaseBody) throws(DocumentError) {
    mixtures = try DrawnMixtures(body.data)
    grid = try body.params.integer(
      "grid", default: 15, in: 2...60,
      about: "grid points for the means along each side of the square; each mean has twelve covariances")
    embedding = try EmbeddingSettings(
      body.solver, weight: 10,
      default: JointEmbedding(
        epsilon: 1e-5, annealing: Annealing(start: 2e-2, factor: 0.7, steps: 3),
        stopping: StoppingRule(tolerance: 1e-5, iterationLimit: 300)), starts: 5, seed: UInt64(body.seed))
    seed = body.seed
  }

  func run(_ context: RunContext) throws -> RunResult {
    let sample = mixtures.sample(seed: seed).relabeled(context.relabeling)
    let (first, second) = (PlaneGaussian.components(sample.first), PlaneGaussian.components(sample.second))
    let variances = (first + second).map { ($0.covariance.xx + $0.covariance.yy) / 2 }
    // For covariances s [[v, ·], [·, w]] with v and w ½ or 1, the mean variance is ¾ s.
    let target = GaussianGrid(side: grid, scale: variances.mean / 0.75)
    let spaces = (
      try MetricMeasureSpace(distances: PlaneGaussian.distances(first), weights: sample.first.weights),
      try MetricMeasureSpace(distances: PlaneGaussian.distances(second), weights: sample.second.weights)
    )
    let distances = DistanceGeometry.symmetric(PlaneGaussian.distances(target.gaussians))
    func problem(_ lambda: Double) throws -> JointEmbeddingProblem {
      try JointEmbeddingProblem(
        first: spaces.0, second: spaces.1, target: distances, lambda: lambda, convention: .normalized)
    }
    let (last, leading) = (try problem(embedding.distortionWeight), try embedding.leadBy.map(problem))
    let solvers = embedding.solvers
    var answers: [(solution: JointEmbeddingSolution, steps: Int, matched: Double)] = []
    let best = try StartSearch.over(solvers.count, by: \.solution.regularizedValue) { start, _ throws(ProblemError) in
      let (solution, steps) = try solvers[start].solve(last, leadBy: leading)
      let plan = solution.matching.plan
      let matched = sample.twins.indices.reduce(0) { $0 + plan[$1, sample.twins[$1]] } / compensatedSum(plan.elements)
      context.report(
        """
        start \(start + 1) of \(embedding.tree.starts): \(solution.status), value \(solution.value), matched mass \
        \(matched)
        """
      )
      answers.append((solution, steps, matched))
      return answers[start]
    }.best
    let solution = best.solution
    let images = [solution.first.plan, solution.second.plan].map { plan in
      (0..<plan.rows).map { target.average(plan[row: $0]) }
    }
    let weights = sample.first.weights
    func mean(_ value: (Int, Int) -> Double) -> Double {
      sample.twins.enumerated().reduce(0) { $0 + weights[$1.offset] * value($1.offset, $1.element) }
    }
    let values = answers.map(\.solution.value)
    return RunResult(
      status: solution.status,
      metrics: [
        "matchedMass": .number(best.matched),
        "meanError": .number(
          mean { i, j in
            let (a, b) = (images[0][i].gaussian.mean, images[1][j].gaussian.mean)
            return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)
          }.squareRoot()), "covarianceShare": .number(mean { i, j in (images[0][i].share + images[1][j].share) / 2 }),
        "covarianceMatch": .number(mean { i, j in images[0][i].shape == images[1][j].shape ? 1 : 0 }),
        "distance": .number(solution.transportCost.squareRoot()),
        "distortionFirst": .number(solution.distortions.first),
        "distortionSecond": .number(solution.distortions.second), "value": .number(solution.value),
        "valueSpread": .number((values.max() ?? 0) - (values.min() ?? 0)),
        "matchedStarts": .integer(answers.count { $0.matched > 0.9 }),
        "iterations": .integer(best.steps),
      ], trace: solution.trace,
      arrays: [
        ("first", Self.outlines(first)), ("second", Self.outlines(second)),
        ("images/first", Self.outlines(images[0].map(\.gaussian))),
        ("images/second", Self.outlines(images[1].map(\.gaussian))),
        ("twins", NumericArray(sample.twins.map(Double.init))),
      ])
  }

  /// Returns points of all outlines with the number of their component.
  private static func outlines(_ gaussians: [PlaneGaussian]) -> NumericArray {
    let rows = gaussians.enumerated().flatMap { index, gaussian in gaussian.outline().map { $0 + [Double(index)] } }
    return NumericArray(Matrix(rows: rows.count, columns: 3, elements: rows.flatMap { $0 }))
  }

  func figures(_ arrays: StoredArrays) throws -> [Figure] {
    let twins = try arrays.array("twins").elements
    func cloud(_ name: String, _ title: String, renumbered: Bool) throws -> Panel {
      let outline = try arrays.array(name).matrix
      // A component of the second mixture has the color of its twin.
      let colors = (0..<outline.rows).map { row in
        renumbered ? Double(twins.firstIndex(of: outline[row, 2]) ?? 0) : outline[row, 2]
      }
      return .cloud(
        CloudPanel(title: title, points: Matrix(rows: outline.rows, columns: 2) { outline[$0, $1] }, values: colors))
    }
    return [
      Figure(
        name: "mixtures",
        title: "Two mixtures and their images in the space of Gaussians; corresponding components have the same color",
        panels: [
          try cloud("first", "first mixture", renumbered: false),
          try cloud("second", "second mixture", renumbered: true),
          try cloud("images/first", "image of the first", renumbered: false),
          try cloud("images/second", "image of the second", renumbered: true),
        ], panelSize: (480, 440), columns: 2)
    ]
  }
}
