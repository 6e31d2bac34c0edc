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

/// Classifies images, as graphs of their ink, by the distance to a single reference image.
///
/// The distances are conic Gromov–Wasserstein, stopped early and converged, Gromov–Wasserstein, and the plain edge
/// density.
struct ImageGraphClassificationExperiment: Experiment {
  static let kind = "image-graph-classification"
  static let revision = 1
  static let summary = "Classifies two classes of images by one distance to a reference, for several label rates."
  static let metrics: Glossary = [
    "errorEarly": "test error of CGW stopped early, at the middle label rate",
    "errorConverged": "test error of converged CGW",
    "errorDensity": "test error of the edge density alone", "errorGW": "test error of Gromov–Wasserstein",
    "errorGWProduct": "test error of the Gromov–Wasserstein objective at the product plan",
    "rankAgreement": "Spearman correlation of early CGW and the edge density",
    "pictures": "number of images in both classes",
    "meanNodes": "mean number of nodes of an image's graph",
    "unconverged": "number of distances whose solver reached the iteration limit",
    "secondsPerPair": "CPU seconds of a converged CGW",
  ]
  static let example = """
    data: {squares: {side: 16, count: 2, pixels: 200}, perClass: 10}
    params: {splits: 20}
    solver: {delta: 0.3, gwTolerance: 1.0e-3}
    """

  let data: ImageGraphData
  let referenceClass: Int
  let shares: [Double]
  let splits: Int
  let neighbors: Int
  let settings: GraphDistance.Settings
  let seed: Int

  init(_ body: CaseBody) throws(DocumentError) {
    data = try ImageGraphData(body.data)
    referenceClass = try body.data.integer(
      "reference", default: 0, in: 0...1,
      about: "the class of the reference image: 0 for the first class, 1 for the second")
    shares = try body.params.numbers(
      "labelled", default: [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], in: .between(0, 1),
      about: "label rates, the fractions of labels that are known")
    splits = try body.params.integer("splits", default: 100, in: 2...100_000, about: "random draws of the known labels")
    try body.params.refuse("neighbours", since: "is now 'neighbors'")
    neighbors = try body.params.integer("neighbors", default: 5, in: 1...1000, about: "neighbors that vote")
    let cone = try ConeSettings(
      body.solver, stopping: StoppingRule(tolerance: 1e-7, iterationLimit: 20_000), seed: UInt64(clamping: body.seed))
    settings = GraphDistance.Settings(
      cone: cone,
      early: (
        try body.solver.integer(
          "earlyIterations", default: 20, in: 1...10_000, about: "iterations of the early stop, with one sweep each"),
        try body.solver.positiveNumber("earlyDelta", default: cone.delta, about: "δ of the early stop")
      ),
      gwTolerance: try body.solver.positiveNumber(
        "gwTolerance", default: 1e-4, about: "the relative gap at which Gromov–Wasserstein stops"),
      starts: (
        try body.solver.integer(
          "starts", default: 1, in: 1...1000, about: "starts of converged CGW and of GW; the lowest value counts"),
        UInt64(clamping: body.seed)
      ))
    seed = body.seed
  }

  var inputs: [InputReference] { data.inputs }

  func run(_ context: RunContext) throws -> RunResult {
    let pictures = try data.load(context, seed: seed)
    let graphs = try pictures.images.indices.map { index in
      let order = { context.relabeling.order($0, "picture \(index)") }
      guard let graph = try ImageGraph(pictures.images[index], pixels: pictures.pixels[index], numbered: order) else {
        throw ExperimentError(description: "image \(index) (from 0) has no ink at the drawn pixels; use more pixels")
      }
      return graph
    }
    let order = { context.relabeling.order($0, "reference") }
    guard let reference = try ImageGraph(pictures.clean[referenceClass], numbered: order) else {
      throw ExperimentError(description: "the reference image has no ink")
    }
    var features: [GraphDistance: [Double]] = [:]
    var (unconverged, secondsPerPair) = (0, 0.0)
    for method in GraphDistance.allCases {
      context.report("\(method.title) of \(graphs.count) images")
      let clock = ProcessorClock()
      let answers = Answers(count: graphs.count)
      let settings = settings
      forEachIndependent(of: graphs.count) { index in
        answers.set(index, Result { try method.value(graphs[index], reference: reference, settings) })
      }
      let found = try answers.all()
      features[method] = found.map(\.value)
      unconverged += found.count { !$0.isConverged }
      if method == .converged { secondsPerPair = clock.seconds / Double(graphs.count) }
    }
    let curves = features.mapValues { errors($0, pictures.classes) }
    let middle = shares.count / 2
    func error(_ method: GraphDistance) -> Value { .number(curves[method]?[middle].mean ?? .nan) }
    let arrays: [(name: String, array: NumericArray)] = GraphDistance.allCases.flatMap { method in
      [
        ("features/\(method.rawValue)", NumericArray(features[method] ?? [])),
        ("errors/\(method.rawValue)", NumericArray((curves[method] ?? []).map(\.mean))),
        ("deviations/\(method.rawValue)", NumericArray((curves[method] ?? []).map(\.deviation))),
      ]
    }
    return RunResult(
      status: unconverged == 0 ? .converged : .iterationLimit,
      metrics: [
        "errorEarly": error(.early), "errorConverged": error(.converged), "errorDensity": error(.edgeDensity),
        "errorGW": error(.gw),
        "errorGWProduct": error(.gwProduct),
        "rankAgreement": .number(rankCorrelation(features[.early] ?? [], graphs.map(\.edgeDensity))),
        "pictures": .integer(graphs.count),
        "meanNodes": .number(Double(graphs.reduce(0) { $0 + $1.count }) / Double(graphs.count)),
        "unconverged": .integer(unconverged), "secondsPerPair": .number(secondsPerPair),
      ], trace: Trace(objectives: features[.converged] ?? []),
      arrays: arrays + [
        ("shares", NumericArray(shares)), ("classes", NumericArray(pictures.classes.map(Double.init))),
        ("densities", NumericArray(graphs.map(\.edgeDensity))), ("pictures", NumericArray(samples(pictures))),
      ])
  }

  /// Returns mean and standard deviation of the test error for each label rate; all methods use the same splits.
  private func errors(_ feature: [Double], _ classes: [Int]) -> [(mean: Double, deviation: Double)] {
    shares.indices.map { position in
      let rates = (0..<splits).map { split in
        var random = SeededGenerator(seed: UInt64(seed), stream: "labels \(position) \(split)")
        let order = random.permutation(feature.count)
        let known = order.prefix(max(neighbors, Int((shares[position] * Double(feature.count)).rounded())))
        let rest = order.dropFirst(known.count)
        let wrong = rest.count { other in
          nearestNeighborVote(among: Array(known), labels: classes, neighbors: neighbors) {
            abs(feature[$0] - feature[other])
          }
            != classes[other]
        }
        return Double(wrong) / Double(max(rest.count, 1))
      }
      return (rates.mean, rates.standardDeviation(.sample))
    }
  }

  /// Returns the first images of both classes with their drawn pixels.
  private func samples(_ pictures: ImageGraphData.Pictures) -> Matrix {
    let (perRow, side) = (6, pictures.images[0].columns + 1)
    let rows = pictures.images[0].rows + 1
    return Matrix(rows: 2 * rows, columns: perRow * side) { i, j in
      let index = i / rows * data.perClass + j / side
      guard j / side < data.perClass, i % rows < rows - 1, j % side < side - 1 else { return 0 }
      let place = i % rows * (side - 1) + j % side
      if let drawn = pictures.pixels[index], !drawn.contains(place) { return 0 }
      return min(max(pictures.images[index].elements[place], 0), 1)
    }
  }

  func figures(_ arrays: StoredArrays) throws -> [Figure] {
    let shares = try arrays.array("shares").elements
    let curves = try GraphDistance.allCases.map { method in
      LinePanel.Curve(
        name: method.title, x: shares, y: try arrays.array("errors/\(method.rawValue)").elements,
        deviations: try arrays.array("deviations/\(method.rawValue)").elements)
    }
    let (early, densities) = (try arrays.array("features/early").elements, try arrays.array("densities").elements)
    let classes = try arrays.array("classes").elements
    let groups = [("first class", Marker.disc), ("second class", .triangle)].enumerated().map { own, style in
      let members = classes.indices.filter { classes[$0] == Double(own) }
      return ScatterPanel.Group(
        name: style.0,
        points: Matrix(rows: members.count, columns: 2) { $1 == 0 ? densities[members[$0]] : early[members[$0]] },
        colour: own,
        marker: style.1)
    }
    return [
      Figure(
        name: "errors", title: "Test error of one distance to a reference",
        panels: [
          .lines(
            LinePanel(
              title: "bars: one standard deviation over splits", xLabel: "label rate", yLabel: "test error",
              curves: curves))
        ], panelSize: (900, 560)),
      Figure(
        name: "density", title: "The early value and the edge density",
        panels: [
          .scatter(
            ScatterPanel(
              title: "CGW stopped early over the edge density", xLabel: "edge density μᵀAμ",
              yLabel: "CGW stopped early", groups: groups,
              hasOneScale: false)),
          .image(ImagePanel(title: "images, one row per class", ink: try arrays.array("pictures").matrix)),
        ], panelSize: (640, 520)),
    ]
  }
}

/// The answers of problems that are solved in parallel.
private final class Answers: @unchecked Sendable {
  private let lock = NSLock()
  private var answers: [Result<(value: Double, isConverged: Bool), any Error>?]

  init(count: Int) { answers = .init(repeating: nil, count: count) }

  func set(_ index: Int, _ answer: Result<(value: Double, isConverged: Bool), any Error>) {
    lock.withLock { answers[index] = answer }
  }

  /// Returns all answers, or throws the first error in order.
  func all() throws -> [(value: Double, isConverged: Bool)] {
    try lock.withLock { try answers.compactMap { try $0?.get() } }
  }
}
