import LinearAlgebra

extension Matrix {
  /// This square matrix with mirrored elements made equal to their mean.
  ///
  /// Each pair is judged by itself: its elements differ by a share of the larger one, or, where both are what cancellation left, by the same share of
  /// what is usual in their two rows. The largest element of all says nothing of the others.
  ///
  /// - Parameter tolerance: the share.
  /// - Returns: the matrix and the largest difference that was taken out; the first pair that differs by more, if there is one.
  package func symmetrized(within tolerance: Double) -> (matrix: Matrix, change: Double, failure: (row: Int, column: Int)?) {
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
        if !(difference <= tolerance * max(abs(self[i, j]), abs(self[j, i]))), !(difference <= tolerance * min(usual(i), usual(j))) {
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
