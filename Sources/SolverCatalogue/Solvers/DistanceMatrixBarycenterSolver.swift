import Documents
import LinearAlgebra
import OptimalTransport

/// The catalogue entry of the solver `barycenter-distances`.
struct DistanceMatrixBarycenterSolver: SolverDescription {
  static let name = "barycenter-distances"
  static let family = SolverFamily.barycenter
  static let algorithm: Any.Type = DistanceMatrixBarycenter.self
  static let summary =
    """
    the Gromov–Wasserstein barycenter as a distance matrix of N points, min Σ λ_s GW²(D, D_s), fused if there are \
    features, by block coordinate descent
    """
  static let inputs =
    InputDescription.nodes.filter { !$0.name.hasPrefix("a") }
    + (0..<InputDescription.mostNodes).map {
      InputDescription("a\($0)", "n", "weights of space \($0); uniform if absent")
    }
    + [
      .barycenterWeights, InputDescription("D", "N×N", "initial distances; those of random points if absent"),
      InputDescription("p", "N", "weights of the barycenter's points; uniform if absent"),
      InputDescription("F", "N×f", "initial features; those of random points of the spaces if absent"),
    ]
    + (0..<InputDescription.mostNodes).map {
      InputDescription("F\($0)", "n×f", "features of the points of space \($0); of all spaces or none")
    }
  static let outputs: Glossary = [
    "value": "the objective at the plans found, Σ λ_s GW²(D, D_s) without features",
    "spread": "the highest minus the lowest value over the starts",
  ]
  static let balances = [BalancedWeights(names: (0..<InputDescription.mostNodes).map { "a\($0)" } + ["p"])]

  private let metric: PointMetric
  private let points: Int
  private let starts: Int
  private let seed: UInt64
  private let alpha: Double
  private let solver: DistanceMatrixBarycenter

  init(_ settings: Fields) throws(DocumentError) {
    metric = try .ofDistances(settings, about: "the distance between points, if X is given instead of D")
    points = try settings.integer(
      "points", default: 30, in: 1...10_000, about: "number N of the barycenter's points, if D is absent")
    starts = try settings.starts(
      default: 1, about: "number of random initial distances, of which the lowest value is kept")
    seed = try settings.seed(about: "seed of the first start's points; further starts use consecutive seeds")
    alpha = try settings.alpha(default: 0.5, about: "weight of the quadratic term, if there are features")
    var solver = DistanceMatrixBarycenter(
      epsilon: try settings.optionalEpsilon(in: "squared distances", insteadOf: "exact plans"),
      stopping: try StoppingRule(
        settings, default: StoppingRule(tolerance: 1e-6, iterationLimit: 100),
        about: "relative change of the value in one round at which to stop"),
      innerStopping: try StoppingRule(inner: settings, default: StoppingRule(tolerance: 1e-6, iterationLimit: 100)))
    solver.loss = try settings.loss()
    solver.fixed = try settings.choice("fixed", default: .nothing, about: "what stays as it is given, D or F")
    self.solver = solver
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed {
    let sizes = try (0..<InputDescription.mostNodes).map { Double(try inputs.rows("D\($0)", "X\($0)")) }
    let own = Double(inputs.contains("D") ? try inputs.rows("D") : points)
    return MemoryNeed(
      numbers: sizes.reduce((solver.loss == .square ? 4 : 10) * own * own) {
        $0 + (solver.loss == .square ? 2 : 8) * $1 * $1 + 9 * own * $1
      },
      problem: "a barycenter of \(Int(own)) points for spaces of up to \(Int(sizes.max() ?? 0))")
  }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let count = try inputs.countOfNodes()
    let spaces = try (0..<count).map {
      try inputs.space("D\($0)", "X\($0)", weights: "a\($0)", metric, isSymmetric: true)
    }
    let weights = try inputs.barycenterWeights(count)
    let given = try inputs.matrix("D").map { inputs.symmetrized($0, "D") }
    let p = try inputs.vector("p")
    let size = given?.rows ?? p?.count ?? points
    if given == nil, solver.fixed == .distances { throw inputs.missing("D (N×N), which is to stay fixed") }
    let tables = try (0..<count).compactMap { try inputs.points("F\($0)") }
    if !tables.isEmpty, tables.count < count || tables.contains(where: { $0.rows == 0 }) {
      throw inputs.missing("features of all spaces, F0 to F\(count - 1), or of none")
    }
    let first = try inputs.points("F")
    if tables.isEmpty, first != nil { throw inputs.missing("features of all spaces, F0 to F\(count - 1), beside F") }
    if first == nil, solver.fixed == .features { throw inputs.missing("F (N×f), which is to stay fixed") }
    if given != nil, tables.isEmpty || first != nil, starts > 1 {
      throw inputs.missing(
        "either \(first == nil ? "D" : "D and F") or \(inputs.option("starts=1")): a given start is one")
    }
    let search = try StartSearch.over(starts, monitor: monitor, by: \.loss) { start, monitor throws(ProblemError) in
      let distances = given ?? Self.drawn(size, seed: seed &+ UInt64(start), like: spaces)
      let center = try MetricMeasureSpace(distances: distances, weights: p ?? .uniform(size), name: "D")
      let features =
        tables.isEmpty
        ? nil
        : BarycenterFeatures(
          tables: tables, start: first ?? Self.drawn(size, seed: seed &+ UInt64(start), from: tables), alpha: alpha)
      return try solver.solve(spaces, shares: weights, from: center, features: features, monitor: monitor)
    }
    let best = search.answer
    var answer = SolverAnswer(status: best.status, iterations: best.iterations, trace: best.trace)
    answer.numbers = [("value", best.loss), ("spread", search.spread)]
    answer.arrays = [("distances", NumericArray(best.distances)), ("weights", NumericArray(best.weights))]
    if let features = best.features { answer.arrays.append(("features", NumericArray(features))) }
    for (index, plan) in best.plans.enumerated() { answer.arrays.append(("plan\(index)", NumericArray(plan))) }
    return answer
  }

  /// Rows of the tables.
  private static func drawn(_ count: Int, seed: UInt64, from tables: [Matrix]) -> Matrix {
    var random = SeededGenerator(seed: seed, stream: "barycenter features")
    let rows = (0..<count).map { _ in
      let table = tables[random.integer(below: tables.count)]
      return Array(table[row: random.integer(below: table.rows)])
    }
    let width = rows.map(\.count).max() ?? 0
    return Matrix(rows: count, columns: width) { $1 < rows[$0].count ? rows[$0][$1] : 0 }
  }

  /// Distances of points in a square, as large as those of the spaces on average.
  private static func drawn(_ count: Int, seed: UInt64, like spaces: [MetricMeasureSpace]) -> Matrix {
    var random = SeededGenerator(seed: seed, stream: "barycenter distances")
    let points = Matrix(rows: count, columns: 2) { _, _ in random.uniform() }
    let distances = squaredDistances(points, points).map { max($0, 0).squareRoot() }
    func mean(_ matrix: Matrix) -> Double {
      matrix.elements.isEmpty ? 0 : compensatedSum(matrix.elements) / Double(matrix.elements.count)
    }
    let wanted = spaces.reduce(0) { $0 + mean($1.distances) } / Double(spaces.count)
    let own = mean(distances)
    return own > 0 ? distances.map { $0 * wanted / own } : distances
  }
}
