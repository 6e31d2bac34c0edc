import LinearAlgebra

/// Exact transport between points on the real line, min Σ |x_i − y_j|^p P_ij over P ≥ 0 with P1 = a and Pᵀ1 = b, for
/// p ≥ 1.
///
/// For convex costs the monotone plan, which matches equal quantiles, is optimal. The staircase of its entries is an
/// optimal basis of the linear program, so its potentials are feasible (Monge's inequality).
///
/// The plan is optimal, and its potentials prove it. Masses are represented as integer multiples of 2⁻⁶⁰ of their
/// sum. Points of weight zero receive no mass, and feasible potentials.
///
///     let solution = try LineTransport(exponent: 2).solve(x, y)
///     print(solution.value)
///
/// - Complexity: O((n + m) log(n + m)) time and O(n + m) memory; no cost matrix is formed
public struct LineTransport: Sendable {
  /// The exponent p, in [1, 100].
  public var exponent: Double

  /// Creates a solver for the cost |x − y|^p.
  public init(exponent: Double = 2) { self.exponent = exponent }

  /// Computes an optimal plan.
  ///
  /// - Parameters:
  ///   - x: the positions of n source points.
  ///   - y: the positions of m target points.
  ///   - source: the weights of x; uniform with sum 1 if nil.
  ///   - target: the weights of y, with the same sum to a relative 1e-9; uniform with sum 1 if nil.
  /// - Returns: the plan, its cost, and optimal potentials.
  /// - Throws: `ProblemError` if a size does not fit, a number is not finite, a weight is negative, or p is out of
  ///   range.
  public func solve(
    _ x: [Double], _ y: [Double], source: [Double]? = nil, target: [Double]? = nil
  ) throws(ProblemError) -> LineSolution {
    let problem = try PointsOnCurve(x, y, source: source, target: target, exponent: exponent)
    let (i, j) = (problem.x.order, problem.y.order)
    var entries: [PlanEntry] = []
    var (f, g) = ([Double](repeating: 0, count: x.count), [Double](repeating: 0, count: y.count))
    // The potentials of the current points: in a plain sum along the staircase a large cost would absorb all later
    // digits.
    var (own, other) = (PreciseSum(problem.cost(x[i[0]] - y[j[0]])), PreciseSum(0))
    var (p, q) = (0, 0)
    var (left, right) = (problem.x.masses[0], problem.y.masses[0])
    f[i[0]] = own.value
    while true {
      let amount = min(left, right)
      if amount > 0 { entries.append(PlanEntry(row: i[p], column: j[q], mass: problem.mass(amount))) }
      left -= amount
      right -= amount
      // One step down or to the right along the staircase; the new point's potential makes its arc tight.
      if left == 0, p + 1 < x.count {
        p += 1
        left = problem.x.masses[p]
        own = other.taken(from: problem.cost(x[i[p]] - y[j[q]]))
        f[i[p]] = own.value
      } else if q + 1 < y.count {
        q += 1
        right = problem.y.masses[q]
        other = own.taken(from: problem.cost(x[i[p]] - y[j[q]]))
        g[j[q]] = other.value
      } else {
        break
      }
    }
    let value = compensatedSum(entries.map { problem.cost(x[$0.row] - y[$0.column]) * $0.mass })
    return LineSolution(
      entries: entries.sorted { ($0.row, $0.column) < ($1.row, $1.column) }, value: value,
      potentials: Potentials(source: f, target: g),
      source: problem.source, target: problem.target)
  }
}

/// An unevaluated sum of two doubles with some 32 decimal digits, by Knuth's exact addition.
private struct PreciseSum {
  /// The sum, rounded to double precision.
  private(set) var value: Double
  private var rest = 0.0

  init(_ value: Double) { self.value = value }

  /// Returns x − self.
  func taken(from x: Double) -> PreciseSum {
    let sum = x - value
    let part = sum - x
    let error = (x - (sum - part)) + (-value - part) - rest
    var result = PreciseSum(sum + error)
    result.rest = error - (result.value - sum)
    return result
  }
}

/// The exact solution of a transport problem on the line or the circle.
public struct LineSolution: Sendable {
  /// The positive entries of the plan, at most n + m, ordered by row and column.
  public let entries: [PlanEntry]
  /// The transport cost Σ d(x_i, y_j)^p P_ij.
  public let value: Double
  /// The dual potentials, with f_i + g_j ≤ |x_i − y_j|^p and equality where the plan has mass; nil on the circle.
  public let potentials: Potentials?
  let source: [Double]
  let target: [Double]

  /// The plan as a dense matrix with its marginals.
  public var coupling: Coupling { Coupling(entries: entries, source: source, target: target) }
}

/// Two sets of weighted positions in sorted order, and a cost of differences.
struct PointsOnCurve {
  struct Side {
    /// The indices of the points by increasing position.
    let order: [Int]
    /// The masses in that order, as in `WholeMasses`.
    let masses: [Int]
  }

  let x: Side
  let y: Side
  let source: [Double]
  let target: [Double]
  private let power: PowerCost
  /// The total mass that corresponds to the integer total of `Side.masses`.
  private let sum: Double
  let total: Int

  init(
    _ x: [Double], _ y: [Double], source: [Double]?, target: [Double]?, exponent: Double
  ) throws(ProblemError) {
    power = try PowerCost(exponent: exponent)
    let largest = power.largestDistance / 2
    for (name, positions) in [("the source positions", x), ("the target positions", y)] {
      if positions.isEmpty { throw .empty(name: name) }
      try ProblemError.validate(
        Matrix(rows: positions.count, columns: 1, elements: positions), named: name, atMost: largest)
    }
    let (a, b) = (source ?? .uniform(x.count), target ?? .uniform(y.count))
    for (name, weights, count) in [("the source weights", a, x.count), ("the target weights", b, y.count)] {
      if weights.count != count { throw .shape(name: name, found: "\(weights.count) elements", expected: "\(count)") }
      try ProblemError.validate(weights: weights, named: name)
    }
    self.source = a
    self.target = try LinearProblem.matched(b, to: a)
    sum = compensatedSum(a)
    let masses = WholeMasses(a, self.target)
    total = masses.total
    self.x = Self.side(x, masses.source)
    self.y = Self.side(y, masses.target)
  }

  private static func side(_ positions: [Double], _ masses: [Int]) -> Side {
    let order = positions.indices.sorted { (positions[$0], $0) < (positions[$1], $1) }
    return Side(order: order, masses: order.map { masses[$0] })
  }

  func cost(_ difference: Double) -> Double { power.cost(difference) }

  func mass(_ whole: Int) -> Double { Double(whole) / Double(total) * sum }
}
