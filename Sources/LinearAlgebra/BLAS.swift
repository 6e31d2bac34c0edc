import CKernels
import COpenBLAS

/// Matrix products by OpenBLAS, each call on the thread that makes it.
///
/// OpenBLAS has one thread count for the whole process. It is set to 1 before the first product and never changed;
/// large products are split into panels here, and `Threads` decides how many panels run at once. A thread limit
/// therefore applies to products as to all other work, and no bit of a product depends on it.
///
/// BLAS indexes with 32 bits. Panels are shorter than that; plain loops handle matrices with longer rows.
enum BLAS {
  /// Sets OpenBLAS's thread count; must be called before any BLAS routine.
  static func prepare() { _ = isPrepared }

  private static let isPrepared: Bool = {
    openblas_set_num_threads(1)
    return true
  }()

  /// The longest row that BLAS can index.
  static let longestRow = Int(Int32.max)

  /// The shapes of two row-major factors: rows×inner and inner×columns (columns×inner if the second is transposed).
  struct Shape {
    var rows: Int
    let inner: Int
    var columns: Int
    let isTransposed: Bool
    /// The distance in memory between consecutive rows of the second factor.
    let step: Int
    /// The distance in memory between consecutive rows of the product.
    let stride: Int

    init(rows: Int, inner: Int, columns: Int, isTransposed: Bool = false, stride: Int? = nil) {
      (self.rows, self.inner, self.columns, self.isTransposed) = (rows, inner, columns, isTransposed)
      step = isTransposed ? inner : columns
      self.stride = stride ?? columns
    }
  }

  /// Computes out = scale · A B + kept · out, or A Bᵀ in place of A B as `shape` says.
  ///
  /// - Parameters:
  ///   - shape: the shapes of the factors and whether the second is transposed.
  ///   - scale: the factor of the product.
  ///   - a: A, row-major.
  ///   - b: B, row-major.
  ///   - kept: the factor of what `out` holds already; 0 overwrites it.
  ///   - out: the product, row-major.
  ///   - longestRow: the longest row that BLAS is given; matrices with longer rows are multiplied by loops.
  static func multiply<T: BLASNumber>(
    _ shape: Shape, scale: T = 1, _ a: UnsafePointer<T>, _ b: UnsafePointer<T>, keeping kept: T = 0,
    into out: UnsafeMutablePointer<T>,
    longestRow: Int = longestRow
  ) {
    guard shape.rows > 0, shape.columns > 0 else { return }
    prepare()
    let fits = shape.inner > 0 && max(shape.inner, shape.step, shape.stride) <= longestRow
    nonisolated(unsafe) let (a, b, out) = (a, b, out)
    let cutsRows = shape.rows >= shape.columns
    forEachPanel(
      of: max(shape.rows, shape.columns), operations: Double(shape.rows) * Double(shape.inner) * Double(shape.columns)
    ) {
      panel in
      var (part, a, b, out) = (shape, a, b, out)
      if cutsRows {
        part.rows = panel.count
        a += panel.lowerBound * shape.inner
        out += panel.lowerBound * shape.stride
      } else {
        part.columns = panel.count
        b += panel.lowerBound * (shape.isTransposed ? shape.inner : 1)
        out += panel.lowerBound
      }
      if fits { T.gemm(part, scale, a, b, kept, out) } else { loops(part, scale, a, b, kept, out) }
    }
  }

  /// Runs `body` on panels of rows or columns, cut at multiples of 32.
  ///
  /// Small products have one panel; others have eight, or more if a panel would otherwise be too long for BLAS to
  /// index.
  static func forEachPanel(of count: Int, operations: Double, _ body: @Sendable (Range<Int>) -> Void) {
    let block = 32
    let blocks = (count + block - 1) / block
    let panels = operations < 4e6 ? 1 : max(min(8, blocks / 2), count >> 30 + 1)
    forEachChunk(of: blocks, chunks: panels) { _, range in
      body(range.lowerBound * block..<min(range.upperBound * block, count))
    }
  }

  /// Computes y = A x or Aᵀ x for a row-major rows×columns matrix A.
  static func multiply(
    _ rows: Int, _ columns: Int, _ a: UnsafePointer<Double>, _ x: [Double], transposed: Bool,
    into y: UnsafeMutableBufferPointer<Double>,
    longestRow: Int = longestRow
  ) {
    guard let start = y.baseAddress else { return }
    prepare()
    let fits = columns <= longestRow
    nonisolated(unsafe) let (a, out) = (a, start)
    if transposed {
      if fits, rows <= longestRow {
        return cblas_dgemv(
          CblasRowMajor, CblasTrans, Int32(rows), Int32(columns), 1, a, Int32(columns), x, 1, 0, out, 1)
      }
      for i in 0..<rows { ck_axpy(x[i], a + i * columns, out, columns) }
    } else {
      forEachPanel(of: rows, operations: Double(rows) * Double(columns)) { panel in
        let (a, out) = (a + panel.lowerBound * columns, out + panel.lowerBound)
        if fits {
          cblas_dgemv(
            CblasRowMajor, CblasNoTrans, Int32(panel.count), Int32(columns), 1, a, Int32(columns), x, 1, 0, out, 1)
        } else {
          for i in 0..<panel.count { out[i] = ck_dot(a + i * columns, x, columns) }
        }
      }
    }
  }

  private static func loops<T: BLASNumber>(
    _ shape: Shape, _ scale: T, _ a: UnsafePointer<T>, _ b: UnsafePointer<T>, _ kept: T, _ out: UnsafeMutablePointer<T>
  ) {
    for i in 0..<shape.rows {
      for j in 0..<shape.columns {
        var sum: T = 0
        for k in 0..<shape.inner {
          sum += a[i * shape.inner + k] * (shape.isTransposed ? b[j * shape.inner + k] : b[k * shape.step + j])
        }
        let place = i * shape.stride + j
        out[place] = scale * sum + (kept == 0 ? 0 : kept * out[place])
      }
    }
  }
}

/// A floating-point type whose matrices BLAS multiplies.
protocol BLASNumber: BinaryFloatingPoint, Sendable {
  /// Computes what `BLAS.multiply` describes in one BLAS call.
  static func gemm(
    _ shape: BLAS.Shape, _ scale: Self, _ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>, _ kept: Self,
    _ out: UnsafeMutablePointer<Self>)
}

extension BLAS.Shape {
  fileprivate var sizes: (m: Int32, n: Int32, k: Int32, step: Int32, stride: Int32) {
    (Int32(rows), Int32(columns), Int32(inner), Int32(step), Int32(stride))
  }

  fileprivate var transposition: CBLAS_TRANSPOSE { isTransposed ? CblasTrans : CblasNoTrans }
}

extension Double: BLASNumber {
  static func gemm(
    _ shape: BLAS.Shape, _ scale: Self, _ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>, _ kept: Self,
    _ out: UnsafeMutablePointer<Self>
  ) {
    let (m, n, k, step, stride) = shape.sizes
    cblas_dgemm(CblasRowMajor, CblasNoTrans, shape.transposition, m, n, k, scale, a, k, b, step, kept, out, stride)
  }
}

extension Float: BLASNumber {
  static func gemm(
    _ shape: BLAS.Shape, _ scale: Self, _ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>, _ kept: Self,
    _ out: UnsafeMutablePointer<Self>
  ) {
    let (m, n, k, step, stride) = shape.sizes
    cblas_sgemm(CblasRowMajor, CblasNoTrans, shape.transposition, m, n, k, scale, a, k, b, step, kept, out, stride)
  }
}
