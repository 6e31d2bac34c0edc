import LinearAlgebra

/// The barycenter of measures on one fixed support: min over b of Σ_s λ_s OT(a_s, b).
public struct BarycenterProblem: Sendable {
  /// The measures a_s by rows: s×N non-negative numbers, every row with the same positive sum (to 1e-9; rescaled to that of the first).
  public let measures: Matrix
  /// λ, s non-negative numbers, rescaled to sum 1.
  public let shares: [Double]
  public let support: SupportGeometry

  /// - Parameters:
  ///   - measures: s×N, by rows.
  ///   - shares: λ; equal ones when nil.
  ///   - support: the cost among the N points.
  /// - Throws: `ProblemError` when a size does not fit, a number is negative or not finite, or masses differ.
  public init(measures: Matrix, shares: [Double]? = nil, support: SupportGeometry) throws(ProblemError) {
    try support.validate()
    if measures.rows == 0 { throw .empty(name: "the set of measures") }
    if measures.columns != support.count {
      throw .shape(name: "each measure", found: "\(measures.columns) weights", expected: "\(support.count) (points of the support)")
    }
    let shares = shares ?? .uniform(measures.rows)
    if shares.count != measures.rows {
      throw .shape(name: "the shares λ", found: "\(shares.count) elements", expected: "\(measures.rows) (measures)")
    }
    try ProblemError.validate(weights: shares, named: "the shares λ")
    let first = Array(measures[row: 0])
    try ProblemError.validate(weights: first, named: "measure 0")
    try ProblemError.validate(masses: [first])
    var elements: [Double] = []
    for s in 0..<measures.rows {
      let weights = Array(measures[row: s])
      try ProblemError.validate(weights: weights, named: "measure \(s)")
      do throws(ProblemError) {
        elements += try LinearProblem.matched(weights, to: first)
      } catch {
        guard case .massMismatch(let sum, let other) = error else { throw error }
        throw .parameter(name: "the sum of measure \(s)", found: "\(other)", expected: "\(sum), as of measure 0")
      }
    }
    let total = compensatedSum(shares)
    self.measures = Matrix(rows: measures.rows, columns: measures.columns, elements: elements)
    self.shares = shares.map { $0 / total }
    self.support = support
  }
}
