import LinearAlgebra

/// A semi-coupling: two measures P0 and P1 on pairs of n and m points, of which P0 has the first marginal and P1 the
/// second.
///
/// Mass that moves from i to j leaves as P0_ij and arrives as P1_ij. Where moving is too expensive, rows of P0 or
/// columns of P1 have no partner, and their mass is destroyed or created.
public struct SemiCoupling: Sendable {
  /// The source semi-coupling P0, n×m.
  public let source: Matrix
  /// The target semi-coupling P1, n×m.
  public let target: Matrix

  /// Creates a semi-coupling from two matrices of the same shape.
  public init(source: Matrix, target: Matrix) {
    precondition(
      source.rows == target.rows && source.columns == target.columns,
      "both parts of a semi-coupling must have the same shape")
    self.source = source
    self.target = target
  }

  /// The geometric mean √(P0 P1), which measures how much of i and j is matched.
  ///
  /// It is zero where mass is destroyed, and gives the weights of barycentric projections.
  public var matching: Matrix { Matrix(geometricMean: source, target) }

  /// Returns the mass of the first marginal that is destroyed, and the mass of the second marginal that is created.
  public func unmatched(source: [Double], target: [Double]) -> (source: Double, target: Double) {
    func missing(_ weights: [Double], _ sums: [Double]) -> Double {
      compensatedSum(zip(weights, sums).map { max($0 - $1, 0) })
    }
    return (missing(source, self.source.rowSums), missing(target, self.target.columnSums))
  }
}

extension Matrix {
  /// Creates the elementwise geometric mean √(x y).
  init(geometricMean x: Matrix, _ y: Matrix) {
    self.init(rows: x.rows, columns: x.columns, elements: zip(x.elements, y.elements).map { ($0 * $1).squareRoot() })
  }
}
