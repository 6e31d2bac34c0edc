import Datasets
import Documents
import Figures
import Foundation
import LinearAlgebra
import OptimalTransport

/// Gromov–Wasserstein barycenters of images on a pixel grid: balanced or unbalanced, plain or fused with labels (Beier, Beinert, Steidl 2023,
/// arXiv:2205.06725).
public struct ImageBarycenterExperiment: Experiment {
  public static let kind = "image-barycenter"
  public static let revision = 1
  public static let summary = "A barycenter of images on a pixel grid by multi-marginal Gromov–Wasserstein transport."
  public static let metrics: KeyValuePairs = [
    "value": "Σ c (α |d − d'|² + (1 − α) m M) + marginal penalty, of the best start", "distortion": "Σ c ∬ |d − d'|²",
    "labelCost": "Σ c ⟨M, π⟩", "mass": "of the plan", "pixels": "barycenter pixels above the display threshold",
    "valueSpread": "largest value less lowest over the starts",
    "basins": "values of the starts that differ by more than 1e-3 of themselves",
    "iterations": "outer steps of the best start", "secondsPerStep": "processor seconds an outer step, over all starts",
    "secondsPerStart": "processor seconds a start",
  ]
  public static let example = """
    data: {generator: {digits: '98', height: 12}}       # or {image0: {file: a.npy}, image1: {file: b.npy}}
    params: {alpha: 1.0}                                # below 1 with labels; rho: 0.01 makes it unbalanced
    solver: {epsilon: 1.0e-3, starts: 1, tolerance: 1.0e-2, iterationLimit: 300}
    """

  let data: ImageData
  let alpha: Double
  let rho: Double
  let threshold: Double
  let epsilon: Double
  let annealing: Annealing
  let starts: Int
  let tolerance: Double
  let iterationLimit: Int
  let seed: Int

  public init(_ body: CaseBody) throws(DocumentError) {
    data = try ImageData(body.data)
    alpha = try body.params.number(
      "alpha", default: 1, expected: "a number from 0 to 1", about: "share of the distances against the labels"
    ) {
      (0...1).contains($0)
    }
    rho =
      try body.params.optionalPositiveNumber("rho", about: "price of departing from an image's masses; without it they are kept")
      ?? .infinity
    threshold = try body.params.number(
      "threshold", default: 0.0018, expected: "a number that is not negative", about: "mass above which a pixel of the barycenter is shown"
    ) { $0 >= 0 && $0.isFinite }
    epsilon = try body.solver.positiveNumber(
      "epsilon", default: 2e-4, about: "of the entropy; distances are in units of the grid's diagonal")
    annealing = Annealing(
      start: try body.solver.positiveNumber("annealFrom", default: 5e-3, about: "the first ε"),
      factor: try body.solver.number("annealBy", default: 0.7, expected: "a number between 0 and 1", about: "from one ε to the next") {
        $0 > 0 && $0 < 1
      },
      steps: try body.solver.integer("annealSteps", default: 4, in: 1...1000, about: "outer steps at each ε"))
    starts = try body.solver.integer("starts", default: 3, in: 1...1000, about: "seeded noises; the lowest objective is kept")
    tolerance = try body.solver.positiveNumber("tolerance", default: 1e-6, about: "on the relative change of the edge marginals")
    iterationLimit = try body.solver.integer("iterationLimit", default: 100, in: 1...100_000, about: "outer steps, annealing included")
    seed = body.seed
  }

  public var inputs: [InputReference] { data.inputs }

  public func run(_ context: RunContext) throws -> RunResult {
    let images = try data.load(context, seed: seed)
    let grid = PixelGrid(rows: images[0].rows, columns: images[0].columns)
    let labelCount = 1 + (images.compactMap { $0.labels?.max() }.max() ?? 0)
    let problem = try barycenterProblem(images, grid)
    var solutions: [TreeGromovWassersteinSolution] = []
    let clock = clock()
    for start in 0..<starts {
      let solution = try TreeGromovWasserstein(
        epsilon: epsilon, annealing: annealing, seed: UInt64(seed) &+ UInt64(start),
        stopping: StoppingRule(tolerance: tolerance, iterationLimit: iterationLimit)
      ).solve(problem)
      context.report("start \(start + 1) of \(starts): \(solution.status), value \(solution.value)")
      solutions.append(solution)
    }
    let seconds = Double(Foundation.clock() - clock) / Double(CLOCKS_PER_SEC)
    guard let best = solutions.min(by: { $0.regularizedValue < $1.regularizedValue }) else {
      throw ExperimentError(description: "no start was made")
    }
    let values = solutions.map(\.value).sorted()
    let basins = zip(values, values.dropFirst()).count { $1 - $0 > 1e-3 * abs($0) } + 1
    let weights = problem.edgeWeights
    let centre = best.nodeMarginals[0]
    var arrays: [(name: String, array: NumericArray)] = [
      ("barycenter", NumericArray(grid.matrix(centre))), ("values", NumericArray(solutions.map(\.value))),
      ("objective", NumericArray(best.trace.points.compactMap(\.objective))), ("diagonal", NumericArray(best.diagonalValues)),
    ]
    for (index, image) in images.enumerated() {
      arrays.append(("image\(index)", NumericArray(grid.matrix(image.shares, at: image.pixels))))
      guard let labels = image.labels else { continue }
      let plan = best.plans[index].matrix
      for label in 0..<labelCount {
        let own = labels.map { $0 == label ? 1.0 : 0 }
        arrays.append(("image\(index)-label\(label)", NumericArray(grid.matrix(zip(own, image.shares).map { $0 * $1 }, at: image.pixels))))
        arrays.append(("carried\(index)-label\(label)", NumericArray(grid.matrix(plan * own))))
      }
    }
    arrays.append(("labelCount", NumericArray([Double(images.allSatisfy { $0.labels != nil } ? labelCount : 0)])))
    let steps = solutions.reduce(0) { $0 + $1.iterations }
    return RunResult(
      status: best.status,
      metrics: [
        "value": .number(best.value), "distortion": .number(dot(weights, best.distortions)),
        "labelCost": .number(dot(weights, best.featureCosts)), "mass": .number(best.mass),
        "pixels": .integer(centre.count { $0 > threshold }), "valueSpread": .number((values.last ?? 0) - values[0]),
        "basins": .integer(basins), "iterations": .integer(best.iterations), "secondsPerStep": .number(seconds / Double(steps)),
        "secondsPerStart": .number(seconds / Double(starts)),
      ],
      trace: best.trace, arrays: arrays)
  }

  /// A star: the grid in the middle, its marginal free, and each image with an equal share.
  private func barycenterProblem(_ images: [ImageData.Image], _ grid: PixelGrid) throws -> TreeGromovWassersteinProblem {
    let all = Array(0..<grid.rows * grid.columns)
    let centre = try TreeGromovWassersteinProblem.Space(
      geometry: .symmetric(grid.distances(all)), marginal: TreeMarginal(freeOver: all.count))
    let leaves = try images.map { image in
      try TreeGromovWassersteinProblem.Space(
        geometry: .symmetric(grid.distances(image.pixels)), marginal: TreeMarginal(weights: image.shares, relaxation: rho))
    }
    var features: [Matrix]?
    if alpha < 1 {
      features = try images.map { image in
        guard let labels = image.labels else {
          throw ExperimentError(description: "params.alpha is \(alpha), but the images have no labels")
        }
        // The left half of the grid has label 1, the right one 0, as the digits are coloured.
        return Matrix(rows: all.count, columns: labels.count) { ($0 % grid.columns < grid.columns / 2 ? 1 : 0) == labels[$1] ? 0 : 1 }
      }
    }
    return try TreeGromovWassersteinProblem(
      topology: .star(leaves: images.count), spaces: [centre] + leaves, edgeWeights: images.map { _ in 1 / Double(images.count) },
      features: features, alpha: alpha)
  }

  public func figures(_ arrays: StoredArrays) throws -> [Figure] {
    try ImageBarycenterFigures(arrays: arrays, threshold: threshold, labelNames: data.labelNames).all
  }
}

/// A grid of pixels; distances are in units of its diagonal.
struct PixelGrid {
  let rows: Int
  let columns: Int

  func distances(_ pixels: [Int]) -> Matrix {
    let diagonal = max(hypot(Double(rows - 1), Double(columns - 1)), 1)
    let points = Matrix(rows: pixels.count, columns: 2) { Double($1 == 0 ? pixels[$0] / columns : pixels[$0] % columns) / diagonal }
    return DistanceGeometry.euclidean(points: points).matrix
  }

  /// Values at some pixels, or all, as a picture.
  func matrix(_ values: [Double], at pixels: [Int]? = nil) -> Matrix {
    var result = Matrix(rows: rows, columns: columns)
    for (index, value) in values.enumerated() { result.elements[pixels?[index] ?? index] = value }
    return result
  }
}
