import LinearAlgebra

/// Where a quadratic problem between symmetric spaces is started from, since the product plan shows nothing there.
///
/// The product plan's gradient H tells points apart by what it says of their partners. The spaces count as symmetric when
///
/// - H is flat: but for a function of the rows and one of the columns, twice its largest entry times the mass is at most 1e-3 of the objective; or
/// - in both spaces at least one point in fifty, and two, have the same H as another one, to 1e-7 of the largest; or
/// - all distances between different points are nearly the same, and far from those of points to themselves.
///
/// Only then `AnchoredSearch` is asked for a plan; one that matches points one to one, and not at zero, is improved by `PairExchange`. Two
/// spaces, one of more than 2,000 points, count as without symmetry: their distances may not fit as matrices; so do problems that forbid
/// pairs. With another loss than the square the spaces are looked at, and the plan is found, by the square.
struct SymmetricStart {
  private let problem: QuadraticProblem
  private let watch: Watch

  private static let mostPoints = 2000
  /// Below this number of pairs, a linear problem is no matter beside an entropic one.
  private static let fewPairs = 250_000

  /// - Parameters:
  ///   - problem: whatever its relaxation, both marginals are prescribed, and the target has the source's mass.
  ///   - watch: may end the search.
  init(_ problem: QuadraticProblem, watch: Watch) throws(ProblemError) {
    self.problem = try problem.balanced().comparingSquares()
    self.watch = watch
  }

  /// Descends from the plan that is given; without one from the product plan and, where the spaces are symmetric, again from what shows
  /// more.
  ///
  /// - Parameters:
  ///   - start: nil where the caller has none.
  ///   - isEntropic: as of `plan(below:isEntropic:)`.
  ///   - value: what is descended; a second answer takes the first one's place where it is lower by more than tolerances explain.
  ///   - descend: from a plan, or from the product plan where it is nil.
  static func best<Answer: Interruptible>(
    _ problem: QuadraticProblem, from start: Matrix?, isEntropic: Bool, by value: @escaping (Answer) -> Double, monitor: Monitor?,
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

  /// A plan to start from besides the product plan; nil where the spaces are not symmetric, `value` is zero, hence the lowest, already, or
  /// the monitor has said stop.
  ///
  /// - Parameters:
  ///   - value: of an answer that is known.
  ///   - isEntropic: for a descent that smooths plans: where the linear problem at the product plan shows that the spaces are isometric, its answer is
  ///     a start too.
  func plan(below value: Double = .infinity, isEntropic: Bool = false) throws(ProblemError) -> Matrix? {
    let (a, b) = (problem.source.weights, problem.target.weights)
    guard max(a.count, b.count) <= Self.mostPoints, problem.alpha > 0, !problem.forbidsPairs else { return nil }
    var objective = QuadraticObjective(problem)
    let product = objective.evaluateProductPlan(problem)
    let zero = 1e-13 * product.quadratic
    if problem.alpha == 1, value <= zero { return nil }
    let gradient = Self.centred(objective.halfGradient, a, b)
    // Costs near the largest that a linear problem takes are left alone.
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

  /// H less a function of the rows and one of the columns, with weighted sums 0; 0 where there is no mass.
  private static func centred(_ gradient: Matrix, _ a: [Double], _ b: [Double]) -> Matrix {
    let mass = compensatedSum(a)
    let rows = (0..<a.count).map { dot(Array(gradient[row: $0]), b) / mass }
    let columns = gradient.transposedProduct(a).map { $0 / mass }
    let mean = dot(rows, a) / mass
    return Matrix(rows: a.count, columns: b.count) { i, j in
      a[i] > 0 && b[j] > 0 ? gradient[i, j] - rows[i] - columns[j] + mean : 0
    }
  }

  /// Whether some rows, at least two and one in fifty of those with mass, agree with another one.
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
