import Baselines
import Datasets
import Documents
import Figures
import Foundation
import LinearAlgebra
import OptimalTransport
import Pipeline
import Support

/// Two spaces embedded into a third so that their images lie on each other: EW_λ (Beier, Piening, Beinert, Steidl 2025), and joint
/// multidimensional scaling beside it.
public struct JointEmbeddingExperiment: Experiment {
  public static let kind = "joint-embedding"
  public static let revision = 1
  public static let summary = "Two bent shapes, surface pieces or meshes embedded jointly into a plane, sphere or torus."
  public static let metrics: KeyValuePairs = [
    "correlationFirst": "of image distances with the true ones, all pairs of the first space", "correlationSecond": "of the second",
    "rmsFirst": "images against the truth: positions after a rigid motion (charts, radians on spheres), else distances",
    "rmsSecond": "of the second", "alignmentError": "rms distance between images of corresponding points, where any correspond",
    "matchedDistance": "rms distance in the target between points of the two images that the plan matches",
    "value": "the objective: EW_λ at the λ that the convention stands for, or the stress",
    "valueSpread": "highest value less lowest over the starts",
    "alignmentErrorSpread": "the same of the alignment error", "distortionFirst": "∬ |d_1 − d_Z|² of the plan",
    "distortionSecond": "∬ |d_2 − d_Z|² of the plan",
    "points": "of both spaces together", "iterations": "steps of the start that is shown",
    "secondsPerStep": "processor seconds a step, over all starts",
  ]
  public static let example = """
    data: {first: {shape: s-bend, points: 120}, second: {shape: roll, points: 120}}   # or {shape: mesh, file: body.off}
    params: {target: {surface: plane, grid: 16}}
    solver: {lambda: 50, epsilon: 3.0e-3, starts: 1}
    """

  enum Method: String, CaseIterable { case ew, jmds }

  let sources: [EmbeddingSource]
  let target: EmbeddingTarget
  let method: Method
  let lambda: Double
  /// Where a smaller λ leads the way.
  let lambdaFrom: Double?
  let solver: JointEmbedding
  let scaling: JointScaling
  let starts: Int
  let seed: Int

  public init(_ body: CaseBody) throws(DocumentError) {
    sources = [try EmbeddingSource(body.data, key: "first"), try EmbeddingSource(body.data, key: "second")]
    target = try EmbeddingTarget(body.params)
    let fields = body.solver
    method = try fields.choice("name", default: .ew, about: "joint embedding by transport, or joint multidimensional scaling")
    starts = try fields.integer("starts", default: 3, in: 1...1000, about: "seeded noises, or first embeddings; the lowest value is shown")
    var scaling = JointScaling()
    switch method {
    case .ew:
      lambda = try fields.positiveNumber("lambda", default: 50, about: "λ in the authors' normalised convention")
      lambdaFrom = try fields.optionalPositiveNumber(
        "lambdaFrom", about: "a smaller λ to start from: a large one lays both images out before they have found each other")
      let epsilon = try fields.positiveNumber("epsilon", default: 6e-4, about: "as a fraction of the largest range of a cost")
      solver = JointEmbedding(
        epsilon: epsilon,
        annealing: Annealing(
          start: try fields.positiveNumber("annealFrom", default: 2e-2, about: "the first ε"),
          factor: try fields.number("annealBy", default: 0.7, in: .between(0, 1), about: "from one ε to the next"),
          steps: try fields.integer("annealSteps", default: 2, in: 1...1000, about: "steps at each ε")),
        stopping: StoppingRule(
          tolerance: try fields.positiveNumber("tolerance", default: 1e-4, about: "relative gain of a step"),
          iterationLimit: try fields.integer("iterationLimit", default: 200, in: 1...100_000, about: "steps, annealing included")))
    case .jmds:
      (lambda, lambdaFrom, solver) = (0, nil, JointEmbedding(epsilon: 1))
      scaling.attraction = try fields.positiveNumber(
        "attraction", default: 0.3, about: "α, the weight of matched points against the distances")
      scaling.epsilon = try fields.positiveNumber("planEpsilon", default: 0.1, about: "of the plans' entropy")
      scaling.iterationLimit = try fields.integer("iterationLimit", default: 200, in: 1...100_000, about: "rounds of matching and scaling")
      if target.surface != .plane { throw fields.error("name", "is jmds, which knows no target but the plane") }
    }
    self.scaling = scaling
    seed = body.seed
  }

  public var inputs: [InputReference] { sources.compactMap(\.input) }

  public func run(_ context: RunContext) throws -> RunResult {
    var shared: Torus?
    func torus() throws -> Torus {
      let torus = shared ?? Torus(nodes: target.surface == .torus ? target.nodes : 120)
      shared = torus
      return torus
    }
    if target.surface == .torus { _ = try torus() }
    let loaded = try sources[0].load(context, seed: seed, stream: "first", torus: torus)
    let other = try sources[1].load(context, seed: seed, stream: "second", torus: torus, after: loaded)
    let first = loaded.relabeled(context.relabeling.order(loaded.distances.rows, "first"))
    let second = other.relabeled(context.relabeling.order(other.distances.rows, "second"))
    let units = [first, second].map { target.unit($0, torus: shared) }
    context.report("distances of \(first.distances.rows) and \(second.distances.rows) points are known")
    let processor = ProcessorClock()
    var answers: [EmbeddingAnswer] = []
    for start in 0..<starts {
      let own = UInt64(seed) &+ UInt64(start)
      let answer =
        try method == .ew ? embed([first, second], units, torus: shared, seed: own, context) : scale([first, second], units, seed: own)
      context.report("start \(start + 1) of \(starts): \(answer.status) after \(answer.iterations) steps, value \(answer.value)")
      answers.append(answer)
    }
    let seconds = processor.seconds
    guard let best = answers.min(by: { $0.objective < $1.objective }) else { throw ExperimentError(description: "no start was made") }
    let errors = answers.map { EmbeddingScores.alignmentError(first, second, images: $0.images) ?? .nan }
    let scores = [(first, best.images.first, units[0]), (second, best.images.second, units[1])].map { space, images, unit in
      EmbeddingScores(
        space, images: images, found: target.distances(among: images, torus: shared),
        unit: target.surface == .plane ? unit : 1, surface: target.surface)
    }
    let values = answers.map(\.value)
    func spread(_ values: [Double]) -> Double { (values.max() ?? 0) - (values.min() ?? 0) }
    return RunResult(
      status: best.status,
      metrics: [
        "correlationFirst": .number(scores[0].correlation), "correlationSecond": .number(scores[1].correlation),
        "rmsFirst": .number(scores[0].rms), "rmsSecond": .number(scores[1].rms),
        "alignmentError": .number(EmbeddingScores.alignmentError(first, second, images: best.images) ?? .nan),
        "matchedDistance": .number(best.matchedDistance), "value": .number(best.value), "valueSpread": .number(spread(values)),
        "alignmentErrorSpread": .number(errors.contains(where: \.isNaN) ? .nan : spread(errors)),
        "distortionFirst": .number(best.distortions.first), "distortionSecond": .number(best.distortions.second),
        "points": .integer(first.distances.rows + second.distances.rows), "iterations": .integer(best.iterations),
        "secondsPerStep": .number(seconds / Double(max(answers.reduce(0) { $0 + $1.iterations }, 1))),
        "seconds": .number(seconds),
      ], trace: best.trace,
      arrays: [
        ("first/positions", NumericArray(first.positions)), ("second/positions", NumericArray(second.positions)),
        ("first/colours", NumericArray(first.colours)), ("second/colours", NumericArray(second.colours)),
        ("first/images", NumericArray(best.images.first)), ("second/images", NumericArray(best.images.second)),
        ("starts/value", NumericArray(values)), ("starts/alignmentError", NumericArray(errors)),
      ])
  }

  public func figures(_ arrays: StoredArrays) throws -> [Figure] {
    try EmbeddingFigures(arrays, names: sources.map(\.name), surface: target.surface, areRectangles: sources.allSatisfy(\.isRectangle)).all
  }

  private func embed(
    _ spaces: [EmbeddingSpace], _ units: [Double], torus: Torus?, seed: UInt64, _ context: RunContext
  ) throws -> EmbeddingAnswer {
    let measured = try zip(spaces, units).map { space, unit in
      try MetricMeasureSpace(distances: space.distances.map { $0 / unit }, name: "the distances of the \(space.name)")
    }
    try JointEmbeddingProblem.ensureMemory(first: measured[0].count, second: measured[1].count, grid: target.grid)
    let lattice = DistanceGeometry.lattice(try target.distances(torus: torus))
    func problem(_ lambda: Double) throws -> JointEmbeddingProblem {
      try JointEmbeddingProblem(first: measured[0], second: measured[1], target: lattice, lambda: lambda, convention: .normalized)
    }
    var solver = solver
    solver.alternation.seed = seed
    let clock = ProgressClock()
    let (solution, steps) = try solver.solve(problem(lambda), leadBy: lambdaFrom.map(problem)) { point in
      if clock.isDue { context.report("step \(point.iteration): gain \(String(format: "%.1e", point.residual))") }
      return true
    }
    let places = target.places(torus: torus)
    let diameter = target.surface == .plane ? 1 : units[0]
    return EmbeddingAnswer(
      images: (
        target.images(solution.first, places: places, torus: torus), target.images(solution.second, places: places, torus: torus)
      ), matchedDistance: solution.transportCost.squareRoot() * diameter, value: solution.value, objective: solution.regularizedValue,
      distortions: solution.distortions, status: solution.status, iterations: steps, trace: solution.trace)
  }

  private func scale(_ spaces: [EmbeddingSpace], _ units: [Double], seed: UInt64) throws -> EmbeddingAnswer {
    let distances = zip(spaces, units).map { space, unit in space.distances.map { $0 / unit } }
    // The method's own unit is the mean distance.
    let means = distances.map(\.elements.mean)
    let answer = try scaling.embed(distances[0].map { $0 / means[0] }, distances[1].map { $0 / means[1] }, seed: seed)
    let images = (answer.first.map { $0 * means[0] }, answer.second.map { $0 * means[1] })
    let costs = squaredDistances(images.0, images.1)
    let matched = zip(costs.elements, answer.plan.elements).reduce(0) { $0 + $1.0 * $1.1 }
    let distortions = zip(distances, [images.0, images.1]).map { own, images in
      let found = squaredDistances(images, images).map { $0.squareRoot() }
      return zip(own.elements, found.elements).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(own.elements.count)
    }
    return EmbeddingAnswer(
      images: images, matchedDistance: matched.squareRoot(), value: answer.stress, objective: answer.stress,
      distortions: (distortions[0], distortions[1]), status: answer.status, iterations: answer.iterations,
      trace: Trace(objectives: answer.course))
  }
}

/// What one start of either method leads to.
struct EmbeddingAnswer {
  let images: (first: Matrix, second: Matrix)
  let matchedDistance: Double
  let value: Double
  /// What the best start has least of.
  let objective: Double
  let distortions: (first: Double, second: Double)
  let status: Status
  let iterations: Int
  let trace: Trace
}
