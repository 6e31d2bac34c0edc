import Baselines
import Datasets
import Documents
import Figures
import Foundation
import LinearAlgebra
import OptimalTransport
import Pipeline
import Runs
import SolverCatalogue

/// Measures time and memory of conic Gromov–Wasserstein between two graphs of N pixels, by semi-coupling ascent and
/// by the original algorithm.
struct ConicScalingExperiment: Experiment {
  static let kind = "conic-scaling"
  static let revision = 1
  static let summary =
    "Measures time and memory of conic Gromov–Wasserstein by the number of nodes, by ascent or by the original solver."
  static let metrics: Glossary = [
    "solverSeconds": "CPU seconds of the solver",
    "secondsPerIteration": "CPU seconds of an outer iteration of the ascent, or of a start of the original solver",
    "distance": "value of CGW that was found",
    "iterations": "outer iterations of the ascent, or starts of the original solver",
    "megabytes": "peak memory of the process",
    "stated": "memory that the solver announces before it allocates, in megabytes",
  ]
  static let example = """
    data: {pixels: 8, side: 5}
    solver: {name: ascent, delta: 1}                   # or original, with radii and starts
    """

  enum Method: String, CaseIterable { case ascent, original }

  let pixels: Int
  let side: Int
  let method: Method
  let settings: ConeSettings
  let original: OriginalConic
  let seed: Int

  init(_ body: CaseBody) throws(DocumentError) {
    side = try body.data.integer("side", default: 40, in: 2...1000, about: "pixels along each side of the square")
    pixels = try body.data.integer(
      "pixels", in: 2...side * side, about: "N, the number of randomly drawn pixels, with masses between 0.1 and 1")
    method = try body.solver.choice(
      "name", default: .ascent, about: "semi-coupling ascent, or alternating linear programs")
    settings = try ConeSettings(body.solver, seed: UInt64(body.seed))
    original =
      method == .original
      ? OriginalConic(
        radii: try body.solver.integer("radii", default: 10, in: 2...100, about: "radii of each node"),
        rounds: try body.solver.integer("rounds", default: 7, in: 1...1000, about: "rounds of linear programs"),
        starts: try body.solver.integer("starts", default: 10, in: 1...1000, about: "random starts"),
        seed: UInt64(body.seed),
        memory: try body.solver.positiveNumber("memory", default: 8e9, about: "the memory of the tensor, in bytes"))
      : OriginalConic()
    seed = body.seed
  }

  func run(_ context: RunContext) throws -> RunResult {
    let problem = try ConicProblem(
      first: network("first pixels", context.relabeling), second: network("second pixels", context.relabeling),
      kernel: settings.kernel,
      delta: settings.delta)
    let clock = ProcessorClock()
    let answer: (squared: Double, iterations: Int, status: Status, trace: Trace, bytes: Double)
    switch method {
    case .ascent:
      let solution = try ConicGromovWasserstein(settings.ascent).solve(problem)
      answer = (
        solution.upperSquared, solution.iterations, solution.status, solution.trace,
        ConicProblem.memory(first: pixels, second: pixels)
      )
    case .original:
      let solution = try original.solve(problem)
      answer = (
        solution.squaredDistance, original.starts, .converged, Trace(objectives: solution.values),
        original.memory(first: pixels, second: pixels)
      )
    }
    let seconds = clock.seconds
    return RunResult(
      status: answer.status,
      metrics: [
        "solverSeconds": .number(seconds), "secondsPerIteration": .number(seconds / Double(answer.iterations)),
        "distance": .number(answer.squared.squareRoot()), "iterations": .integer(answer.iterations),
        "megabytes": .number(Double(Provenance.peakMemory) / 1e6), "stated": .number(answer.bytes / 1e6),
      ], trace: answer.trace, arrays: [("values", NumericArray(answer.trace.points.map { $0.objective ?? 0 }))])
  }

  private func network(_ stream: String, _ relabeling: Relabeling) throws -> Hypernetwork {
    var random = SeededGenerator(seed: UInt64(seed), stream: stream)
    var ink = [Double](repeating: 0, count: side * side)
    for place in random.permutation(side * side).prefix(pixels) { ink[place] = random.uniform(in: 0.1...1) }
    let order = { relabeling.order($0, stream) }
    guard let graph = try ImageGraph(Matrix(rows: side, columns: side, elements: ink), numbered: order) else {
      throw ExperimentError(description: "no pixel was drawn")
    }
    return try graph.network()
  }

  func figures(_ arrays: StoredArrays) throws -> [Figure] {
    let values = try arrays.array("values").elements
    return [
      Figure(
        name: "history", title: "Squared distance",
        panels: [
          .lines(
            LinePanel(
              title: method == .ascent ? "by outer iteration" : "by start",
              xLabel: method == .ascent ? "outer iteration" : "start",
              yLabel: "CGW²",
              curves: [LinePanel.Curve(name: method.rawValue, x: (1...values.count).map(Double.init), y: values)]))
        ], panelSize: (760, 480))
    ]
  }
}
