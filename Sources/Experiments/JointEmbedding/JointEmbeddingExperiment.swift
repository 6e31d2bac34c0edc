import Alignment
import Baselines
import Datasets
import Documents
import Figures
import Foundation
import LinearAlgebra
import OptimalTransport
import Pipeline
import SolverCatalogue
import Support

/// Embeds two spaces into a third one such that their images lie on each other, by EW_λ (Beier, Piening, Beinert,
/// Steidl 2025) or joint multidimensional scaling.
struct JointEmbeddingExperiment: Experiment {
  static let kind = "joint-embedding"
  static let revision = 1
  static let summary = "Embeds two bent shapes, surface pieces, or meshes jointly into a plane, sphere, or torus."
  static let metrics: Glossary = [
    "correlationFirst": "correlation of image distances with true distances, over all pairs of the first space",
    "correlationSecond": "the same correlation for the second space",
    "rmsFirst":
      """
    rms error of the first image: of positions after a rigid motion (charts and spheres, in radians), else of \
    distances
    """,
    "rmsSecond": "rms error of the second image",
    "alignmentError": "rms distance between images of corresponding points, if any correspond",
    "matchedDistance": "rms distance in the target between points of the two images that the plan matches",
    "value": "the objective: EW_λ at the λ that the convention corresponds to, or the stress",
    "valueSpread": "difference between the highest and the lowest value of the starts",
    "alignmentErrorSpread": "difference between the highest and the lowest alignment error of the starts",
    "distortionFirst": "∬ |d_1 − d_Z|² of the plan",
    "distortionSecond": "∬ |d_2 − d_Z|² of the plan",
    "points": "points of both spaces together", "iterations": "iterations of the shown start",
    "secondsPerStep": "CPU seconds of an iteration, averaged over all starts",
  ]
  static let example = """
    data: {first: {shape: s-bend, points: 120}, second: {shape: roll, points: 120}}   # or {shape: mesh, file: body.off}
    params: {target: {surface: plane, grid: 16}}
    solver: {distortionWeight: 50, epsilon: 3.0e-3, starts: 1}
    """

  enum MethodName: String, CaseIterable { case ew, jmds }

  enum Method: Sendable {
    case embedding(EmbeddingSettings)
    case scaling(JointScaling, starts: Int)
  }

  let sources: [EmbeddingSource]
  let target: EmbeddingTarget
  let method: Method
  let seed: Int

  init(_ body: CaseBody) throws(DocumentError) {
    sources = [try EmbeddingSource(body.data, key: "first"), try EmbeddingSource(body.data, key: "second")]
    target = try EmbeddingTarget(body.params)
    let fields = body.solver
    let name: MethodName = try fields.choice(
      "name", default: .ew, about: "the method: joint embedding by transport, or joint multidimensional scaling")
    switch name {
    case .ew:
      method = .embedding(
        try EmbeddingSettings(
          fields, weight: 50,
          default: JointEmbedding(
            epsilon: 6e-4, annealing: Annealing(start: 2e-2, factor: 0.7, steps: 2),
            stopping: StoppingRule(tolerance: 1e-4, iterationLimit: 200)), starts: 3, seed: UInt64(body.seed)))
    case .jmds:
      method = .scaling(
        try JointScaling(fields),
        starts: try fields.starts(
          default: 3, about: "random initial embeddings; the one with the lowest value is shown"))
      if target.surface != .plane { throw fields.error("name", "is jmds, which supports only the plane as a target") }
    }
    seed = body.seed
  }

  var inputs: [InputReference] { sources.compactMap(\.input) }

  func run(_ context: RunContext) throws -> RunResult {
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
    context.report("distances of \(first.distances.rows) and \(second.distances.rows) points computed")
    let processor = ProcessorClock()
    var answers: [EmbeddingAnswer] = []
    func best(of starts: Int, _ solve: (_ start: Int) throws -> EmbeddingAnswer) throws -> EmbeddingAnswer {
      try StartSearch.over(starts, by: \.objective) { start, _ in
        let answer = try solve(start)
        answers.append(answer)
        context.report(
          "start \(start + 1) of \(starts): \(answer.status) after \(answer.iterations) steps, value \(answer.value)")
        return answer
      }.best
    }
    let best =
      switch method {
      case .embedding(let settings):
        try best(of: settings.tree.starts) {
          try embed([first, second], units, torus: shared, settings, settings.solvers[$0], context)
        }
      case .scaling(let scaling, let starts):
        try best(of: starts) { try scale([first, second], units, scaling, seed: UInt64(seed) &+ UInt64($0)) }
      }
    let seconds = processor.seconds
    let errors = answers.map { EmbeddingScores.alignmentError(first, second, images: $0.images) ?? .nan }
    let scores = [(first, best.images.first, units[0]), (second, best.images.second, units[1])].map {
      space, images, unit in
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
        "matchedDistance": .number(best.matchedDistance), "value": .number(best.value),
        "valueSpread": .number(spread(values)),
        "alignmentErrorSpread": .number(errors.contains(where: \.isNaN) ? .nan : spread(errors)),
        "distortionFirst": .number(best.distortions.first), "distortionSecond": .number(best.distortions.second),
        "points": .integer(first.distances.rows + second.distances.rows), "iterations": .integer(best.iterations),
        "secondsPerStep": .number(seconds / Double(max(answers.reduce(0) { $0 + $1.iterations }, 1))),
        "seconds": .number(seconds),
      ], trace: best.trace,
      arrays: [
        ("first/positions", NumericArray(first.positions)), ("second/positions", NumericArray(second.positions)),
        ("first/colours", NumericArray(first.colors)), ("second/colours", NumericArray(second.colors)),
        ("first/images", NumericArray(best.images.first)), ("second/images", NumericArray(best.images.second)),
        ("starts/value", NumericArray(values)), ("starts/alignmentError", NumericArray(errors)),
      ])
  }

  func figures(_ arrays: StoredArrays) throws -> [Figure] {
    try EmbeddingFigures(
      arrays, names: sources.map(\.name), surface: target.surface, areRectangles: sources.allSatisfy(\.isRectangle)
    ).all
  }

  private func embed(
    _ spaces: [EmbeddingSpace], _ units: [Double], torus: Torus?, _ settings: EmbeddingSettings,
    _ solver: JointEmbedding,
    _ context: RunContext
  ) throws -> EmbeddingAnswer {
    let measured = try zip(spaces, units).map { space, unit in
      try MetricMeasureSpace(distances: space.distances.map { $0 / unit }, name: "the distances of the \(space.name)")
    }
    try JointEmbeddingProblem.ensureMemory(first: measured[0].count, second: measured[1].count, grid: target.grid)
    let lattice = DistanceGeometry.lattice(try target.distances(torus: torus))
    func problem(_ lambda: Double) throws -> JointEmbeddingProblem {
      try JointEmbeddingProblem(
        first: measured[0], second: measured[1], target: lattice, lambda: lambda, convention: .normalized)
    }
    let clock = ProgressClock()
    let (solution, steps) = try solver.solve(
      problem(settings.distortionWeight), leadBy: settings.leadBy.map(problem)
    ) { point in
      if clock.isDue { context.report("step \(point.iteration): gain \(String(format: "%.1e", point.residual))") }
      return true
    }
    let places = target.places(torus: torus)
    let diameter = target.surface == .plane ? 1 : units[0]
    return EmbeddingAnswer(
      images: (
        target.images(solution.first, places: places, torus: torus),
        target.images(solution.second, places: places, torus: torus)
      ), matchedDistance: solution.transportCost.squareRoot() * diameter, value: solution.value,
      objective: solution.regularizedValue,
      distortions: solution.distortions, status: solution.status, iterations: steps, trace: solution.trace)
  }

  private func scale(_ spaces: [EmbeddingSpace], _ units: [Double], _ scaling: JointScaling, seed: UInt64) throws
    -> EmbeddingAnswer
  {
    let distances = zip(spaces, units).map { space, unit in space.distances.map { $0 / unit } }
    // The method's own unit is the mean distance.
    let means = distances.map(\.elements.mean)
    let answer = try scaling.embed(distances[0].map { $0 / means[0] }, distances[1].map { $0 / means[1] }, seed: seed)
    let images = (answer.first.map { $0 * means[0] }, answer.second.map { $0 * means[1] })
    let costs = squaredDistances(images.0, images.1)
    let matched = zip(costs.elements, answer.plan.elements).reduce(0) { $0 + $1.0 * $1.1 }
    let distortions = zip(distances, [images.0, images.1]).map { own, images in
      let found = squaredDistances(images, images).map { $0.squareRoot() }
      return zip(own.elements, found.elements).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        / Double(own.elements.count)
    }
    return EmbeddingAnswer(
      images: images, matchedDistance: matched.squareRoot(), value: answer.stress, objective: answer.stress,
      distortions: (distortions[0], distortions[1]), status: answer.status, iterations: answer.iterations,
      trace: answer.trace)
  }
}

/// The result of one start of either method.
struct EmbeddingAnswer {
  let images: (first: Matrix, second: Matrix)
  let matchedDistance: Double
  let value: Double
  /// The number by which the best start is chosen; lower is better.
  let objective: Double
  let distortions: (first: Double, second: Double)
  let status: Status
  let iterations: Int
  let trace: Trace
}
