import Datasets
import Documents
import Figures
import Foundation
import LinearAlgebra
import OptimalTransport
import Pipeline
import SolverCatalogue

/// Shows how fast the semi-couplings of nodes and of hyperedges become equal in conic co-optimal transport between
/// two networks, which then is conic Gromov–Wasserstein.
///
/// The two halves of a semi-coupling do not become equal.
struct SemiCouplingEqualityExperiment: Experiment {
  static let kind = "semi-coupling-equality"
  static let revision = 1
  static let summary =
    """
    Measures how fast the semi-couplings of nodes and of hyperedges become equal between two networks of squared \
    distances.
    """
  static let metrics: Glossary = [
    "firstApart": "‖P0 − Q0‖/‖P0‖ at the end", "secondApart": "‖P1 − Q1‖/‖P1‖ at the end",
    "halvesApart": "‖P0 − P1‖/‖P0‖ at the end",
    "startApart": "‖P0 − Q0‖/‖P0‖ after the first iteration", "lower": "value of CCOT² that was found",
    "upper": "CGW² for the better semi-coupling",
    "iterations": "outer iterations",
  ]
  static let example = """
    data: {points: 12}
    solver: {delta: 0.5}
    """

  let first: Int
  let second: Int
  let settings: ConeSettings
  let seed: Int

  init(_ body: CaseBody) throws(DocumentError) {
    first = try body.data.integer(
      "points", default: 30, in: 2...500, about: "points of the first network, drawn in the unit square")
    second = try body.data.integer("others", default: 30, in: 2...500, about: "points of the second network")
    settings = try ConeSettings(
      body.solver, stopping: StoppingRule(tolerance: 1e-9, iterationLimit: 5000), seed: UInt64(body.seed))
    seed = body.seed
  }

  private func network(_ points: Int, _ stream: String, _ relabeling: Relabeling) throws -> Hypernetwork {
    try DrawnNetwork(points: points, seed: seed, stream: stream).relabeled(relabeling, stream).network(squared: true)
  }

  func run(_ context: RunContext) throws -> RunResult {
    let problem = try ConicProblem(
      first: network(first, "first network", context.relabeling),
      second: network(second, "second network", context.relabeling),
      kernel: settings.kernel,
      delta: settings.delta)
    let final = try ConicGromovWasserstein(settings.ascent).solve(problem)
    // The history comes from runs of doubling length, each of which is the beginning of the last one.
    var history: [(step: Double, first: Double, second: Double, halves: Double)] = []
    var length = 1
    while length < final.iterations {
      var ascent = settings.ascent
      ascent.stopping = StoppingRule(tolerance: 0, iterationLimit: length)
      history.append(Self.apart(try ConicCoOptimalTransport(ascent).solve(problem), length))
      length *= 2
    }
    history.append(Self.apart(final.relaxation, final.iterations))
    let (begin, end) = (history[0], history[history.count - 1])
    return RunResult(
      status: final.status,
      metrics: [
        "firstApart": .number(end.first), "secondApart": .number(end.second), "halvesApart": .number(end.halves),
        "startApart": .number(begin.first), "lower": .number(final.lowerSquared), "upper": .number(final.upperSquared),
        "iterations": .integer(final.iterations),
      ], trace: final.trace,
      arrays: [
        ("steps", NumericArray(history.map(\.step))), ("firstApart", NumericArray(history.map(\.first))),
        ("secondApart", NumericArray(history.map(\.second))), ("halvesApart", NumericArray(history.map(\.halves))),
        ("first", NumericArray(final.relaxation.nodes.source)), ("second", NumericArray(final.relaxation.nodes.target)),
      ])
  }

  private static func apart(_ solution: ConicCoOptimalSolution, _ step: Int) -> (
    step: Double, first: Double, second: Double, halves: Double
  ) {
    func relative(_ x: Matrix, _ y: Matrix) -> Double {
      var (difference, size) = (0.0, 0.0)
      for (a, b) in zip(x.elements, y.elements) {
        difference += (a - b) * (a - b)
        size += a * a
      }
      return (difference / size).squareRoot()
    }
    let (p, q) = (solution.nodes, solution.hyperedges)
    return (Double(step), relative(p.source, q.source), relative(p.target, q.target), relative(p.source, p.target))
  }

  func figures(_ arrays: StoredArrays) throws -> [Figure] {
    let steps = try arrays.array("steps").elements
    let curves = try [("firstApart", "P0 and Q0"), ("secondApart", "P1 and Q1"), ("halvesApart", "P0 and P1")].map {
      name, title in
      LinePanel.Curve(name: title, x: steps, y: try arrays.array(name).elements)
    }
    return [
      Figure(
        name: "equality", title: "Semi-couplings that become equal, and two halves that do not",
        panels: [
          .lines(
            LinePanel(
              title: "δ = \(settings.delta)", xLabel: "outer iterations", yLabel: "relative difference", curves: curves,
              isXLogarithmic: true, isYLogarithmic: true))
        ], panelSize: (860, 520))
    ]
  }
}
