import LinearAlgebra

/// A balanced linear transport problem: min ⟨C, P⟩ over P ≥ 0 with P1 = a and Pᵀ1 = b.
public struct LinearProblem: Sendable {
  /// The cost C, n×m, finite; negative entries are allowed.
  public let cost: Matrix
  /// The source weights a: n non-negative numbers, of any positive sum. Points of weight zero take no part.
  public let source: [Double]
  /// The target weights b: m non-negative numbers whose sum is that of `source`.
  public let target: [Double]

  /// - Parameters:
  ///   - cost: n×m.
  ///   - source: n weights; uniform with sum 1 when nil.
  ///   - target: m weights; uniform with sum 1 when nil. They are rescaled by at most 1e-9 to the exact sum of `source`.
  /// - Throws: `ProblemError` when a size does not fit, a number is not finite, a weight is negative, or the sums differ.
  public init(cost: Matrix, source: [Double]? = nil, target: [Double]? = nil) throws(ProblemError) {
    if cost.rows == 0 || cost.columns == 0 { throw .empty(name: "the cost matrix") }
    let a = source ?? .uniform(cost.rows)
    let b = target ?? .uniform(cost.columns)
    if a.count != cost.rows || b.count != cost.columns {
      throw .shape(
        name: "the cost matrix", found: "\(cost.rows)×\(cost.columns) elements", expected: "\(a.count)×\(b.count) (weights)")
    }
    if let (row, column) = cost.firstNonFinite {
      throw .nonFinite(name: "the cost matrix", place: "(\(row), \(column))", value: cost[row, column])
    }
    try ProblemError.validate(weights: a, named: "the source weights")
    try ProblemError.validate(weights: b, named: "the target weights")
    let (sourceMass, targetMass) = (compensatedSum(a), compensatedSum(b))
    try ProblemError.validate(massOf: sourceMass, equals: targetMass)
    self.cost = cost
    self.source = a
    self.target = b.map { $0 * (sourceMass / targetMass) }
  }
}

extension [Double] {
  /// `count` equal weights that sum to 1.
  public static func uniform(_ count: Int) -> [Double] { [Double](repeating: 1 / Double(count), count: count) }
}
