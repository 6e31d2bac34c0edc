import Datasets
import Documents
import Figures
import Foundation
import LinearAlgebra
import OptimalTransport
import Pipeline
import SolverCatalogue

/// Transport from a strip to its bent copy by (1 − α) |f − f'|² + α K_h(x, x') |d − d'|² (Chung, fused optimal
/// transport plan).
///
/// It shows what a local kernel preserves under bending and plain fused Gromov–Wasserstein (h = ∞) loses. The points
/// of the copy are shuffled before the solver sees them and restored for the scores.
struct FusedKernelTransportExperiment: Experiment {
  static let kind = "fused-kernel-transport"
  static let revision = 1
  static let summary = "Transports a strip to its bent copy by features and by distances within the range of a kernel."
  static let metrics: Glossary = [
    "matched": "fraction of the mass that goes to the twin point",
    "arcError": "mean |s − s'| of arc lengths, weighted by the plan",
    "value": "(1 − α) ⟨M, P⟩ + α Σ K |d − d'|² PP", "featureCost": "⟨M, P⟩", "localDistortion": "Σ K |d − d'|² PP",
    "distortion": "Σ |d − d'|² PP without the kernel", "basins": "number of different plans that the starts reached",
    "valueSpread": "difference between the largest and the lowest value of the starts",
    "iterations": "iterations of the best start",
  ]
  static let example = """
    data: {form: arm, angle: 100.0}                     # or arc, with the angle of the whole arc
    params: {alpha: 0.98, bandwidth: 0.4}               # bandwidth .inf is fused Gromov–Wasserstein; alpha 0.0 looks \
    at features only
    """

  let shape: BentShape
  let alpha: Double
  let bandwidth: Double
  let starts: Int
  /// The ε of entropic steps; nil for the conditional gradient.
  let epsilon: Double?
  let seed: Int

  init(_ body: CaseBody) throws(DocumentError) {
    shape = try BentShape(body.data)
    alpha = try body.params.alpha(about: "α, the weight of the distances relative to the features")
    bandwidth = try body.params.number(
      "bandwidth", in: .positiveOrInfinite, about: "h of the kernel exp(−d²/2h²), in the strip's unit of length"
    )
    starts = try body.solver.starts(
      default: 2, about: "the product plan, the plan of the features, an annealed plan, and random ones")
    epsilon = try body.solver.optionalEpsilon(in: "squared distances", insteadOf: "the conditional gradient")
    seed = body.seed
  }

  func run(_ context: RunContext) throws -> RunResult {
    let sample = shape.sample(seed: seed)
    var random = SeededGenerator(seed: UInt64(seed), stream: "row-order")
    let shuffled = random.permutation(shape.points)
    let order = context.relabeling.order(shape.points, "bent").map { shuffled[$0] }
    let rows = context.relabeling.order(shape.points, "strip")
    let source = try MetricMeasureSpace(geometry: .euclidean(points: sample.strip.selectingRows(rows)))
    let target = try MetricMeasureSpace(geometry: .euclidean(points: sample.bent.selectingRows(order)))
    let features = Matrix(rows: shape.points, columns: shape.points) {
      let difference = sample.features.strip[rows[$0]] - sample.features.bent[order[$1]]
      return difference * difference
    }
    let kernel = try ProximityKernel(bandwidth: bandwidth).matrix(distances: source.distances, weights: source.weights)
    let problem = try QuadraticProblem(
      source: source, target: target, features: features, alpha: alpha, proximity: kernel)
    let report = try MultiStart(starts: starts, seed: UInt64(seed)).solve(problem) {
      problem, start, _ throws(ProblemError) in
      guard let epsilon else { return try GromovWasserstein().solve(problem, from: start) }
      return try EntropicGromovWasserstein(epsilon: epsilon).solve(problem, from: start)
    }
    let best = report.best
    var plan = best.coupling.plan
    for (i, row) in rows.enumerated() {
      for (k, column) in order.enumerated() { plan[row, column] = best.coupling.plan[i, k] }
    }

    let s = sample.arcLengths
    let arcErrors = Matrix(rows: s.count, columns: s.count) { abs(s[$0] - s[$1]) }
    let plain = try QuadraticProblem(source: source, target: target)
    let carried = zip(plan.transposedProduct(s), plan.columnSums).map { $0 / $1 }
    return RunResult(
      status: best.status,
      metrics: [
        "matched": .number((0..<s.count).reduce(0) { $0 + plan[$1, $1] }),
        "arcError": .number(dot(arcErrors.elements, plan.elements)),
        "value": .number(best.value), "featureCost": .number(best.parts.linear),
        "localDistortion": .number(best.parts.quadratic),
        "distortion": .number(plain.distortion(of: best.coupling.plan)), "basins": .integer(report.basins.count),
        "valueSpread": .number(report.spread), "iterations": .integer(best.iterations),
      ],
      trace: best.trace,
      arrays: [
        ("plan", NumericArray(plan.pooled())), ("strip", NumericArray(sample.strip)),
        ("bent", NumericArray(sample.bent)),
        ("arcLengths", NumericArray(s)), ("carried", NumericArray(carried)),
      ])
  }

  func figures(_ arrays: StoredArrays) throws -> [Figure] {
    try FusedKernelFigures(arrays: arrays, length: shape.length).all
  }
}
