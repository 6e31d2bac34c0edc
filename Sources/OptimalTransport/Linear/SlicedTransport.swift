import Glibc
import LinearAlgebra

/// Sliced Wasserstein distances between point clouds, and plans that come of the slices.
///
///     SW_p^p(X, Y) = mean over unit directions θ of W_p^p(θ·X, θ·Y).
///
/// Algorithm: points are projected on directions, and each slice is solved exactly on the line (Bonneel, Rabin, Peyré,
/// Pfister 2015, DOI 10.1007/s10851-014-0506-3). The mean over drawn directions is an estimate, whose standard error is
/// given; the largest slice bounds the max-sliced distance from below (Deshpande et al. 2019, arXiv:1904.05877). Each
/// slice's plan is one between the clouds as well. The cheapest is the min-sliced plan (Mahey, Chapel, Gasso, Bonet,
/// Courty 2023, arXiv:2307.01770); their mean, with weights in proportion to exp(−β cost), the expected sliced plan
/// (Liu et al. 2024, arXiv:2410.12176). A projection lengthens no distance, so that
///
///     every slice ≤ W_p^p(X, Y) ≤ the cost of every sliced plan.
///
/// Exact for the directions that are given. Of points that fall together in a slice the first goes first. k slices of
/// O((n + m)(d + log(n + m))); memory O(n + m), with the expected plan O(k (n + m)).
///
///     let directions = SlicedTransport.directions(100, dimensions: x.columns, seed: 1)
///     let solution = try SlicedTransport().solve(x, y, along: directions)
///     print(solution.values.mean, solution.plan?.cost)
public struct SlicedTransport: Sendable {
  /// Which plan is made of those of the slices.
  public enum Plan: Sendable, Equatable {
    /// No plan.
    case none
    /// The plan with the least transport cost.
    case cheapest
    /// The mean of the plans, with weights in proportion to exp(−β cost) for β in [0, 1e100].
    case mean(beta: Double)
  }

  /// The exponent p of the cost, in [1, 100].
  public var exponent: Double
  /// Which plan is made of those of the slices.
  public var plan: Plan

  /// Creates a solver.
  ///
  /// - Parameters:
  ///   - exponent: the exponent p of the cost, in [1, 100].
  ///   - plan: which plan is made of those of the slices.
  public init(exponent: Double = 2, plan: Plan = .cheapest) {
    self.exponent = exponent
    self.plan = plan
  }

  /// Draws directions uniformly.
  ///
  /// - Parameters:
  ///   - count: the number of directions.
  ///   - dimensions: the dimension of the space.
  ///   - seed: the seed of the draw.
  /// - Returns: A matrix with one direction per row; the rows are not normalized.
  public static func directions(_ count: Int, dimensions: Int, seed: UInt64) -> Matrix {
    var random = SeededGenerator(seed: seed, stream: "directions")
    return Matrix(rows: count, columns: dimensions) { _, _ in random.normal() }
  }

  /// Computes the slices, and the plan that is asked for.
  ///
  /// - Parameters:
  ///   - x: n×d points.
  ///   - y: m×d points.
  ///   - source: the weights of x; uniform with sum 1 when nil.
  ///   - target: the weights of y, of the same sum to 1e-9; uniform with sum 1 when nil.
  ///   - directions: k×d, of which only where they point counts.
  ///   - monitor: is asked after some slices whether to go on; otherwise the solution covers the finished slices.
  /// - Returns: The value of each slice, and the plan.
  /// - Throws: `ProblemError` when a size does not fit, a number is not finite or too large, a weight is negative, a
  ///   direction zero, or p or β out of range.
  public func solve(
    _ x: Matrix, _ y: Matrix, source: [Double]? = nil, target: [Double]? = nil, along directions: Matrix,
    monitor: Monitor? = nil
  ) throws(ProblemError) -> SlicedSolution {
    let power = try PowerCost(exponent: exponent)
    if case .mean(let beta) = plan, !(beta >= 0 && beta <= 1e100) {
      throw .parameter(name: "β", found: "\(beta)", expected: "a number from 0 to 1e100")
    }
    try Self.validate(x, y, directions, atMost: power.largestDistance)
    let theta = try directions.unitRows(named: "direction")
    let line = LineTransport(exponent: exponent)
    var series = SliceSeries()
    var plans = SlicedPlans(plan)
    try series.solve(theta.rows, monitor: monitor) { range in
      let part = theta.selectingRows(Array(range))
      let (u, v) = (part.transposedProduct(with: x), part.transposedProduct(with: y))
      return { index throws(ProblemError) in
        try line.solve(Array(u[row: index]), Array(v[row: index]), source: source, target: target)
      }
    } value: {
      $0.value
    } take: { slice in
      guard plan != .none else { return }
      let costs = slice.entries.map { entry in
        power.cost(Matrix.length((0..<x.columns).map { x[entry.row, $0] - y[entry.column, $0] })) * entry.mass
      }
      plans.take(slice.entries, cost: compensatedSum(costs))
    }
    return SlicedSolution(
      values: SliceValues(each: series.values, exponent: exponent),
      directions: theta.selectingRows(Array(series.values.indices)),
      plan: plans.chosen(columns: y.rows), status: series.status)
  }

  /// Checks points and directions.
  ///
  /// - Parameters:
  ///   - x: n×d points.
  ///   - y: m×d points.
  ///   - directions: k×d directions.
  ///   - largest: the largest distance whose cost can be computed with.
  /// - Throws: `ProblemError` when one of them is empty, too large, or of another dimension.
  static func validate(_ x: Matrix, _ y: Matrix, _ directions: Matrix, atMost largest: Double) throws(ProblemError) {
    for (name, points) in [("X", x), ("Y", y), ("the set of directions", directions)]
    where points.rows == 0 || points.columns == 0 {
      throw .empty(name: name)
    }
    for (name, points) in [("Y", y), ("each direction", directions)] where points.columns != x.columns {
      throw .shape(name: name, found: "\(points.columns) coordinates", expected: "\(x.columns) (as X)")
    }
    let limit = largest / (4 * Double(x.columns).squareRoot())
    for (name, points) in [("X", x), ("Y", y)] { try ProblemError.validate(points, named: name, atMost: limit) }
  }
}

/// The plans of slices so far, as much of them as the answer needs.
private struct SlicedPlans {
  private let wanted: SlicedTransport.Plan
  private var costs: [Double] = []
  private var plans: [[PlanEntry]] = []

  init(_ wanted: SlicedTransport.Plan) { self.wanted = wanted }

  mutating func take(_ entries: [PlanEntry], cost: Double) {
    if wanted == .cheapest {
      if costs.allSatisfy({ cost < $0 }) { plans = [entries] }
    } else {
      plans.append(entries)
    }
    costs.append(cost)
  }

  func chosen(columns: Int) -> SlicedSolution.Plan? {
    guard let least = costs.min() else { return nil }
    guard case .mean(let beta) = wanted else {
      return plans.first.map { SlicedSolution.Plan(entries: $0, cost: least, slice: costs.firstIndex(of: least)) }
    }
    // The cheapest has the weight 1 before they are divided by their sum.
    let factors = costs.map { beta == 0 ? 1 : exp(-beta * ($0 - least)) }
    let total = compensatedSum(factors)
    var masses: [Int: Double] = [:]
    for (entries, factor) in zip(plans, factors) where factor > 0 {
      for entry in entries { masses[entry.row * columns + entry.column, default: 0] += factor / total * entry.mass }
    }
    let entries = masses.filter { $0.value > 0 }.map {
      PlanEntry(row: $0.key / columns, column: $0.key % columns, mass: $0.value)
    }
    return SlicedSolution.Plan(
      entries: entries.sorted { ($0.row, $0.column) < ($1.row, $1.column) },
      cost: compensatedSum(zip(costs, factors).map { $0 * ($1 / total) }), slice: nil)
  }
}

/// What slices of a problem say of it.
public struct SlicedSolution: Sendable {
  /// A plan between the clouds that was made of those of slices.
  public struct Plan: Sendable {
    /// The positive entries, by row and column.
    public let entries: [PlanEntry]
    /// Σ ‖x_i − y_j‖^p P_ij, which is at least W_p^p.
    public let cost: Double
    /// The slice that it belongs to, counted from 0; nil of a mean.
    public let slice: Int?
  }

  /// The value of each slice, with mean and standard error.
  public let values: SliceValues
  /// Of the slices that were solved, by rows of length 1; on the sphere two rows a plane.
  public let directions: Matrix
  /// Nil where none was asked for.
  public let plan: Plan?
  /// `interrupted` where the monitor ended it before the last slice.
  public let status: Status
}
