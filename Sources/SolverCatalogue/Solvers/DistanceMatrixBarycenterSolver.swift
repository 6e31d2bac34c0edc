import Documents
import LinearAlgebra
import OptimalTransport

/// `barycenter-distances`.
struct DistanceMatrixBarycenterSolver: SolverDescription {
  static let name = "barycenter-distances"
  static let family = SolverFamily.barycenter
  static let algorithm: Any.Type = DistanceMatrixBarycenter.self
  static let summary =
    "the Gromov–Wasserstein barycenter as distances between N points, min Σ λ_s GW²(D, D_s), by block coordinate descent"
  static let inputs =
    InputDescription.nodes.filter { !$0.name.hasPrefix("a") }
    + (0..<InputDescription.mostNodes).map { InputDescription("a\($0)", "n", "weights of space \($0); uniform when absent") }
    + [
      .barycenterWeights, InputDescription("D", "N×N", "the distances to start from; of seeded points when absent"),
      InputDescription("p", "N", "weights of the barycenter's points; uniform when absent"),
    ]
  static let outputs: Glossary = ["value": "Σ λ_s ∬ |D − D_s|²", "spread": "highest value less lowest over the starts"]
  static let balances = [BalancedWeights(names: (0..<InputDescription.mostNodes).map { "a\($0)" } + ["p"])]

  private let metric: PointMetric
  private let points: Int
  private let starts: Int
  private let seed: UInt64
  private let solver: DistanceMatrixBarycenter

  init(_ settings: Fields) throws(DocumentError) {
    metric = try .ofDistances(settings, about: "between points, where X stands for D")
    points = try settings.integer("points", default: 30, in: 1...10_000, about: "N, of the barycenter, where there is no D")
    starts = try settings.starts(default: 1, about: "seeded first distances; the lowest value is kept")
    seed = try settings.seed(about: "of the first start's points; others count on")
    solver = DistanceMatrixBarycenter(
      epsilon: try settings.optionalEpsilon(in: "squared distances", insteadOf: "exact plans"),
      stopping: try StoppingRule(
        settings, default: StoppingRule(tolerance: 1e-6, iterationLimit: 100), about: "change of the value in a round, as a fraction"),
      innerStopping: try StoppingRule(inner: settings, default: StoppingRule(tolerance: 1e-6, iterationLimit: 100)))
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed {
    let sizes = try (0..<InputDescription.mostNodes).map { Double(try inputs.rows("D\($0)", "X\($0)")) }
    let own = Double(inputs.contains("D") ? try inputs.rows("D") : points)
    return MemoryNeed(
      numbers: sizes.reduce(4 * own * own) { $0 + 2 * $1 * $1 + 9 * own * $1 },
      problem: "a barycenter of \(Int(own)) points between spaces of \(Int(sizes.max() ?? 0)) at most")
  }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let count = try inputs.countOfNodes()
    let spaces = try (0..<count).map { try inputs.space("D\($0)", "X\($0)", weights: "a\($0)", metric, isSymmetric: true) }
    let weights = try inputs.barycenterWeights(count)
    let given = try inputs.matrix("D").map { inputs.symmetrized($0, "D") }
    let p = try inputs.vector("p")
    let size = given?.rows ?? p?.count ?? points
    if given != nil, starts > 1 { throw inputs.missing("either D or \(inputs.option("starts=1")): a given start is one") }
    let search = try StartSearch.over(starts, monitor: monitor, by: \.loss) { start, monitor throws(ProblemError) in
      let distances = given ?? Self.drawn(size, seed: seed &+ UInt64(start), like: spaces)
      let centre = try MetricMeasureSpace(distances: distances, weights: p ?? .uniform(size), name: "D")
      return try solver.solve(spaces, shares: weights, from: centre, monitor: monitor)
    }
    let best = search.answer
    var answer = SolverAnswer(status: best.status, iterations: best.iterations, trace: best.trace)
    answer.numbers = [("value", best.loss), ("spread", search.spread)]
    answer.arrays = [("distances", NumericArray(best.distances)), ("weights", NumericArray(best.weights))]
    for (index, plan) in best.plans.enumerated() { answer.arrays.append(("plan\(index)", NumericArray(plan))) }
    return answer
  }

  /// Distances of points in a square, as large as those of the spaces on average.
  private static func drawn(_ count: Int, seed: UInt64, like spaces: [MetricMeasureSpace]) -> Matrix {
    var random = SeededGenerator(seed: seed, stream: "barycenter distances")
    let points = Matrix(rows: count, columns: 2) { _, _ in random.uniform() }
    let distances = squaredDistances(points, points).map { max($0, 0).squareRoot() }
    func mean(_ matrix: Matrix) -> Double { matrix.elements.isEmpty ? 0 : compensatedSum(matrix.elements) / Double(matrix.elements.count) }
    let wanted = spaces.reduce(0) { $0 + mean($1.distances) } / Double(spaces.count)
    let own = mean(distances)
    return own > 0 ? distances.map { $0 * wanted / own } : distances
  }
}
