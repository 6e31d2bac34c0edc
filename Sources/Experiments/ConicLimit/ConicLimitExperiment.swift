import Datasets
import Documents
import Figures
import Foundation
import LinearAlgebra
import OptimalTransport
import Pipeline
import SolverCatalogue

/// Compares conic Gromov–Wasserstein at one δ with Gromov–Wasserstein.
///
/// Between two networks of points CGW tends to GW as δ grows. Between a network and a copy with some mass moved far
/// away, CGW stays at δ√(2e) while GW grows.
struct ConicLimitExperiment: Experiment {
  static let kind = "conic-limit"
  static let revision = 1
  static let summary = "Compares CGW_δ with GW: the limit of large δ, and outliers."
  static let metrics: Glossary = [
    "upper": "CGW for the better of the two semi-couplings", "lower": "CCOT, which relaxes CGW",
    "gw": "lowest Gromov–Wasserstein distance of all starts", "gap": "GW² − CGW²",
    "scaledGap": "δ² (GW² − CGW²), which tends to a constant",
    "exact": "δ√(2e) for an outlier of mass e; NaN without an outlier", "created": "unmatched mass of the outlier",
    "iterations": "outer iterations of the chosen ascent",
    "chosen": "index of the start with the lowest value, from 0; start 0 is the product of the masses",
  ]
  static let example = """
    data: {points: 8}
    solver: {delta: 0.5, starts: 3}
    """

  let count: Int
  /// The fraction of the mass that is moved and its distance; nil for two different networks.
  let outlier: (share: Double, distance: Double)?
  let settings: ConeSettings
  let starts: Int
  let seed: Int

  init(_ body: CaseBody) throws(DocumentError) {
    count = try body.data.integer(
      "points", default: 20, in: 2...500, about: "points of each network, drawn in the unit square")
    if let fields = try body.data.fields(
      "outlier", about: "makes the second network a copy of the first with some mass moved far away")
    {
      let share = try fields.number("share", in: .between(0, 1), about: "e, the fraction of the mass that is moved")
      outlier = (
        share, try fields.positiveNumber("distance", about: "the distance of the outlier from the corner of the square")
      )
    } else {
      outlier = nil
    }
    settings = try ConeSettings(body.solver, seed: UInt64(body.seed))
    starts = try body.solver.integer(
      "starts", default: 10, in: 1...1000,
      about:
        "starts of Gromov–Wasserstein; its \(Self.ascents) best plans and the product of the masses are starts of CGW")
    seed = body.seed
  }

  /// The number of plans that an ascent starts from; an ascent takes far longer than finding them.
  private static let ascents = 20

  func run(_ context: RunContext) throws -> RunResult {
    let clean = DrawnNetwork(points: count, seed: seed, stream: "first network").relabeled(
      context.relabeling, "first network")
    let first = try clean.network()
    let (other, weights) = second(clean, context.relabeling)
    let second = try other.network(weights)
    let transport = try QuadraticProblem(
      source: MetricMeasureSpace(distances: clean.distances, weights: first.nodes),
      target: MetricMeasureSpace(distances: other.distances, weights: second.nodes))
    let report = try MultiStart(starts: starts, seed: UInt64(seed)).solve(transport) {
      problem, start, _ throws(ProblemError) in
      try GromovWasserstein().solve(problem, from: start)
    }
    let problem = try ConicProblem(first: first, second: second, kernel: settings.kernel, delta: settings.delta)
    let solver = ConicGromovWasserstein(settings.ascent)
    // Plans of Gromov–Wasserstein have zeros that sweeps would keep. For large δ such a plan is close to the answer;
    // otherwise it is only a start.
    let product = Matrix(outer: first.nodes, second.nodes)
    let plans = [0.05, 1e-4].flatMap { share in
      report.basins.prefix(Self.ascents).map { basin in
        let plan = basin.solution.coupling.plan
        return Matrix(
          rows: plan.rows, columns: plan.columns, elements: zip(plan.elements, product.elements).map { $0 + share * $1 }
        )
      }
    }
    let search = try StartSearch.over(1 + plans.count, by: \.upperSquared) { start, _ throws(ProblemError) in
      try solver.solve(problem, from: start == 0 ? nil : plans[start - 1])
    }
    let best = search.best
    let gap = report.best.value - best.upperSquared
    let created = outlier.map { $0.share - best.coupling.matching.columnSums[count] }
    return RunResult(
      status: best.status,
      metrics: [
        "upper": .number(best.distance), "lower": .number(best.lowerSquared.squareRoot()),
        "gw": .number(max(report.best.value, 0).squareRoot()), "gap": .number(gap),
        "scaledGap": .number(settings.delta * settings.delta * gap),
        "exact": .number(outlier.map { settings.delta * (2 * $0.share).squareRoot() } ?? .nan),
        "created": .number(created ?? .nan),
        "iterations": .integer(best.iterations), "chosen": .integer(search.chosen),
      ], trace: best.trace,
      arrays: [
        ("values", NumericArray(search.values)), ("matching", NumericArray(best.coupling.matching)),
        ("points", NumericArray(clean.points)), ("others", NumericArray(other.points)),
      ])
  }

  private func second(_ clean: DrawnNetwork, _ relabeling: Relabeling) -> (DrawnNetwork, [Double]?) {
    guard let outlier else {
      return (
        DrawnNetwork(points: count, seed: seed, stream: "second network").relabeled(relabeling, "second network"), nil
      )
    }
    // The outlier stays last.
    let kept = clean.relabeled(relabeling, "second network").points
    let points = Matrix(rows: count + 1, columns: 2) { i, k in
      i < count ? kept[i, k] : -outlier.distance / 2.0.squareRoot()
    }
    return (
      DrawnNetwork(points: points),
      [Double](repeating: (1 - outlier.share) / Double(count), count: count) + [outlier.share]
    )
  }

  func figures(_ arrays: StoredArrays) throws -> [Figure] {
    [
      Figure(
        name: "matching", title: "Matched mass at δ = \(settings.delta)",
        panels: [
          .heatMap(
            HeatMapPanel(
              title: "√(P0 P1)", xLabel: "point of the second network", yLabel: "point of the first",
              scaleLabel: "mass",
              matrix: try arrays.array("matching").matrix))
        ])
    ]
  }
}
