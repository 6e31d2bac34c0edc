import Datasets
import Documents
import Figures
import Foundation
import LinearAlgebra
import OptimalTransport
import Pipeline
import SolverCatalogue

/// Conic co-optimal transport between two networks ends where both of its semi-couplings are the same, so that it is conic Gromov–Wasserstein: how
/// fast they meet, and that the two halves of one do not.
public struct SemiCouplingEqualityExperiment: Experiment {
  public static let kind = "semi-coupling-equality"
  public static let revision = 1
  public static let summary = "How fast the semi-couplings of nodes and of hyperedges become one between two networks of squared distances."
  public static let metrics: Glossary = [
    "firstApart": "‖P0 − Q0‖/‖P0‖ at the end", "secondApart": "‖P1 − Q1‖/‖P1‖ at the end", "halvesApart": "‖P0 − P1‖/‖P0‖ at the end",
    "startApart": "‖P0 − Q0‖/‖P0‖ after the first iteration", "lower": "CCOT² found", "upper": "CGW² at the better semi-coupling",
    "iterations": "outer iterations",
  ]
  public static let example = """
    data: {points: 12}
    solver: {delta: 0.5}
    """

  let first: Int
  let second: Int
  let settings: ConeSettings
  let seed: Int

  public init(_ body: CaseBody) throws(DocumentError) {
    first = try body.data.integer("points", default: 30, in: 2...500, about: "of the first network, in the unit square")
    second = try body.data.integer("others", default: 30, in: 2...500, about: "points of the second")
    settings = try ConeSettings(
      body.solver, stopping: StoppingRule(tolerance: 1e-9, iterationLimit: 5000), seed: UInt64(body.seed))
    seed = body.seed
  }

  private func network(_ points: Int, _ stream: String, _ relabeling: Relabeling) throws -> Hypernetwork {
    try DrawnNetwork(points: points, seed: seed, stream: stream).relabeled(relabeling, stream).network(squared: true)
  }

  public func run(_ context: RunContext) throws -> RunResult {
    let problem = try ConicProblem(
      first: network(first, "first network", context.relabeling), second: network(second, "second network", context.relabeling),
      kernel: settings.kernel,
      delta: settings.delta)
    let final = try ConicGromovWasserstein(settings.ascent).solve(problem)
    // The course by runs of doubling length: each is a beginning of the last.
    var course: [(step: Double, first: Double, second: Double, halves: Double)] = []
    var length = 1
    while length < final.iterations {
      var ascent = settings.ascent
      ascent.stopping = StoppingRule(tolerance: 0, iterationLimit: length)
      course.append(Self.apart(try ConicCoOptimalTransport(ascent).solve(problem), length))
      length *= 2
    }
    course.append(Self.apart(final.relaxation, final.iterations))
    let (begin, end) = (course[0], course[course.count - 1])
    return RunResult(
      status: final.status,
      metrics: [
        "firstApart": .number(end.first), "secondApart": .number(end.second), "halvesApart": .number(end.halves),
        "startApart": .number(begin.first), "lower": .number(final.lowerSquared), "upper": .number(final.upperSquared),
        "iterations": .integer(final.iterations),
      ], trace: final.trace,
      arrays: [
        ("steps", NumericArray(course.map(\.step))), ("firstApart", NumericArray(course.map(\.first))),
        ("secondApart", NumericArray(course.map(\.second))), ("halvesApart", NumericArray(course.map(\.halves))),
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

  public func figures(_ arrays: StoredArrays) throws -> [Figure] {
    let steps = try arrays.array("steps").elements
    let curves = try [("firstApart", "P0 and Q0"), ("secondApart", "P1 and Q1"), ("halvesApart", "P0 and P1")].map { name, title in
      LinePanel.Curve(name: title, x: steps, y: try arrays.array(name).elements)
    }
    return [
      Figure(
        name: "equality", title: "Semi-couplings that become one, and the two halves that do not",
        panels: [
          .lines(
            LinePanel(
              title: "δ = \(settings.delta)", xLabel: "outer iterations", yLabel: "relative difference", curves: curves,
              isXLogarithmic: true, isYLogarithmic: true))
        ], panelSize: (860, 520))
    ]
  }
}
