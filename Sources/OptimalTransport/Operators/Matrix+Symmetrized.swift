import LinearAlgebra

extension Matrix {
  /// Returns this square matrix with mirrored elements replaced by their means.
  ///
  /// Each pair is judged separately: its elements may differ by a fraction of the larger one, or, if cancellation has
  /// left both small, by the same fraction of what is typical in their two rows. The overall maximum of the matrix is
  /// not a suitable reference.
  ///
  /// - Parameter tolerance: the allowed relative difference.
  /// - Returns: the symmetric matrix, the largest difference that was removed, and the first pair that differs by
  ///   more, if any.
  package func symmetrized(within tolerance: Double) -> (
    matrix: Matrix, change: Double, failure: (row: Int, column: Int)?
  ) {
    var (result, change) = (self, 0.0)
    var medians: [Int: Double] = [:]
    func usual(_ row: Int) -> Double {
      if let known = medians[row] { return known }
      let sizes = self[row: row].map(abs).sorted()
      medians[row] = sizes[sizes.count / 2]
      return sizes[sizes.count / 2]
    }
    for i in 0..<rows {
      for j in 0..<i where self[i, j] != self[j, i] {
        let difference = abs(self[i, j] - self[j, i])
        if !(difference <= tolerance * max(abs(self[i, j]), abs(self[j, i]))),
          !(difference <= tolerance * min(usual(i), usual(j)))
        {
          return (self, change, (j, i))
        }
        change = max(change, difference)
        let mean = (self[i, j] + self[j, i]) / 2
        result[i, j] = mean
        result[j, i] = mean
      }
    }
    return (result, change, nil)
  }
}
