import LinearAlgebra

extension Gaussian {
  /// Draws independent points: m + Σ^{1/2} z for standard normal z.
  ///
  /// - Parameters:
  ///   - count: n.
  ///   - random: where the numbers come from.
  /// - Returns: n points, one a row. O(n d²).
  public func samples(_ count: Int, from random: inout SeededGenerator) -> Matrix {
    let normal = Matrix(rows: count, columns: mean.count) { _, _ in random.normal() }
    let spread = normal * root
    return Matrix(rows: count, columns: mean.count) { spread[$0, $1] + mean[$1] }
  }
}
