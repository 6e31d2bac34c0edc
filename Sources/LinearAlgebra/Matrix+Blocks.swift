import COpenBLAS

extension Matrix {
  /// Overwrites some rows of this matrix by `block` B, `block` having a row for each of them.
  public mutating func setRows(_ range: Range<Int>, toProduct block: Matrix, _ b: Matrix) {
    precondition(block.rows == range.count && block.columns == b.rows && columns == b.columns, "the product does not fit the rows")
    let (m, n, k) = (Int32(range.count), Int32(columns), Int32(b.rows))
    guard m > 0, n > 0, k > 0 else { return }
    withUnsafeMutableElements { out in
      block.withUnsafeElements { block in
        b.withUnsafeElements { b in
          cblas_dgemm(
            CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, block, k, b, n, 0, out + range.lowerBound * Int(n), n)
        }
      }
    }
  }

  /// Overwrites some columns of this matrix by `scale` A `block`ᵀ, or adds that to them, `block` having a row for each of them.
  public mutating func addTransposedProduct(
    toColumns range: Range<Int>, _ a: Matrix, _ block: Matrix, scale: Double = 1, overwriting: Bool = false
  ) {
    precondition(block.rows == range.count && block.columns == a.columns && rows == a.rows, "the product does not fit the columns")
    let (m, n, k, stride) = (Int32(rows), Int32(range.count), Int32(a.columns), Int32(columns))
    guard m > 0, n > 0, k > 0 else { return }
    withUnsafeMutableElements { out in
      a.withUnsafeElements { a in
        block.withUnsafeElements { block in
          cblas_dgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, m, n, k, scale, a, k, block, k, overwriting ? 0 : 1, out + range.lowerBound, stride)
        }
      }
    }
  }
}
