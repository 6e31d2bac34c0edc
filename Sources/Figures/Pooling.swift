import LinearAlgebra

extension Matrix {
  /// The sums over blocks of neighbouring rows and columns, so that at most `side` are left of each: what a heat map of a large plan shows.
  /// Nothing is lost: the sum of all elements stays.
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
