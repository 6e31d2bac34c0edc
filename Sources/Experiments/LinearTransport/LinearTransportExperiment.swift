import Datasets
import Documents
import Figures
import Foundation
import LinearAlgebra
import OptimalTransport
import Pipeline
import SolverCatalogue

/// Exact transport between two samples with its dual certificate, and how far the sample's W_2² is from that of the
/// distributions.
struct LinearTransportExperiment: Experiment {
  static let kind = "linear-transport"
  static let revision = 1
  static let summary =
    """
    Solves transport between two samples exactly, with a dual certificate, and compares with the distributions' \
    distance.
    """
  static let metrics: Glossary = [
    "value": "W_p^p of the samples, or the Sinkhorn divergence", "distance": "W_p of the samples",
    "exact": "W_2² of the distributions",
    "bias": "value − exact", "squaredError": "(value − exact)²",
    "relativeGap": "⟨C, P⟩ minus the dual value, as a fraction of ⟨C, P⟩",
    "violation": "the largest f + g − C, before rounding",
    "slackness": "the largest |f + g − C| where the plan has mass",
    "quantileDifference": "|value − the cost of the sorted coupling|, on the line",
    "lipschitzExcess": "the largest |φ(x) − φ(x')| − |x − x'| of the potential for p = 1",
  ]
  static let example = """
    data: {generator: gaussians, samples: 50, dimension: 2}      # or gamma, on the line; or adversarial costs
    params: {exponent: 2.0}                                      # p of the cost |x − y|^p
    solver: {name: exact}                                        # or {name: divergence, epsilon: 0.05}, in units of \
    the exact value
    """

  enum Method: String, CaseIterable {
    case exact
    case divergence
  }

  let data: LinearTransportData
  let exponent: Double
  let method: Method
  let epsilon: Double
  let seed: Int

  init(_ body: CaseBody) throws(DocumentError) {
    data = try LinearTransportData(body.data)
    exponent = try body.params.number(
      "exponent", default: 2, in: .from(1, below: 100), about: "p of the cost |x − y|^p")
    method = try body.solver.choice("name", default: .exact, about: "exact transport, or the Sinkhorn divergence")
    epsilon =
      method == .divergence
      ? try body.solver.positiveNumber(
        "epsilon", default: 0.05, about: "the weight of the entropy, in units of the distributions' W_2²")
      : 0
    seed = body.seed
  }

  func run(_ context: RunContext) throws -> RunResult {
    let n = data.samples
    try ExperimentError.requireMemory(matrices: 4, rows: n, columns: n, for: "transport between \(n) samples")
    let exact = exponent == 2 ? try data.squaredDistance() : nil
    let sample = try data.sample(exponent: exponent, seed: seed)
    var metrics: [String: Value] = [:]
    func compare(_ value: Double) {
      metrics["value"] = .number(value)
      guard let exact else { return }
      metrics["exact"] = .number(exact)
      metrics["bias"] = .number(value - exact)
      metrics["squaredError"] = .number((value - exact) * (value - exact))
    }
    guard method == .exact else {
      guard let points = sample.points, let exact else {
        throw ExperimentError(
          description: "solver.name divergence needs data.generator gaussians and params.exponent 2")
      }
      let divergence = SinkhornDivergence(
        Sinkhorn(
          epsilon: epsilon * exact, epsilonScaling: 0.25,
          stopping: StoppingRule(tolerance: 1e-7, iterationLimit: 100_000)))
      let solution = try divergence.solve(
        LinearProblem(cost: sample.cost), sourceCost: squaredDistances(points.first, points.first),
        targetCost: squaredDistances(points.second, points.second))
      compare(solution.value)
      return RunResult(status: solution.status, metrics: metrics, trace: Trace(), arrays: [])
    }
    let problem = try LinearProblem(cost: sample.cost, source: sample.weights.first, target: sample.weights.second)
    let solution = try NetworkSimplex().solve(problem)
    compare(solution.value)
    metrics["distance"] = .number(pow(max(solution.value, 0), 1 / exponent))
    metrics["relativeGap"] = .number(abs(solution.certificate.gap) / max(abs(solution.value), .leastNormalMagnitude))
    metrics["violation"] = .number(solution.certificate.violation)
    metrics["slackness"] = .number(solution.certificate.slackness)
    if let points = sample.points {
      if data.dimension == 1 {
        let line = try LineTransport(exponent: exponent).solve(points.first.elements, points.second.elements)
        metrics["quantileDifference"] = .number(abs(line.value - solution.value))
      }
      if exponent == 1 {
        metrics["lipschitzExcess"] = .number(
          Self.lipschitzExcess(solution.potentials.target, points.first, points.second))
      }
    }
    return RunResult(
      status: solution.status, metrics: metrics, trace: Trace(),
      arrays: n <= Self.largestShown ? arrays(sample, solution) : [])
  }

  /// The largest |φ(x) − φ(x')| − |x − x'| over all points, for the c-transform φ(x) = min_j |x − y_j| − g_j of the
  /// target's potential.
  private static func lipschitzExcess(_ potential: [Double], _ first: Matrix, _ second: Matrix) -> Double {
    let points = Matrix(rows: first.rows + second.rows, columns: first.columns) {
      $0 < first.rows ? first[$0, $1] : second[$0 - first.rows, $1]
    }
    let toTargets = squaredDistances(points, second)
    let phi = (0..<points.rows).map { row in
      (0..<second.rows).reduce(Double.infinity) { min($0, toTargets[row, $1].squareRoot() - potential[$1]) }
    }
    var excess = 0.0
    for i in 0..<points.rows {
      for j in 0..<i {
        excess = max(excess, abs(phi[i] - phi[j]) - squaredDistance(points[row: i], points[row: j]).squareRoot())
      }
    }
    return excess
  }

  /// Of how many points the plan and its potentials are kept for a figure.
  private static let largestShown = 24

  private func arrays(_ sample: LinearTransportData.Sample, _ solution: ExactSolution) -> [(
    name: String, array: NumericArray
  )] {
    let (f, g) = (solution.potentials.source, solution.potentials.target)
    let slack = Matrix(rows: f.count, columns: g.count) { sample.cost[$0, $1] - f[$0] - g[$1] }
    return [
      ("plan", NumericArray(solution.coupling.plan)), ("slack", NumericArray(slack)), ("f", NumericArray(f)),
      ("g", NumericArray(g)),
    ]
  }

  func figures(_ arrays: StoredArrays) throws -> [Figure] {
    guard try arrays.names().contains("slack") else { return [] }
    let (plan, slack) = (try arrays.array("plan").matrix, try arrays.array("slack").matrix)
    let (f, g) = (try arrays.array("f").elements, try arrays.array("g").elements)
    let places = { (values: [Double]) in values.indices.map { Double($0) } }
    return [
      Figure(
        name: "certificate", title: "An optimal plan, and the potentials that prove it",
        panels: [
          .heatMap(
            HeatMapPanel(
              title: "plan", xLabel: "target point", yLabel: "source point", scaleLabel: "mass", matrix: plan)),
          .heatMap(
            HeatMapPanel(
              title: "reduced cost C − f − g: zero where there is mass", xLabel: "target point", yLabel: "source point",
              scaleLabel: "reduced cost", matrix: slack)),
          .lines(
            LinePanel(
              title: "potentials", xLabel: "point", yLabel: "potential",
              curves: [.init(name: "f, source", x: places(f), y: f), .init(name: "g, target", x: places(g), y: g)])),
        ])
    ]
  }
}
