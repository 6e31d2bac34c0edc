import LinearAlgebra

/// Exact transport between points on a circle of circumference L, min Σ d(x_i, y_j)^p P_ij with p ≥ 1.
///
/// The distance d is the length of the shorter arc. On the circle cut open and shifted by θ, the optimal plan matches
/// quantiles, and its cost is convex and piecewise linear in θ (Delon, Salomon, and Sobolevski, 2010, DOI
/// 10.1137/090772708). Masses are represented as integer multiples of 2⁻⁶⁰ of their sum, so that bisection over
/// integers finds the smallest θ with a nonnegative slope exactly.
///
/// The plan is optimal. Points of weight zero receive no mass.
///
///     let solution = try CircleTransport(circumference: 2 * .pi).solve(x, y)
///     print(solution.value)
///
/// - Complexity: 62 slope evaluations of O(m log n) each; O(n + m) memory
public struct CircleTransport: Sendable {
  /// The circumference L > 0; positions are taken modulo L.
  public var circumference: Double
  /// The exponent p, in [1, 100].
  public var exponent: Double

  /// Creates a solver for a circle of the given circumference and the cost d^p.
  public init(circumference: Double = 1, exponent: Double = 2) {
    self.circumference = circumference
    self.exponent = exponent
  }

  /// Computes an optimal plan.
  ///
  /// - Parameters:
  ///   - x: the positions of n source points.
  ///   - y: the positions of m target points.
  ///   - source: the weights of x; uniform with sum 1 if nil.
  ///   - target: the weights of y, with the same sum to a relative 1e-9; uniform with sum 1 if nil.
  /// - Returns: the plan and its cost, without potentials.
  /// - Throws: `ProblemError` if a size does not fit, a number is not finite, a weight is negative, p is out of
  ///   range, or L is not positive.
  public func solve(
    _ x: [Double], _ y: [Double], source: [Double]? = nil, target: [Double]? = nil
  ) throws(ProblemError) -> LineSolution {
    try ProblemError.validate(positive: circumference, named: "the circumference")
    let turned = [x, y].map { positions in
      positions.map { position in
        let rest = position.truncatingRemainder(dividingBy: circumference)
        return rest < 0 ? rest + circumference : rest
      }
    }
    let problem = try PointsOnCurve(turned[0], turned[1], source: source, target: target, exponent: exponent)
    let circle = LiftedCircle(problem, turned[0], turned[1], circumference)
    let entries = circle.entries(at: circle.bestTurn)
    let value = compensatedSum(
      entries.map { entry in
        let difference = abs(turned[0][entry.row] - turned[1][entry.column])
        return problem.cost(min(difference, circumference - difference)) * entry.mass
      })
    return LineSolution(entries: entries, value: value, potentials: nil, source: problem.source, target: problem.target)
  }
}

/// Quantiles on the circle: the source mass t in [0, T) against the target mass t − θ on the universal cover of the
/// circle.
private struct LiftedCircle {
  private let problem: PointsOnCurve
  private let x: [Double]
  private let y: [Double]
  private let length: Double
  /// The cumulative masses up to and including each point, in order of position.
  private let sourceEnds: [Int]
  private let targetEnds: [Int]
  private let total: Int

  init(_ problem: PointsOnCurve, _ x: [Double], _ y: [Double], _ length: Double) {
    self.problem = problem
    total = problem.total
    self.x = problem.x.order.map { x[$0] }
    self.y = problem.y.order.map { y[$0] }
    self.length = length
    func ends(_ masses: [Int]) -> [Int] {
      var sum = 0
      return masses.map { mass in
        sum += mass
        return sum
      }
    }
    sourceEnds = ends(problem.x.masses)
    targetEnds = ends(problem.y.masses)
  }

  /// The first position in `ends` whose cumulative mass exceeds t.
  private func first(in ends: [Int], beyond t: Int) -> Int {
    var (low, high) = (0, ends.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if ends[middle] > t { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// Decomposes v = t + k T with t in [0, T).
  private func wound(_ v: Int) -> (t: Int, k: Int) {
    let k = v >= 0 ? v / total : -((-v + total - 1) / total)
    return (v - k * total, k)
  }

  /// The right derivative of the cost in θ: at each jump of the target's quantile function, y_J is replaced by
  /// y_{J+1}.
  private func slope(_ theta: Int) -> Double {
    compensatedSum(
      y.indices.map { j in
        let (t, k) = wound(targetEnds[j] + theta)
        let here = x[first(in: sourceEnds, beyond: t)]
        let low = y[j] - Double(k) * length
        let high = j + 1 < y.count ? y[j + 1] - Double(k) * length : y[0] + Double(1 - k) * length
        return problem.cost(here - low) - problem.cost(here - high)
      })
  }

  var bestTurn: Int {
    var (low, high) = (-2 * total, 2 * total)
    while low < high {
      let middle = low + (high - low) / 2
      if slope(middle) >= 0 { high = middle } else { low = middle + 1 }
    }
    return low
  }

  func entries(at theta: Int) -> [PlanEntry] {
    // The target mass at t = 0.
    let offset = wound(-theta).t
    var q = first(in: targetEnds, beyond: offset)
    var right = targetEnds[q] - offset
    var masses: [[Int]: Int] = [:]
    for (p, mass) in problem.x.masses.enumerated() {
      var left = mass
      while left > 0 {
        let amount = min(left, right)
        if amount > 0 { masses[[problem.x.order[p], problem.y.order[q]], default: 0] += amount }
        left -= amount
        right -= amount
        if right == 0 {
          q = q + 1 == y.count ? 0 : q + 1
          right = problem.y.masses[q]
        }
      }
    }
    return masses.map { PlanEntry(row: $0.key[0], column: $0.key[1], mass: problem.mass($0.value)) }
      .sorted { ($0.row, $0.column) < ($1.row, $1.column) }
  }
}
