import Documents
import LinearAlgebra
import OptimalTransport

/// `barycenter-points`.
struct FreeSupportBarycenterSolver: SolverDescription {
  static let name = "barycenter-points"
  static let family = SolverFamily.barycenter
  static let algorithm: Any.Type = FreeSupportBarycenter.self
  static let summary =
    """
    the Wasserstein barycenter of point clouds as N points that move freely, min Σ λ_s W₂²((z, p), (x_s, a_s)), by \
    exact plans
    """
  static let inputs =
    (0..<InputDescription.mostNodes).flatMap {
      [
        InputDescription("X\($0)", "n×d", "points of cloud \($0)"),
        InputDescription("a\($0)", "n", "weights of cloud \($0); uniform when absent"),
      ]
    } + [
      .barycenterWeights, InputDescription("Z", "N×d", "the points to start from; seeded ones when absent"),
      InputDescription("p", "N", "weights of the barycenter's points; uniform when absent"),
    ]
  static let outputs: Glossary = [
    "value": "Σ λ W₂²", "lower_bound": "Σ λ_s λ_t W₂² over pairs of clouds, which no measure has a value below",
    "spread": "highest value less lowest over the starts",
  ]
  static let balances = [BalancedWeights(names: (0..<InputDescription.mostNodes).map { "a\($0)" } + ["p"])]

  private let points: Int
  private let starts: Int
  private let seed: UInt64
  private let isBounded: Bool
  private let solver: FreeSupportBarycenter

  init(_ settings: Fields) throws(DocumentError) {
    points = try settings.integer(
      "points", default: 30, in: 1...1_000_000, about: "N, of the barycenter, where there is no Z")
    starts = try settings.starts(
      default: 3, about: "seeded first points, where there is no Z; the lowest value is kept")
    seed = try settings.seed(about: "of the first start's points; others count on")
    isBounded = try settings.bool(
      "bound", default: true, about: "gives the lower bound, by transport between all pairs of clouds")
    solver = FreeSupportBarycenter(
      epsilon: try settings.optionalEpsilon(in: "squared distances", insteadOf: "exact plans"),
      stopping: try StoppingRule(
        settings, default: StoppingRule(tolerance: 1e-7, iterationLimit: 1000),
        about: "last move of the points, root mean square, as a fraction of the clouds' spread"),
      innerStopping: try StoppingRule(inner: settings, default: StoppingRule(tolerance: 1e-8, iterationLimit: 10_000)))
  }

  func memory(_ inputs: ProblemInputs) throws -> MemoryNeed {
    let sizes = try (0..<InputDescription.mostNodes).map { Double(try inputs.rows("X\($0)")) }
    let (own, d) = (Double(inputs.contains("Z") ? try inputs.rows("Z") : points), Double(try inputs.columns("X0")))
    let largest = sizes.max() ?? 0
    let pairs = isBounded ? 3 * largest * largest : 0
    // One cost at a time, and plans as matrices at the end; entropic plans have all entries, of three numbers each.
    let (atOnce, kept) = solver.epsilon == nil ? (4.0, 2.0) : (6.0, 7.0)
    return MemoryNeed(
      numbers: max(atOnce * own * largest, pairs) + sizes.reduce(0) { $0 + kept * own * $1 + 4 * d * $1 } + 4 * own * d,
      problem: "a barycenter of \(Int(own)) points between clouds of \(Int(largest)) at most")
  }

  func solve(_ inputs: ProblemInputs, monitor: Monitor?) throws -> SolverAnswer {
    let last = (0..<InputDescription.mostNodes).last { inputs.contains("X\($0)") }
    guard let last else { throw inputs.missing("a cloud of points at least, X0") }
    let clouds = try (0...last).map { index in
      guard let points = try inputs.points("X\(index)") else { throw inputs.missing("X\(index)") }
      return try PointCloud(points: points, weights: inputs.vector("a\(index)"), name: "X\(index)")
    }
    let shares = try inputs.barycenterWeights(clouds.count)
    let (given, p) = (try inputs.points("Z"), try inputs.vector("p"))
    let size = given?.rows ?? p?.count ?? points
    let search = try StartSearch.over(given == nil ? starts : 1, monitor: monitor, by: \.value) {
      start, monitor throws(ProblemError) in
      let first =
        given ?? FreeSupportBarycenter.start(size, between: clouds, shares: shares, seed: seed &+ UInt64(start))
      return try solver.solve(
        clouds, shares: shares, from: PointCloud(points: first, weights: p, name: "Z"), monitor: monitor)
    }
    let best = search.answer
    var answer = SolverAnswer(status: best.status, iterations: best.iterations, trace: best.trace)
    answer.numbers = [("value", best.value), ("spread", search.spread)]
    if isBounded, best.status != .interrupted {
      answer.numbers.insert(("lower_bound", try FreeSupportBarycenter.lowerBound(clouds, shares: shares)), at: 1)
    }
    answer.arrays = [("points", NumericArray(best.points)), ("weights", NumericArray(best.weights))]
    for (index, coupling) in best.couplings.enumerated() {
      answer.arrays.append(("plan\(index)", NumericArray(coupling.plan)))
    }
    return answer
  }
}
