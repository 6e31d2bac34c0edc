import COpenBLAS

/// Overwrites the lower triangle of `product` (size×size, by rows) by that of A Bᵀ in single precision, A and B being size×inner and their product
/// symmetric; what it leaves above the diagonal means nothing. Little more than half of the whole product's operations.
public func singlePrecisionLowerProduct(_ a: [Float], _ b: [Float], size: Int, inner: Int, into product: inout [Float]) {
  precondition(a.count == size * inner && b.count == a.count && product.count == size * size, "the factors do not fit")
  // So many that each is still a product at full speed.
  let panels = max(1, min(8, size / 64))
  a.withUnsafeBufferPointer { a in
    product.withUnsafeMutableBufferPointer { product in
      guard let a = a.baseAddress, let product = product.baseAddress, inner > 0 else { return product.update(repeating: 0) }
      for panel in 0..<panels {
        let rows = panel * size / panels..<(panel + 1) * size / panels
        cblas_sgemm(
          CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows.count), Int32(rows.upperBound), Int32(inner), 1,
          a + rows.lowerBound * inner, Int32(inner), b, Int32(inner), 0, product + rows.lowerBound * size, Int32(size))
      }
    }
  }
}

/// Overwrites `product` (rows×columns) by S B in single precision, of a symmetric S only the lower triangle being read.
public func singlePrecisionProduct(lower s: [Float], _ b: [Float], rows: Int, columns: Int, into product: inout [Float]) {
  precondition(s.count == rows * rows && b.count == rows * columns && product.count == b.count, "the factors do not fit")
  cblas_ssymm(
    CblasRowMajor, CblasLeft, CblasLower, Int32(rows), Int32(columns), 1, s, Int32(rows), b, Int32(columns), 0, &product, Int32(columns))
}
