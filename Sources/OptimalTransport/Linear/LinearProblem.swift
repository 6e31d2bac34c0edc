import LinearAlgebra

/// A linear transport problem: min ⟨C, P⟩ over P ≥ 0 with P1 = a and Pᵀ1 = b, or with relaxed marginals.
public struct LinearProblem: Sendable {
  /// The cost C, n×m, of magnitude at most 1e150; entries may be negative.
  ///
  /// An entry of +∞ forbids a pair: no plan has mass there.
  public let cost: Matrix
  /// The source weights a: n nonnegative numbers with any positive sum.
  ///
  /// Points of weight zero are ignored.
  public let source: [Double]
  /// The target weights b: m nonnegative numbers, in a balanced problem with the same sum as `source`.
  public let target: [Double]
  /// The penalty weights of the marginals; balanced problems prescribe both.
  public let relaxation: MarginalRelaxation

  /// Creates a problem.
  ///
  /// - Parameters:
  ///   - cost: the cost, n×m; +∞ forbids a pair.
  ///   - source: n weights; uniform with sum 1 if nil.
  ///   - target: m weights; uniform with sum 1 if nil. In a balanced problem they may differ by a relative 1e-9 from
  ///     the sum of `source`, to which they are rescaled.
  ///   - relaxation: the penalty weights of the marginals; both prescribed by default.
  /// - Throws: `ProblemError` if a size does not fit, a number is not finite (except +∞ in the cost) or a cost
  ///   exceeds 1e150, a weight or a ρ is negative, or the sums of a balanced problem differ.
  public init(
    cost: Matrix, source: [Double]? = nil, target: [Double]? = nil, relaxation: MarginalRelaxation = .balanced
  ) throws(ProblemError) {
    if cost.rows == 0 || cost.columns == 0 { throw .empty(name: "the cost matrix") }
    let a = source ?? .uniform(cost.rows)
    let b = target ?? .uniform(cost.columns)
    if a.count != cost.rows || b.count != cost.columns {
      throw .shape(
        name: "the cost matrix", found: "\(cost.rows)×\(cost.columns) elements",
        expected: "\(a.count)×\(b.count) (weights)")
    }
    try ProblemError.validate(cost: cost, named: "the cost matrix", atMost: largestCost)
    try ProblemError.validate(weights: a, named: "the source weights")
    try ProblemError.validate(weights: b, named: "the target weights")
    try relaxation.validate()
    let largest =
      cost.elements.reduce(0) { $1 < .infinity ? max($0, abs($1)) : $0 } * max(compensatedSum(a), compensatedSum(b))
    if !largest.isFinite {
      throw .parameter(
        name: "the largest cost times the mass", found: "\(largest)", expected: "a product that does not overflow")
    }
    self.cost = cost
    self.source = a
    self.relaxation = relaxation
    self.target = relaxation.isBalanced ? try Self.matched(b, to: a) : b
  }

  /// Returns `target` rescaled to the sum of `source`, from which it may differ by a relative 1e-9.
  static func matched(_ target: [Double], to source: [Double]) throws(ProblemError) -> [Double] {
    let (sourceMass, targetMass) = (compensatedSum(source), compensatedSum(target))
    try ProblemError.validate(massOf: sourceMass, equals: targetMass)
    return target.map { $0 * (sourceMass / targetMass) }
  }
}
