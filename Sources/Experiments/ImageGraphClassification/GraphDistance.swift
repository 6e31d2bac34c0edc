import LinearAlgebra
import OptimalTransport
import SolverCatalogue

/// The distance between an image's graph and the reference graph.
enum GraphDistance: String, CaseIterable, Sendable {
  /// CGW by a short plain ascent from the product of the masses, which stops on a plateau.
  case early
  /// CGW by an ascent that has converged.
  case converged
  /// The edge density μᵀAμ of the image alone, without any transport.
  case edgeDensity = "edge-density"
  /// Gromov–Wasserstein by conditional gradients.
  case gw
  /// The Gromov–Wasserstein objective of the product plan, a function of both edge densities.
  case gwProduct = "gw-product"

  var title: String {
    switch self {
    case .early: "CGW early"
    case .converged: "CGW converged"
    case .edgeDensity: "edge density"
    case .gw: "GW"
    case .gwProduct: "GW at the product plan"
    }
  }

  struct Settings: Sendable {
    let cone: ConeSettings
    /// The iterations and δ of `early`.
    let early: (iterations: Int, delta: Double)
    /// The relative gap of conditional gradients, which decreases like 1/k for binary values.
    let gwTolerance: Double
    /// The number of starts of `converged` and `gw`, of which the lowest value counts, and their seed.
    ///
    /// Squares are similar in many ways: with a single start, rounding and the order of pixels decide which
    /// stationary point is reached.
    let starts: (count: Int, seed: UInt64)
  }

  /// Returns the distance and whether its solver converged; stopping early does not count as converged.
  func value(_ graph: ImageGraph, reference: ImageGraph, _ settings: Settings) throws -> (
    value: Double, isConverged: Bool
  ) {
    switch self {
    case .edgeDensity: return (graph.edgeDensity, true)
    case .gwProduct:
      // The values are 0 or 1 and equal their squares.
      let (a, b) = (reference.edgeDensity, graph.edgeDensity)
      return ((a + b - 2 * a * b).squareRoot(), true)
    case .gw:
      let problem = try QuadraticProblem(
        source: MetricMeasureSpace(distances: reference.adjacency.matrix, weights: reference.masses),
        target: MetricMeasureSpace(distances: graph.adjacency.matrix, weights: graph.masses))
      let solver = GromovWasserstein(stopping: StoppingRule(tolerance: settings.gwTolerance, iterationLimit: 2000))
      let report = try MultiStart(starts: settings.starts.count, seed: settings.starts.seed).solve(problem) {
        problem, start, _ throws(ProblemError) in
        try solver.solve(problem, from: start)
      }
      return (max(report.best.value, 0).squareRoot(), report.best.status.isConverged)
    case .early:
      let problem = try ConicProblem(
        first: reference.network(), second: graph.network(), kernel: settings.cone.kernel, delta: settings.early.delta)
      let ascent = SemiCouplingAscent(
        sweeps: 1, stopping: StoppingRule(tolerance: 0, iterationLimit: settings.early.iterations))
      return (try ConicGromovWasserstein(ascent).solve(problem).distance, true)
    case .converged:
      let problem = try ConicProblem(
        first: reference.network(), second: graph.network(), kernel: settings.cone.kernel, delta: settings.cone.delta)
      // The starts are noisy, and their marginals are restored.
      var ascent = settings.cone.ascent
      ascent.jitter = 0
      let solver = ConicGromovWasserstein(ascent)
      let best = try StartSearch.over(settings.starts.count, by: \.distance) { start, _ throws(ProblemError) in
        try solver.solve(problem, from: settings.start(start, reference.masses, graph.masses))
      }.best
      return (best.distance, best.status.isConverged)
    }
  }
}

extension GraphDistance.Settings {
  /// Returns the product plan with noise and restored marginals; nil without noise, for the solver's own start.
  fileprivate func start(_ index: Int, _ a: [Double], _ b: [Double]) -> Matrix? {
    let jitter = cone.ascent.jitter
    guard jitter > 0 else { return nil }
    var random = SeededGenerator(seed: starts.seed &+ UInt64(index), stream: "start")
    var plan = Matrix(outer: a, b).map { $0 * (1 + jitter * (2 * random.uniform() - 1)) }
    // The start is close to the product plan, so that each round gains three digits.
    for _ in 0..<6 {
      let rows = plan.rowSums
      plan = Matrix(rows: a.count, columns: b.count) { plan[$0, $1] * a[$0] / rows[$0] }
      let columns = plan.columnSums
      plan = Matrix(rows: a.count, columns: b.count) { plan[$0, $1] * b[$1] / columns[$1] }
    }
    return plan
  }
}
