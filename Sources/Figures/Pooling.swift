import LinearAlgebra

extension Matrix {
  /// Returns the sums over blocks of neighboring rows and columns, at most `side` of each.
  ///
  /// A heat map of a large plan shows these sums; the sum of all elements is kept.
  ///
  /// - Parameter side: the largest number of rows and of columns.
  /// - Returns: The pooled matrix.
  public func pooled(to side: Int = 240) -> Matrix {
    let (rows, columns) = (min(self.rows, side), min(self.columns, side))
    if rows == self.rows, columns == self.columns { return self }
    var result = Matrix(rows: rows, columns: columns)
    for i in 0..<self.rows {
      let target = i * rows / self.rows
      for j in 0..<self.columns { result[target, j * columns / self.columns] += self[i, j] }
    }
    return result
  }
}
