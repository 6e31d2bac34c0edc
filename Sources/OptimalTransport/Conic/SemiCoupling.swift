import LinearAlgebra

/// Two measures on pairs of n and m points: P0 has the first marginal, P1 the second. Mass that goes from i to j leaves as P0_ij and arrives as
/// P1_ij; where nothing is worth the way, rows of P0 or columns of P1 are zero, and that mass is destroyed or created.
public struct SemiCoupling: Sendable {
  /// P0, n×m.
  public let first: Matrix
  /// P1, n×m.
  public let second: Matrix

  public init(first: Matrix, second: Matrix) {
    precondition(first.rows == second.rows && first.columns == second.columns, "semi-couplings have one shape")
    self.first = first
    self.second = second
  }

  /// √(P0 P1): how much of i and j is matched. Zero where mass is destroyed; barycentric projections are taken by it.
  public var matching: Matrix { Matrix(geometricMean: first, second) }

  /// The mass of the first marginal that is destroyed, and of the second that is created.
  public func unmatched(source: [Double], target: [Double]) -> (source: Double, target: Double) {
    func missing(_ weights: [Double], _ sums: [Double]) -> Double { compensatedSum(zip(weights, sums).map { max($0 - $1, 0) }) }
    return (missing(source, first.rowSums), missing(target, second.columnSums))
  }
}

extension Matrix {
  /// √(x y), element by element.
  init(geometricMean x: Matrix, _ y: Matrix) {
    self.init(rows: x.rows, columns: x.columns, elements: zip(x.elements, y.elements).map { ($0 * $1).squareRoot() })
  }
}
