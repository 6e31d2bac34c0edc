import Datasets
import Documents
import Figures
import Foundation
import Learning
import LinearAlgebra
import OptimalTransport
import Pipeline
import SolverCatalogue

/// Distances between randomly rotated and shifted images by Wasserstein, Gromov–Wasserstein, or EW_λ (Beier, Piening,
/// Beinert, Steidl 2025, figure 21).
struct ImageDistancesExperiment: Experiment {
  static let kind = "image-distances"
  static let revision = 1
  static let summary =
    "Computes all distances between rotated and shifted images by one method, and how well they separate classes."
  static let metrics: Glossary = [
    "silhouette": "mean silhouette of the classes; 1 is best, and below 0 other classes are nearer",
    "nearestNeighbor": "fraction of images whose nearest neighbor has the same class",
    "meanWithin": "mean distance within classes",
    "meanBetween": "mean distance between classes", "pairs": "number of distances",
    "unconverged": "number of pairs whose solver reached the iteration limit",
    "secondsPerPair": "CPU seconds of a pair",
  ]
  static let example = """
    data: {generator: {perClass: 2}, size: 8, side: 10}
    solver: {name: gw}                                 # or w, or ew with distortionWeight and epsilon
    """

  enum Method: String, CaseIterable { case w, gw, ew }

  let sample: ImageSample
  let method: Method
  /// The number of starts for each pair; for `ew` the solver's settings count.
  let starts: Int
  let embedding: EmbeddingSettings?
  let seed: Int

  init(_ body: CaseBody) throws(DocumentError) {
    sample = try ImageSample(body.data)
    let fields = body.solver
    method = try fields.choice(
      "name", default: .gw, about: "the method: Wasserstein, Gromov–Wasserstein, or joint embedding")
    if method == .ew {
      starts = 1
      embedding = try EmbeddingSettings(
        fields, weight: nil,
        default: JointEmbedding(
          epsilon: 2e-3, annealing: Annealing(start: 2e-2, factor: 0.7, steps: 2),
          stopping: StoppingRule(tolerance: 1e-4, iterationLimit: 100)), starts: 1, seed: UInt64(body.seed))
    } else {
      starts = method == .w ? 1 : try fields.starts(default: 1, about: "starts of each pair; the lowest value counts")
      embedding = nil
    }
    seed = body.seed
  }

  var inputs: [InputReference] { sample.inputs }

  func run(_ context: RunContext) throws -> RunResult {
    let pictures = try sample.load(context, seed: seed)
    let count = pictures.images.count
    let supports = pictures.images.enumerated().map { index, image in
      let support = image.elements.indices.filter { image.elements[$0] > 0 }
      return context.relabeling.order(support.count, "picture \(index)").map { support[$0] }
    }
    let lattice = try LatticeDistances.pixels(rows: sample.side, columns: sample.side)
    let all = DistanceGeometry.lattice(lattice).matrix
    let spaces = try zip(pictures.images, supports).map { image, support in
      try MetricMeasureSpace(
        distances: Matrix(rows: support.count, columns: support.count) { all[support[$0], support[$1]] },
        weights: support.map { image.elements[$0] })
    }
    let clock = (processor: ProcessorClock(), progress: ProgressClock())
    var distances = Matrix(rows: count, columns: count)
    var (pairs, unconverged) = (0, 0)
    // The trace of many solves is the value of each pair, in order.
    var values: [Double] = []
    for i in 0..<count {
      for j in 0..<i {
        let answer: (value: Double, status: Status)
        switch method {
        case .w:
          let cost = Matrix(rows: supports[i].count, columns: supports[j].count) { row, column in
            let length = all[supports[i][row], supports[j][column]]
            return length * length
          }
          let solution = try NetworkSimplex().solve(
            LinearProblem(cost: cost, source: spaces[i].weights, target: spaces[j].weights))
          answer = (solution.value, solution.status)
        case .gw:
          let report = try MultiStart(starts: starts, seed: UInt64(seed)).solve(
            QuadraticProblem(source: spaces[i], target: spaces[j])
          ) { problem, start, _ throws(ProblemError) in try GromovWasserstein().solve(problem, from: start) }
          answer = (report.best.value, report.best.status)
        case .ew: answer = try embed(spaces[i], spaces[j], .lattice(lattice))
        }
        let length = max(answer.value, 0).squareRoot()
        (distances[i, j], distances[j, i]) = (length, length)
        pairs += 1
        values.append(answer.value)
        if !answer.status.isConverged { unconverged += 1 }
        if clock.progress.isDue { context.report("\(pairs) of \(count * (count - 1) / 2) pairs") }
      }
    }
    let separation = ClassSeparation(distances, classes: pictures.classes)
    return RunResult(
      status: unconverged == 0 ? .converged : .iterationLimit,
      metrics: [
        "silhouette": .number(separation.silhouette), "nearestNeighbor": .number(separation.nearestNeighbor),
        "meanWithin": .number(separation.meanWithin), "meanBetween": .number(separation.meanBetween),
        "pairs": .integer(pairs),
        "unconverged": .integer(unconverged), "secondsPerPair": .number(clock.processor.seconds / Double(pairs)),
      ], trace: Trace(objectives: values),
      arrays: [
        ("distances", NumericArray(distances)), ("classes", NumericArray(pictures.classes.map(Double.init))),
        ("pictures", NumericArray(Self.mosaic(pictures.images, perRow: count / max(pictures.names.count, 1)))),
      ])
  }

  private func embed(_ x: MetricMeasureSpace, _ y: MetricMeasureSpace, _ target: DistanceGeometry) throws -> (
    Double, Status
  ) {
    guard let embedding else { throw ExperimentError(description: "solver.name is not ew") }
    func problem(_ weight: Double) throws(ProblemError) -> JointEmbeddingProblem {
      try JointEmbeddingProblem(first: x, second: y, target: target, lambda: weight)
    }
    let leading = try embedding.leadBy.map { weight throws(ProblemError) in try problem(weight) }
    let best = try embedding.best(problem(embedding.distortionWeight), leadBy: leading).best
    return (best.value, best.status)
  }

  /// Returns all images side by side, with the darkest pixel of each scaled to 1.
  private static func mosaic(_ images: [Matrix], perRow: Int) -> Matrix {
    let side = images[0].rows + 1
    return Matrix(rows: (images.count + perRow - 1) / perRow * side, columns: perRow * side) { i, j in
      let index = i / side * perRow + j / side
      guard index < images.count, i % side < side - 1, j % side < side - 1 else { return 0 }
      return images[index][i % side, j % side] / (images[index].elements.max() ?? 1)
    }
  }

  func figures(_ arrays: StoredArrays) throws -> [Figure] {
    let (distances, classes) = (
      try arrays.array("distances").matrix, try arrays.array("classes").elements.map { Int($0) }
    )
    let blocks = Set(classes).sorted().map { own in
      let members = classes.indices.filter { classes[$0] == own }
      return HeatMapPanel.Block(
        name: "class \(own + 1)", range: Double(members[0])..<Double(members[members.count - 1] + 1))
    }
    return [
      Figure(
        name: "distances", title: "Distances between rotated and shifted images",
        panels: [
          .heatMap(
            HeatMapPanel(
              title: "by \(method.rawValue.uppercased())", xLabel: "image", yLabel: "image", scaleLabel: "distance",
              matrix: distances,
              rowBlocks: blocks, columnBlocks: blocks)),
          .image(ImagePanel(title: "the images, one row per class", ink: try arrays.array("pictures").matrix)),
        ], panelSize: (640, 560))
    ]
  }
}
