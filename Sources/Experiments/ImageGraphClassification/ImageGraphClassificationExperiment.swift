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

/// Pictures as graphs of their ink, told apart by the distance to one reference picture alone: conic Gromov–Wasserstein stopped early and converged,
/// beside Gromov–Wasserstein and the plain edge density.
public struct ImageGraphClassificationExperiment: Experiment {
  public static let kind = "image-graph-classification"
  public static let revision = 1
  public static let summary = "Two classes of pictures told apart by one distance to a reference, against the share of known labels."
  public static let metrics: Glossary = [
    "errorEarly": "share of wrong answers at the middle share of labels, by CGW stopped early", "errorConverged": "by converged CGW",
    "errorDensity": "by the edge density alone", "errorGW": "by Gromov–Wasserstein",
    "errorGWProduct": "by its objective at the product plan",
    "rankAgreement": "Spearman's correlation of early CGW and the edge density", "pictures": "in both classes",
    "meanNodes": "of a picture's graph", "unconverged": "distances whose solver met its limit",
    "secondsPerPair": "processor seconds of a converged CGW",
  ]
  public static let example = """
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

  public init(_ body: CaseBody) throws(DocumentError) {
    data = try ImageGraphData(body.data)
    referenceClass = try body.data.integer(
      "reference", default: 0, in: 0...1, about: "whose first picture is compared with: the first class, or the second")
    shares = try body.params.numbers(
      "labelled", default: [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], in: .between(0, 1), about: "shares of labels that are known")
    splits = try body.params.integer("splits", default: 100, in: 2...100_000, about: "seeded draws of the known labels")
    try body.params.refuse("neighbours", since: "is now 'neighbors'")
    neighbors = try body.params.integer("neighbors", default: 5, in: 1...1000, about: "that vote")
    let cone = try ConeSettings(
      body.solver, stopping: StoppingRule(tolerance: 1e-7, iterationLimit: 20_000), seed: UInt64(clamping: body.seed))
    settings = GraphDistance.Settings(
      cone: cone,
      early: (
        try body.solver.integer("earlyIterations", default: 20, in: 1...10_000, about: "of the early stop, one sweep each"),
        try body.solver.positiveNumber("earlyDelta", default: cone.delta, about: "δ of the early stop")
      ),
      gwTolerance: try body.solver.positiveNumber("gwTolerance", default: 1e-4, about: "relative gap of Gromov–Wasserstein"),
      starts: (
        try body.solver.integer(
          "starts", default: 1, in: 1...1000, about: "of converged CGW and GW; the lowest value of each counts"),
        UInt64(clamping: body.seed)
      ))
    seed = body.seed
  }

  public var inputs: [InputReference] { data.inputs }

  public func run(_ context: RunContext) throws -> RunResult {
    let pictures = try data.load(context, seed: seed)
    let graphs = try pictures.images.indices.map { index in
      let order = { context.relabeling.order($0, "picture \(index)") }
      guard let graph = try ImageGraph(pictures.images[index], pixels: pictures.pixels[index], numbered: order) else {
        throw ExperimentError(description: "picture \(index) (from 0) has no ink at the pixels drawn; take more pixels")
      }
      return graph
    }
    let order = { context.relabeling.order($0, "reference") }
    guard let reference = try ImageGraph(pictures.clean[referenceClass], numbered: order) else {
      throw ExperimentError(description: "the reference picture has no ink")
    }
    var features: [GraphDistance: [Double]] = [:]
    var (unconverged, secondsPerPair) = (0, 0.0)
    for method in GraphDistance.allCases {
      context.report("\(method.title) of \(graphs.count) pictures")
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
        "errorEarly": error(.early), "errorConverged": error(.converged), "errorDensity": error(.edgeDensity), "errorGW": error(.gw),
        "errorGWProduct": error(.gwProduct), "rankAgreement": .number(rankCorrelation(features[.early] ?? [], graphs.map(\.edgeDensity))),
        "pictures": .integer(graphs.count), "meanNodes": .number(Double(graphs.reduce(0) { $0 + $1.count }) / Double(graphs.count)),
        "unconverged": .integer(unconverged), "secondsPerPair": .number(secondsPerPair),
      ], trace: Trace(objectives: features[.converged] ?? []),
      arrays: arrays + [
        ("shares", NumericArray(shares)), ("classes", NumericArray(pictures.classes.map(Double.init))),
        ("densities", NumericArray(graphs.map(\.edgeDensity))), ("pictures", NumericArray(samples(pictures))),
      ])
  }

  /// Mean and standard deviation of the share of wrong votes, for each share of known labels; all methods face the same splits.
  private func errors(_ feature: [Double], _ classes: [Int]) -> [(mean: Double, deviation: Double)] {
    shares.indices.map { position in
      let rates = (0..<splits).map { split in
        var random = SeededGenerator(seed: UInt64(seed), stream: "labels \(position) \(split)")
        let order = random.permutation(feature.count)
        let known = order.prefix(max(neighbors, Int((shares[position] * Double(feature.count)).rounded())))
        let rest = order.dropFirst(known.count)
        let wrong = rest.count { other in
          nearestNeighborVote(among: Array(known), labels: classes, neighbors: neighbors) { abs(feature[$0] - feature[other]) }
            != classes[other]
        }
        return Double(wrong) / Double(max(rest.count, 1))
      }
      return (rates.mean, rates.standardDeviation(.sample))
    }
  }

  /// The first pictures of both classes, with what was drawn of them.
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

  public func figures(_ arrays: StoredArrays) throws -> [Figure] {
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
        name: style.0, points: Matrix(rows: members.count, columns: 2) { $1 == 0 ? densities[members[$0]] : early[members[$0]] },
        colour: own,
        marker: style.1)
    }
    return [
      Figure(
        name: "errors", title: "Wrong answers by one distance to a reference",
        panels: [
          .lines(
            LinePanel(
              title: "bars: one standard deviation over splits", xLabel: "share of labels known", yLabel: "share of wrong answers",
              curves: curves))
        ], panelSize: (900, 560)),
      Figure(
        name: "density", title: "What the early value sees",
        panels: [
          .scatter(
            ScatterPanel(
              title: "early CGW against edge density", xLabel: "edge density μᵀAμ", yLabel: "CGW stopped early", groups: groups,
              hasOneScale: false)),
          .image(ImagePanel(title: "pictures, a row a class", ink: try arrays.array("pictures").matrix)),
        ], panelSize: (640, 520)),
    ]
  }
}

/// Answers of problems solved side by side.
private final class Answers: @unchecked Sendable {
  private let lock = NSLock()
  private var answers: [Result<(value: Double, isConverged: Bool), any Error>?]

  init(count: Int) { answers = .init(repeating: nil, count: count) }

  func set(_ index: Int, _ answer: Result<(value: Double, isConverged: Bool), any Error>) { lock.withLock { answers[index] = answer } }

  /// - Throws: the first error, by place.
  func all() throws -> [(value: Double, isConverged: Bool)] { try lock.withLock { try answers.compactMap { try $0?.get() } } }
}
