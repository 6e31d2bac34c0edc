extension Matrix {
  /// The matrix product A B, computed by BLAS.
  ///
  /// - Complexity: 2 · rows · inner · columns floating-point operations
  public static func * (a: Matrix, b: Matrix) -> Matrix {
    var product = Matrix(rows: a.rows, columns: b.columns)
    product.setToProduct(a, b)
    return product
  }

  /// Overwrites this matrix with A B, without allocating.
  public mutating func setToProduct(_ a: Matrix, _ b: Matrix) {
    precondition(a.columns == b.rows, "cannot multiply \(a.rows)×\(a.columns) by \(b.rows)×\(b.columns)")
    precondition(rows == a.rows && columns == b.columns, "the product does not fit into a \(rows)×\(columns) matrix")
    add(1, a, b, transposed: false, keeping: 0)
  }

  /// Adds `scale` A Bᵀ to this matrix, or overwrites it with that product, without allocating.
  public mutating func addTransposedProduct(_ a: Matrix, _ b: Matrix, scale: Double = 1, overwriting: Bool = false) {
    precondition(
      a.columns == b.columns, "cannot multiply \(a.rows)×\(a.columns) by the transposed \(b.rows)×\(b.columns)")
    precondition(rows == a.rows && columns == b.rows, "the product does not fit into a \(rows)×\(columns) matrix")
    add(scale, a, b, transposed: true, keeping: overwriting ? 0 : 1)
  }

  private mutating func add(_ scale: Double, _ a: Matrix, _ b: Matrix, transposed: Bool, keeping kept: Double) {
    guard rows > 0, columns > 0 else { return }
    guard a.columns > 0 else {
      if kept == 0 { elements = [Double](repeating: 0, count: rows * columns) }
      return
    }
    let shape = BLAS.Shape(rows: rows, inner: a.columns, columns: columns, isTransposed: transposed)
    withUnsafeMutableElements { out in
      a.withUnsafeElements { a in
        b.withUnsafeElements { b in BLAS.multiply(shape, scale: scale, a, b, keeping: kept, into: out) }
      }
    }
  }

  /// The matrix–vector product A x.
  public static func * (a: Matrix, x: [Double]) -> [Double] {
    a.applied(to: x, transpose: false)
  }

  /// The product Aᵀ x, without forming Aᵀ.
  public func transposedProduct(_ x: [Double]) -> [Double] {
    applied(to: x, transpose: true)
  }

  private func applied(to x: [Double], transpose: Bool) -> [Double] {
    precondition(x.count == (transpose ? rows : columns), "the vector does not fit the matrix")
    var y = [Double](repeating: 0, count: transpose ? columns : rows)
    guard rows > 0, columns > 0 else { return y }
    withUnsafeElements { a in
      y.withUnsafeMutableBufferPointer { BLAS.multiply(rows, columns, a, x, transposed: transpose, into: $0) }
    }
    return y
  }
}

/// Overwrites `product` with A B, or with A Bᵀ, in single precision.
///
/// All arrays are row-major.
///
/// - Parameters:
///   - a: A, rows×inner.
///   - b: B, inner×columns; columns×inner if `transposed`.
///   - transposed: whether B is transposed.
///   - rows: the number of rows of the product.
///   - inner: the number of columns of A.
///   - columns: the number of columns of the product.
///   - product: the result, rows×columns.
public func singlePrecisionProduct(
  _ a: [Float], _ b: [Float], transposed: Bool = false, rows: Int, inner: Int, columns: Int, into product: inout [Float]
) {
  precondition(
    a.count == rows * inner && b.count == inner * columns && product.count == rows * columns, "the factors do not fit")
  let shape = BLAS.Shape(rows: rows, inner: inner, columns: columns, isTransposed: transposed)
  a.withUnsafeBufferPointer { a in
    b.withUnsafeBufferPointer { b in
      product.withUnsafeMutableBufferPointer { product in
        guard let out = product.baseAddress, let a = a.baseAddress, let b = b.baseAddress else {
          return product.update(repeating: 0)
        }
        BLAS.multiply(shape, a, b, into: out)
      }
    }
  }
}

/// Overwrites `product` (rows×columns) with A B in single precision, on row-major memory that the caller owns.
public func singlePrecisionProduct(
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, rows: Int, inner: Int, columns: Int,
  into product: UnsafeMutablePointer<Float>
) {
  BLAS.multiply(BLAS.Shape(rows: rows, inner: inner, columns: columns), a, b, into: product)
}

/// Overwrites `product` (rows×columns) with A B in double precision, on row-major memory that the caller owns.
public func doublePrecisionProduct(
  _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, rows: Int, inner: Int, columns: Int,
  into product: UnsafeMutablePointer<Double>
) {
  BLAS.multiply(BLAS.Shape(rows: rows, inner: inner, columns: columns), a, b, into: product)
}
