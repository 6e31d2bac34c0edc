import LinearAlgebra

/// A start for quadratic problems between symmetric spaces, at whose product plan the gradient is uninformative.
///
/// The gradient H at the product plan distinguishes points by the costs of their partners. Spaces count as symmetric
/// if
///
/// - H is flat: up to row and column terms, twice its largest entry times the mass is at most 1e-3 of the objective;
///   or
/// - in both spaces, at least one point in fifty and at least two have the same H as another point, to 1e-7 of the
///   largest; or
/// - all distances between different points are nearly equal, and far from the distances of points to themselves.
///
/// Only then is `AnchoredSearch` asked for a plan; a one-to-one plan of nonzero value is improved by `PairExchange`.
/// Spaces of more than 2,000 points are treated as not symmetric, because their distance matrices may not fit into
/// memory, and so are problems with forbidden pairs.
/// With a loss other than the square the symmetry is detected, and the plan found, by the square loss.
struct SymmetricStart {
  private let problem: QuadraticProblem
  private let watch: Watch

  private static let mostPoints = 2000
  /// The number of pairs below which a linear problem is negligible beside an entropic one.
  private static let fewPairs = 250_000

  /// Prepares the start of a problem.
  ///
  /// - Parameters:
  ///   - problem: the problem, whose marginals are taken as prescribed, with the target scaled to the source's mass.
  ///   - watch: may stop the search.
  /// - Throws: `ProblemError` if the balanced problem is invalid.
  init(_ problem: QuadraticProblem, watch: Watch) throws(ProblemError) {
    self.problem = try problem.balanced().comparingSquares()
    self.watch = watch
  }

  /// Descends from the given plan, or from the product plan and, if the spaces are symmetric, again from a plan that
  /// breaks the symmetry.
  ///
  /// - Parameters:
  ///   - problem: the problem.
  ///   - start: the caller's initial plan, if any.
  ///   - isEntropic: whether the descent is entropic, as in `plan(below:isEntropic:)`.
  ///   - value: the objective; a second solution replaces the first one if it is lower by more than tolerances
  ///     explain.
  ///   - monitor: observes both descents and may stop them.
  ///   - descend: descends from a plan, or from the product plan if it is nil.
  /// - Returns: the best solution.
  /// - Throws: any error of `descend` or of the search.
  static func best<Answer: Interruptible>(
    _ problem: QuadraticProblem, from start: Matrix?, isEntropic: Bool, by value: @escaping (Answer) -> Double,
    monitor: Monitor?,
    descend: (Matrix?, Monitor?) throws(ProblemError) -> Answer
  ) throws(ProblemError) -> Answer {
    let watch = Watch(monitor)
    let first = try descend(start, watch.monitor)
    var search = StartSearch(first, watch: watch, by: value, margin: startMargin)
    if start == nil {
      try search.attempt { monitor throws(ProblemError) in
        // What another loss has reached says nothing of squares.
        let reached = isEntropic || problem.loss != .square ? .infinity : value(first)
        let other = try SymmetricStart(problem, watch: watch).plan(below: reached, isEntropic: isEntropic)
        return if let other { try descend(other, monitor) } else { nil }
      }
    }
    return search.answer
  }

  /// Returns a second start; nil if the spaces are not symmetric, `value` is already zero, or the monitor stopped the
  /// search.
  ///
  /// - Parameters:
  ///   - value: the value of a known solution.
  ///   - isEntropic: whether the descent is entropic; then an optimal plan of the linearized problem at the product
  ///     plan that shows the spaces to be isometric also serves as a start.
  /// - Returns: the plan from which to start again, or nil.
  /// - Throws: `ProblemError` if a linear problem cannot be solved.
  func plan(below value: Double = .infinity, isEntropic: Bool = false) throws(ProblemError) -> Matrix? {
    let (a, b) = (problem.source.weights, problem.target.weights)
    guard max(a.count, b.count) <= Self.mostPoints, problem.alpha > 0, !problem.forbidsPairs else { return nil }
    var objective = QuadraticObjective(problem)
    let product = objective.evaluateProductPlan(problem)
    let zero = 1e-13 * product.quadratic
    if problem.alpha == 1, value <= zero { return nil }
    let gradient = Self.centered(objective.halfGradient, a, b)
    // Costs close to the limit of linear problems are not attempted.
    let largest = (gradient.elements + (problem.features?.elements ?? [])).reduce(0) { max($0, abs($1)) }
    guard largest < 1e-10 * largestCost, product.value.isFinite else { return nil }
    if isSymmetric(gradient, value: abs(product.value)) {
      var search = AnchoredSearch(problem, zero: problem.alpha == 1 ? zero : -.infinity, watch: watch)
      guard let found = try search.solve(), !watch.hasStopped else { return nil }
      let entries = found.value <= zero ? found.entries : PairExchange(problem).improving(found.entries, watch: watch)
      if watch.hasStopped { return nil }
      return Coupling(entries: entries, source: a, target: b).plan
    }
    guard isEntropic, a.count * b.count <= Self.fewPairs, problem.alpha == 1 else { return nil }
    let vertex = try NetworkSimplex().solve(LinearProblem(cost: gradient, source: a, target: b))
    return objective.value(of: vertex.entries) <= 1e-10 * product.quadratic ? vertex.coupling.plan : nil
  }

  private func isSymmetric(_ gradient: Matrix, value: Double) -> Bool {
    let largest = gradient.elements.reduce(0) { max($0, abs($1)) }
    let (a, b) = (problem.source.weights, problem.target.weights)
    if 2 * largest * compensatedSum(a) <= 1e-3 * value { return true }
    return Self.hasTies(gradient, a) && Self.hasTies(gradient.transposed, b)
      || DistanceGeometry.areNearlyEquidistant(problem.source.geometry, problem.target.geometry)
  }

  /// H minus row and column terms, so that weighted sums are 0; 0 where there is no mass.
  private static func centered(_ gradient: Matrix, _ a: [Double], _ b: [Double]) -> Matrix {
    let mass = compensatedSum(a)
    let rows = (0..<a.count).map { dot(Array(gradient[row: $0]), b) / mass }
    let columns = gradient.transposedProduct(a).map { $0 / mass }
    let mean = dot(rows, a) / mass
    return Matrix(rows: a.count, columns: b.count) { i, j in
      a[i] > 0 && b[j] > 0 ? gradient[i, j] - rows[i] - columns[j] + mean : 0
    }
  }

  /// Whether at least two rows with mass, and at least one in fifty, agree with another row.
  private static func hasTies(_ gradient: Matrix, _ weights: [Double]) -> Bool {
    var random = SeededGenerator(seed: 1, stream: "symmetry")
    let direction = (0..<gradient.columns).map { _ in random.normal() }
    let points = weights.indices.filter { weights[$0] > 0 }
    let labels = points.map { dot(Array(gradient[row: $0]), direction) }.sorted()
    let tolerance = 1e-7 * labels.reduce(0) { max($0, abs($1)) }
    let tied = labels.indices.filter { position in
      position > 0 && labels[position] - labels[position - 1] <= tolerance
        || position + 1 < labels.count && labels[position + 1] - labels[position] <= tolerance
    }
    return tied.count >= max(2, points.count / 50)
  }
}
