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
    "value": "W_p^p of the samples", "distance": "W_p of the samples",
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
    """

  let data: LinearTransportData
  let exponent: Double
  let seed: Int

  init(_ body: CaseBody) throws(DocumentError) {
    data = try LinearTransportData(body.data)
    exponent = try body.params.number(
      "exponent", default: 2, in: .from(1, below: 100), about: "p of the cost |x − y|^p")
    seed = body.seed
  }

  func run(_ context: RunContext) throws -> RunResult {
    let n = data.samples
    try ExperimentError.requireMemory(matrices: 4, rows: n, columns: n, for: "transport between \(n) samples")
    let exact = exponent == 2 ? try data.squaredDistance() : nil
    let sample = try data.sample(exponent: exponent, seed: seed)
    let problem = try LinearProblem(cost: sample.cost, source: sample.weights.first, target: sample.weights.second)
    let solution = try NetworkSimplex().solve(problem)
    let bias = exact.map { solution.value - $0 }
    var (quantileDifference, lipschitzExcess): (Double?, Double?)
    if let points = sample.points {
      if data.dimension == 1 {
        let line = try LineTransport(exponent: exponent).solve(points.first.elements, points.second.elements)
        quantileDifference = abs(line.value - solution.value)
      }
      if exponent == 1 {
        lipschitzExcess = Self.lipschitzExcess(solution.potentials.target, points.first, points.second)
      }
    }
    func optional(_ value: Double?) -> Value { value.map { .number($0) } ?? .null }
    return RunResult(
      status: solution.status,
      metrics: [
        "value": .number(solution.value), "distance": .number(pow(max(solution.value, 0), 1 / exponent)),
        "exact": optional(exact), "bias": optional(bias), "squaredError": optional(bias.map { $0 * $0 }),
        "relativeGap": .number(abs(solution.certificate.gap) / max(abs(solution.value), .leastNormalMagnitude)),
        "violation": .number(solution.certificate.violation), "slackness": .number(solution.certificate.slackness),
        "quantileDifference": optional(quantileDifference), "lipschitzExcess": optional(lipschitzExcess),
      ],
      trace: Trace(objectives: [solution.value]), arrays: arrays(sample, solution))
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

  private func arrays(
    _ sample: LinearTransportData.Sample, _ solution: ExactSolution
  ) -> [(name: String, array: NumericArray)] {
    let (f, g) = (solution.potentials.source, solution.potentials.target)
    var arrays = [("f", NumericArray(f)), ("g", NumericArray(g))]
    if data.samples <= Self.largestShown {
      // What lies below zero is rounding.
      let slack = Matrix(rows: f.count, columns: g.count) { max(0, sample.cost[$0, $1] - f[$0] - g[$1]) }
      arrays += [("plan", NumericArray(solution.coupling.plan)), ("slack", NumericArray(slack))]
    }
    return arrays
  }

  func figures(_ arrays: StoredArrays) throws -> [Figure] {
    let curves = try [("f, source", "f"), ("g, target", "g")].map { title, name in
      let values = try arrays.array(name).elements
      return LinePanel.Curve(name: title, x: values.indices.map { Double($0) }, y: values)
    }
    var panels: [Panel] = [
      .lines(LinePanel(title: "potentials", xLabel: "point", yLabel: "potential", curves: curves))
    ]
    if try arrays.names().contains("slack") {
      let titles = [
        ("plan", "plan", "mass"), ("slack", "reduced cost C − f − g: zero where there is mass", "reduced cost"),
      ]
      panels =
        try titles.map { name, title, scale in
          .heatMap(
            HeatMapPanel(
              title: title, xLabel: "target point", yLabel: "source point", scaleLabel: scale,
              matrix: try arrays.array(name).matrix))
        } + panels
    }
    return [Figure(name: "certificate", title: "An optimal plan, and the potentials that prove it", panels: panels)]
  }
}
