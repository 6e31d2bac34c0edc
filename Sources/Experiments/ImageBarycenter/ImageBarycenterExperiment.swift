import Datasets
import Documents
import Figures
import Foundation
import LinearAlgebra
import OptimalTransport
import Pipeline
import SolverCatalogue

/// Gromov–Wasserstein barycenters of images on a surface, balanced or unbalanced, plain or fused with labels (Beier,
/// Beinert, Steidl 2023, arXiv:2205.06725), and by block coordinate descent (Peyré, Cuturi, Solomon 2016).
struct ImageBarycenterExperiment: Experiment {
  static let kind = "image-barycenter"
  static let revision = 2
  static let summary =
    "Computes a barycenter of images on a plane or a globe by multi-marginal Gromov–Wasserstein transport."
  static let metrics: Glossary = [
    "value": "objective of the best start, Σ c (α |d − d'|² + (1 − α) m M) + marginal penalty",
    "loss": "Σ λ ∬ |d − d'|², with weights λ that sum to 1",
    "labelCost": "Σ c ⟨M, π⟩", "mass": "mass of the plan",
    "pixels": "number of barycenter pixels above the display threshold, or of points of a cloud",
    "valueSpread": "difference between the largest and the lowest value of the starts",
    "basins": "number of different values of the starts, with a relative difference above 1e-3",
    "iterations": "outer iterations of the best start",
    "secondsPerStep": "CPU seconds of an outer iteration, averaged over all starts",
    "secondsPerStart": "CPU seconds of a start",
  ]
  static let example = """
    data: {generator: {motif: hearts, height: 12}}      # or {image0: {file: a.npy}, image1: {file: b.npy}}
    params: {alpha: 1.0}                                # below 1 if there are labels
    solver: {epsilon: 1.0e-3, starts: 1}                # rho: 0.01 makes it unbalanced
    """

  enum Method: String, CaseIterable {
    case multiMarginal = "multi-marginal"
    case bcd
    case rbcd
  }

  let data: ImageData
  let method: Method
  let alpha: Double
  let rho: Double
  let position: Double?
  let points: Int
  let threshold: Double
  let labels: BarycenterSupport.Labels
  let labelDistance: BarycenterSupport.LabelDistance
  let tree: TreeSettings
  let seed: Int

  init(_ body: CaseBody) throws(DocumentError) {
    data = try ImageData(body.data)
    let (params, fields) = (body.params, body.solver)
    try params.refuse("method", since: "is now 'solver.name'")
    try params.refuse("rho", since: "is now 'solver.rho'")
    alpha = try params.alpha(default: 1, about: "α, the weight of the distances relative to the labels")
    position = try params.optionalNumber(
      "position", in: .between(0, 1), about: "the position between two images, from 0 (first) to 1 (second)")
    points = try params.integer(
      "points", default: 100, in: 1...5000, about: "points of the cloud, for block coordinate descent")
    threshold = try params.number(
      "threshold", default: 0.0018, in: .notNegative, about: "the mass above which a pixel of the barycenter is shown"
    )
    labels = try params.choice(
      "labels", default: .halves,
      about: "the labels of the barycenter's points: given by the half of the image, or free")
    labelDistance = try params.choice(
      "labelDistance", default: .discrete, about: "the distance between labels, at most 1")
    method = try fields.choice(
      "name", default: .multiMarginal,
      about: "the method: transport on a star, or block coordinate descent with exact or entropic plans")
    rho = try fields.imageRelaxation()
    var defaults = TreeGromovWasserstein.images
    defaults.stopping.iterationLimit = 200
    tree = try TreeSettings(fields, default: defaults, starts: 3, seed: UInt64(body.seed))
    seed = body.seed
  }

  var inputs: [InputReference] { data.inputs }

  func run(_ context: RunContext) throws -> RunResult {
    let (surface, images) = try data.load(context, seed: seed)
    if position != nil, images.count != 2 {
      throw ExperimentError(description: "params.position is between two images, but there are \(images.count)")
    }
    let weights = position.map { [1 - $0, $0] } ?? [Double](repeating: 1 / Double(images.count), count: images.count)
    let solve = try solver(surface, images, weights)
    let clock = clock()
    var answers: [BarycenterAnswer] = []
    let solvers = tree.solvers
    let best = try StartSearch.over(solvers.count, by: \.objective) { start, _ in
      let answer = try solve(solvers[start])
      context.report("start \(start + 1) of \(solvers.count): \(answer.status), value \(answer.value)")
      answers.append(answer)
      return answer
    }.best
    let seconds = Double(Foundation.clock() - clock) / Double(CLOCKS_PER_SEC)
    let values = answers.map(\.value).sorted()
    let basins = basins(of: values) { $0 - $1.last <= 1e-3 * abs($1.last) }.count
    var arrays = best.arrays
    for (index, image) in images.enumerated() {
      let own = surface.image(image.shares, at: image.points)
      arrays.append(("image\(index)", NumericArray(own)))
      arrays.append(("picture\(index)", NumericArray(surface.picture(own))))
    }
    let history = min(best.history.seconds.count, best.history.values.count)
    arrays += [
      ("values", NumericArray(answers.map(\.value))),
      ("courseSeconds", NumericArray(Array(best.history.seconds.prefix(history)))),
      ("course", NumericArray(Array(best.history.values.prefix(history)))),
    ]
    return RunResult(
      status: best.status,
      metrics: [
        "value": .number(best.value), "loss": .number(best.loss), "labelCost": .number(best.labelCost),
        "mass": .number(best.mass),
        "pixels": .integer(best.pixels), "valueSpread": .number((values.last ?? 0) - values[0]),
        "basins": .integer(basins),
        "iterations": .integer(best.iterations),
        "secondsPerStep": .number(seconds / Double(answers.reduce(0) { $0 + $1.iterations })),
        "secondsPerStart": .number(seconds / Double(solvers.count)),
      ],
      trace: best.trace, arrays: arrays)
  }

  /// Returns the computation of one start.
  private func solver(
    _ surface: ImageSurface, _ images: [ImageData.Image], _ weights: [Double]
  ) throws -> (TreeGromovWasserstein) throws -> BarycenterAnswer {
    guard method == .multiMarginal else {
      if alpha < 1 || rho < .infinity {
        throw ExperimentError(
          description: "solver.name \(method.rawValue) supports neither labels nor relaxed marginals")
      }
      let spaces = try images.map {
        try MetricMeasureSpace(
          distances: DistanceGeometry.lattice(surface.lattice($0.points)).matrix, weights: $0.shares)
      }
      let cloud = PointCloudBarycenter(
        images: spaces, shares: weights, points: points,
        solver: DistanceMatrixBarycenter(
          epsilon: method == .rbcd ? tree.solver.epsilon : nil, stopping: tree.solver.stopping))
      return { try cloud.answer(seed: $0.seed) }
    }
    let support = BarycenterSupport(surface, images, labels: labels, labelDistance: labelDistance, isFused: alpha < 1)
    let problem = try support.problem(images, weights: weights, alpha: alpha, rho: rho)
    let barycenter = MultiMarginalBarycenter(
      support: support, images: images, weights: weights, alpha: alpha, rho: rho, threshold: threshold)
    return { try barycenter.answer(problem, by: $0) }
  }

  func figures(_ arrays: StoredArrays) throws -> [Figure] {
    try ImageBarycenterFigures(arrays: arrays, threshold: threshold, labelNames: data.labelNames).all
  }
}
