import Datasets
import Documents
import Figures
import LinearAlgebra
import OptimalTransport
import Pipeline
import SolverCatalogue

/// Transport maps fitted on two samples and judged at fresh points, where the optimal map is known.
struct TransportMapsExperiment: Experiment {
  static let kind = "transport-maps"
  static let revision = 1
  static let summary = "Fits a transport map on two samples and compares it with the optimal map at fresh points."
  static let metrics: Glossary = [
    "unexplained": "E |T(x) − T*(x)|² at fresh points, as a fraction of the target's variance",
    "imageDistance": "exact W_2² between 500 fresh images and as many fresh points of the target",
    "floor": "exact W_2² between two samples of the target of that size",
    "value": "W_2² that the fit gives: transport cost, Gaussians' distance, or the semi-dual's lower bound",
    "empirical": "exact W_2² of the samples", "fitSeconds": "elapsed seconds of the fit",
  ]
  static let example = """
    data: {generator: plane, samples: 100}       # or gaussians, ridges with dimension: 4; or clusters, whose map is \
    unknown
    solver: {name: entropic, epsilon: 0.3}       # or nearest, gaussian, convex
    """

  let data: MapBenchmark
  let settings: MapSettings
  let seed: Int

  init(_ body: CaseBody) throws(DocumentError) {
    data = try MapBenchmark(body.data)
    body.solver.runSeed = body.seed
    settings = try MapSettings(body.solver, key: "name")
    seed = body.seed
  }

  /// How many images are held against the target by exact transport.
  private static let compared = 500

  func run(_ context: RunContext) throws -> RunResult {
    let n = data.samples
    try ExperimentError.requireMemory(matrices: 7, rows: n, columns: n, for: "a map between \(n) samples")
    let draw = try data.draw(seed: seed)
    let began = ContinuousClock.now
    let fitted = try settings.fitted(draw.source, draw.target)
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    let images = try fitted.map(draw.tests)
    var metrics: [String: Value] = ["value": .number(fitted.value), "fitSeconds": .number(seconds)]
    metrics["unexplained"] = .number(Self.meanSquare(images, draw.images) / draw.variance)
    let count = min(Self.compared, data.tests)
    let rows = Array(0..<count)
    metrics["imageDistance"] = .number(try Self.distance(images.selectingRows(rows), draw.fresh.selectingRows(rows)))
    metrics["floor"] = .number(try Self.distance(draw.other.selectingRows(rows), draw.fresh.selectingRows(rows)))
    metrics["empirical"] = .number(try Self.distance(draw.source, draw.target))
    let shown = Array(0..<min(300, data.tests))
    return RunResult(
      status: fitted.status, metrics: metrics,
      trace: fitted.trace.points.isEmpty ? Trace(objectives: [fitted.value]) : fitted.trace,
      arrays: [
        ("points", NumericArray(draw.tests.selectingRows(shown))),
        ("images", NumericArray(images.selectingRows(shown))),
        ("known", NumericArray(draw.images.selectingRows(shown))),
      ])
  }

  private static func meanSquare(_ x: Matrix, _ y: Matrix) -> Double {
    squaredDistance(x.elements[...], y.elements[...]) / Double(x.rows)
  }

  private static func distance(_ x: Matrix, _ y: Matrix) throws(ProblemError) -> Double {
    try NetworkSimplex().solve(LinearProblem(cost: squaredDistances(x, y))).value
  }

  func figures(_ arrays: StoredArrays) throws -> [Figure] {
    let (points, images, known) = (
      try arrays.array("points").matrix, try arrays.array("images").matrix, try arrays.array("known").matrix
    )
    // Of more dimensions the first two are shown.
    func plane(_ points: Matrix) -> Matrix {
      Matrix(rows: points.rows, columns: 2) { points[$0, min($1, points.columns - 1)] }
    }
    let panel = ScatterPanel(
      title: "fresh points, where the map takes them, and the target", xLabel: "x", yLabel: "y",
      groups: [
        .init(name: "source", points: plane(points), colour: 2, marker: .circle),
        .init(name: "target", points: plane(known), colour: 1, marker: .circle),
        .init(name: "images", points: plane(images), colour: 0, marker: .disc),
      ])
    return [Figure(name: "map", title: "A transport map at fresh points", panels: [.scatter(panel)])]
  }
}
