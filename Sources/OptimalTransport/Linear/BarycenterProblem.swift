import LinearAlgebra

/// The Wasserstein barycenter of measures on one fixed support: min over b of Σ_s λ_s OT(a_s, b).
public struct BarycenterProblem: Sendable {
  /// The measures a_s, one per row: s×N nonnegative numbers.
  ///
  /// All rows have the same positive sum, to a relative 1e-9, and are rescaled to that of the first row.
  public let measures: Matrix
  /// The barycentric weights λ, s nonnegative numbers with sum 1.
  public let shares: [Double]
  /// The cost between the N support points.
  public let support: SupportGeometry

  /// Creates a problem.
  ///
  /// - Parameters:
  ///   - measures: the measures, s×N, one per row.
  ///   - shares: the barycentric weights λ, rescaled to sum 1; equal if nil.
  ///   - support: the cost between the N support points.
  /// - Throws: `ProblemError` if a size does not fit, a number is negative or not finite, or masses differ.
  public init(measures: Matrix, shares: [Double]? = nil, support: SupportGeometry) throws(ProblemError) {
    try support.validate()
    if measures.rows == 0 { throw .empty(name: "the set of measures") }
    if measures.columns != support.count {
      throw .shape(
        name: "each measure", found: "\(measures.columns) weights", expected: "\(support.count) (points of the support)"
      )
    }
    let shares = shares ?? .uniform(measures.rows)
    if shares.count != measures.rows {
      throw .shape(name: "the weights λ", found: "\(shares.count) elements", expected: "\(measures.rows) (measures)")
    }
    try ProblemError.validate(weights: shares, named: "the weights λ")
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
        throw .parameter(name: "the sum of measure \(s)", found: "\(other)", expected: "\(sum) (the sum of measure 0)")
      }
    }
    let total = compensatedSum(shares)
    self.measures = Matrix(rows: measures.rows, columns: measures.columns, elements: elements)
    self.shares = shares.map { $0 / total }
    self.support = support
  }
}
