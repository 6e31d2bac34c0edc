import CKernels
import COpenBLAS

/// Products by OpenBLAS, each call on the thread that makes it.
///
/// OpenBLAS has one number of threads for the whole process. It is set to one before the first product and never again; large products are cut into
/// panels here, and the panels shared out as `Threads` allows. So a limit reaches products as it reaches all other work, and no bit of a product
/// depends on it.
///
/// BLAS counts in 32 bits. Panels are shorter than that; where rows are longer, plain loops take its place.
enum BLAS {
  /// To be called before BLAS is.
  static func prepare() { _ = isPrepared }

  private static let isPrepared: Bool = {
    openblas_set_num_threads(1)
    return true
  }()

  /// The longest row that BLAS can be given.
  static let longestRow = Int(Int32.max)

  /// Two factors, rows×inner and inner×columns (columns×inner where the second is taken transposed), all by rows.
  struct Shape {
    var rows: Int
    let inner: Int
    var columns: Int
    let isTransposed: Bool
    /// From one row of the second factor to the next.
    let step: Int
    /// From one row of the product to the next.
    let stride: Int

    init(rows: Int, inner: Int, columns: Int, isTransposed: Bool = false, stride: Int? = nil) {
      (self.rows, self.inner, self.columns, self.isTransposed) = (rows, inner, columns, isTransposed)
      step = isTransposed ? inner : columns
      self.stride = stride ?? columns
    }
  }

  /// out = scale A B + kept out, or with Bᵀ in place of B.
  ///
  /// - Parameter longestRow: that BLAS is given; longer ones are multiplied by loops.
  static func multiply<T: BLASNumber>(
    _ shape: Shape, scale: T = 1, _ a: UnsafePointer<T>, _ b: UnsafePointer<T>, keeping kept: T = 0, into out: UnsafeMutablePointer<T>,
    longestRow: Int = longestRow
  ) {
    guard shape.rows > 0, shape.columns > 0 else { return }
    prepare()
    let fits = shape.inner > 0 && max(shape.inner, shape.step, shape.stride) <= longestRow
    nonisolated(unsafe) let (a, b, out) = (a, b, out)
    let cutsRows = shape.rows >= shape.columns
    forEachPanel(of: max(shape.rows, shape.columns), operations: Double(shape.rows) * Double(shape.inner) * Double(shape.columns)) {
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

  /// Runs `body` on panels of rows or columns: one where there is little to do, else eight (more where there are more than BLAS can count), cut at
  /// multiples of 32.
  static func forEachPanel(of count: Int, operations: Double, _ body: @Sendable (Range<Int>) -> Void) {
    let block = 32
    let blocks = (count + block - 1) / block
    let panels = operations < 4e6 ? 1 : max(min(8, blocks / 2), count >> 30 + 1)
    forEachChunk(of: blocks, chunks: panels) { _, range in body(range.lowerBound * block..<min(range.upperBound * block, count)) }
  }

  /// y = A x or Aᵀ x for a rows×columns matrix by rows.
  static func multiply(
    _ rows: Int, _ columns: Int, _ a: UnsafePointer<Double>, _ x: [Double], transposed: Bool, into y: UnsafeMutableBufferPointer<Double>,
    longestRow: Int = longestRow
  ) {
    guard let start = y.baseAddress else { return }
    prepare()
    let fits = columns <= longestRow
    nonisolated(unsafe) let (a, out) = (a, start)
    if transposed {
      if fits, rows <= longestRow {
        return cblas_dgemv(CblasRowMajor, CblasTrans, Int32(rows), Int32(columns), 1, a, Int32(columns), x, 1, 0, out, 1)
      }
      for i in 0..<rows { ck_axpy(x[i], a + i * columns, out, columns) }
    } else {
      forEachPanel(of: rows, operations: Double(rows) * Double(columns)) { panel in
        let (a, out) = (a + panel.lowerBound * columns, out + panel.lowerBound)
        if fits {
          cblas_dgemv(CblasRowMajor, CblasNoTrans, Int32(panel.count), Int32(columns), 1, a, Int32(columns), x, 1, 0, out, 1)
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
        for k in 0..<shape.inner { sum += a[i * shape.inner + k] * (shape.isTransposed ? b[j * shape.inner + k] : b[k * shape.step + j]) }
        let place = i * shape.stride + j
        out[place] = scale * sum + (kept == 0 ? 0 : kept * out[place])
      }
    }
  }
}

/// A number that BLAS multiplies matrices of.
protocol BLASNumber: BinaryFloatingPoint, Sendable {
  /// What `BLAS.multiply` says, in one call of BLAS.
  static func gemm(
    _ shape: BLAS.Shape, _ scale: Self, _ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>, _ kept: Self, _ out: UnsafeMutablePointer<Self>)
}

extension BLAS.Shape {
  fileprivate var sizes: (m: Int32, n: Int32, k: Int32, step: Int32, stride: Int32) {
    (Int32(rows), Int32(columns), Int32(inner), Int32(step), Int32(stride))
  }

  fileprivate var transposition: CBLAS_TRANSPOSE { isTransposed ? CblasTrans : CblasNoTrans }
}

extension Double: BLASNumber {
  static func gemm(
    _ shape: BLAS.Shape, _ scale: Self, _ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>, _ kept: Self, _ out: UnsafeMutablePointer<Self>
  ) {
    let (m, n, k, step, stride) = shape.sizes
    cblas_dgemm(CblasRowMajor, CblasNoTrans, shape.transposition, m, n, k, scale, a, k, b, step, kept, out, stride)
  }
}

extension Float: BLASNumber {
  static func gemm(
    _ shape: BLAS.Shape, _ scale: Self, _ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>, _ kept: Self, _ out: UnsafeMutablePointer<Self>
  ) {
    let (m, n, k, step, stride) = shape.sizes
    cblas_sgemm(CblasRowMajor, CblasNoTrans, shape.transposition, m, n, k, scale, a, k, b, step, kept, out, stride)
  }
}
