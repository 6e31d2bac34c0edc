import LinearAlgebra

/// A linear transport problem: min ⟨C, P⟩ over P ≥ 0 with P1 = a and Pᵀ1 = b, or with marginals that may depart from a and b at a price.
public struct LinearProblem: Sendable {
  /// The cost C, n×m, of magnitude at most 1e150; negative entries are allowed. +∞ forbids a pair: no plan has mass there.
  public let cost: Matrix
  /// The source weights a: n non-negative numbers, of any positive sum. Points of weight zero take no part.
  public let source: [Double]
  /// The target weights b: m non-negative numbers; their sum is that of `source` in a balanced problem.
  public let target: [Double]
  /// How far the marginals may depart from the weights; balanced problems prescribe them.
  public let relaxation: MarginalRelaxation

  /// - Parameters:
  ///   - cost: n×m.
  ///   - source: n weights; uniform with sum 1 when nil.
  ///   - target: m weights; uniform with sum 1 when nil. In a balanced problem they are rescaled by at most 1e-9 to the exact sum of
  ///     `source`.
  ///   - relaxation: none by default.
  /// - Throws: `ProblemError` when a size does not fit, a number is not finite (a cost may be +∞) or a cost beyond 1e150, a weight is negative, a ρ is, or
  ///   the sums of a balanced problem differ.
  public init(
    cost: Matrix, source: [Double]? = nil, target: [Double]? = nil, relaxation: MarginalRelaxation = .balanced
  ) throws(ProblemError) {
    if cost.rows == 0 || cost.columns == 0 { throw .empty(name: "the cost matrix") }
    let a = source ?? .uniform(cost.rows)
    let b = target ?? .uniform(cost.columns)
    if a.count != cost.rows || b.count != cost.columns {
      throw .shape(
        name: "the cost matrix", found: "\(cost.rows)×\(cost.columns) elements", expected: "\(a.count)×\(b.count) (weights)")
    }
    try ProblemError.validate(cost: cost, named: "the cost matrix", atMost: largestCost)
    try ProblemError.validate(weights: a, named: "the source weights")
    try ProblemError.validate(weights: b, named: "the target weights")
    try relaxation.validate()
    let largest = cost.elements.reduce(0) { $1 < .infinity ? max($0, abs($1)) : $0 } * max(compensatedSum(a), compensatedSum(b))
    if !largest.isFinite {
      throw .parameter(name: "the largest cost times the mass", found: "\(largest)", expected: "a number within the range of numbers")
    }
    self.cost = cost
    self.source = a
    self.relaxation = relaxation
    self.target = relaxation.isBalanced ? try Self.matched(b, to: a) : b
  }

  /// `target` rescaled to the sum of `source`, from which it may differ by 1e-9.
  static func matched(_ target: [Double], to source: [Double]) throws(ProblemError) -> [Double] {
    let (sourceMass, targetMass) = (compensatedSum(source), compensatedSum(target))
    try ProblemError.validate(massOf: sourceMass, equals: targetMass)
    return target.map { $0 * (sourceMass / targetMass) }
  }
}
