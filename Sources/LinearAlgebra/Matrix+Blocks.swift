extension Matrix {
  /// Overwrites the rows in `range` with `block` · `b`, where `block` has one row for each of them.
  public mutating func setRows(_ range: Range<Int>, toProduct block: Matrix, _ b: Matrix) {
    precondition(
      block.rows == range.count && block.columns == b.rows && columns == b.columns, "the product does not fit the rows")
    guard !range.isEmpty, columns > 0, b.rows > 0 else { return }
    let shape = BLAS.Shape(rows: range.count, inner: b.rows, columns: columns)
    withUnsafeMutableElements { out in
      block.withUnsafeElements { block in
        b.withUnsafeElements { b in BLAS.multiply(shape, block, b, into: out + range.lowerBound * shape.columns) }
      }
    }
  }

  /// Sets or increments the columns in `range` by `scale` · `a` · `block`ᵀ, where `block` has one row for each
  /// column.
  public mutating func addTransposedProduct(
    toColumns range: Range<Int>, _ a: Matrix, _ block: Matrix, scale: Double = 1, overwriting: Bool = false
  ) {
    precondition(
      block.rows == range.count && block.columns == a.columns && rows == a.rows, "the product does not fit the columns")
    guard rows > 0, !range.isEmpty, a.columns > 0 else { return }
    let shape = BLAS.Shape(rows: rows, inner: a.columns, columns: range.count, isTransposed: true, stride: columns)
    withUnsafeMutableElements { out in
      a.withUnsafeElements { a in
        block.withUnsafeElements { block in
          BLAS.multiply(shape, scale: scale, a, block, keeping: overwriting ? 0 : 1, into: out + range.lowerBound)
        }
      }
    }
  }
}
