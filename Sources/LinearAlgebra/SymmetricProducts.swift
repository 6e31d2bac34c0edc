import COpenBLAS

/// Overwrites the lower triangle of `product` with that of A Bᵀ in single precision, where A Bᵀ is known to be
/// symmetric.
///
/// A and B are size×inner, `product` is size×size, all row-major. Elements above the diagonal are left with
/// unspecified values. The work is little more than half of that of the full product.
public func singlePrecisionLowerProduct(_ a: [Float], _ b: [Float], size: Int, inner: Int, into product: inout [Float])
{
  precondition(a.count == size * inner && b.count == a.count && product.count == size * size, "the factors do not fit")
  // At most as many panels as keep each product at full speed.
  let panels = max(1, min(8, size / 64))
  BLAS.prepare()
  a.withUnsafeBufferPointer { a in
    b.withUnsafeBufferPointer { b in
      product.withUnsafeMutableBufferPointer { product in
        guard let start = a.baseAddress, let second = b.baseAddress, let out = product.baseAddress, inner > 0 else {
          return product.update(repeating: 0)
        }
        nonisolated(unsafe) let (a, b, product) = (start, second, out)
        forEachChunk(of: size, chunks: panels) { _, rows in
          cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows.count), Int32(rows.upperBound), Int32(inner), 1,
            a + rows.lowerBound * inner, Int32(inner), b, Int32(inner), 0, product + rows.lowerBound * size, Int32(size)
          )
        }
      }
    }
  }
}

/// Overwrites `product` (rows×columns) with S B in single precision, reading only the lower triangle of the symmetric
/// S.
public func singlePrecisionProduct(lower s: [Float], _ b: [Float], rows: Int, columns: Int, into product: inout [Float])
{
  precondition(
    s.count == rows * rows && b.count == rows * columns && product.count == b.count, "the factors do not fit")
  BLAS.prepare()
  b.withUnsafeBufferPointer { b in
    product.withUnsafeMutableBufferPointer { product in
      guard let second = b.baseAddress, let out = product.baseAddress else { return }
      nonisolated(unsafe) let (b, product) = (second, out)
      BLAS.forEachPanel(of: columns, operations: Double(rows) * Double(rows) * Double(columns)) { panel in
        cblas_ssymm(
          CblasRowMajor, CblasLeft, CblasLower, Int32(rows), Int32(panel.count), 1, s, Int32(rows),
          b + panel.lowerBound, Int32(columns), 0,
          product + panel.lowerBound, Int32(columns))
      }
    }
  }
}
