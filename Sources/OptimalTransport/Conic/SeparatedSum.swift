import CKernels
import Glibc
import LinearAlgebra

/// A separable approximation of the kernel, Ω(|a − b|/δ) ≈ Σ_r f_r(a) g_r(b).
///
/// It turns sums into M = Σ_r F_r S G_rᵀ with F_r = f_r(ω1) and G_r = g_r(ω2), two matrix products per term.
struct SeparatedKernel: Sendable {
  let count: Int
  /// The largest error over the occurring values.
  let error: Double
  let first: @Sendable (_ term: Int, _ a: Double) -> Double
  let second: @Sendable (_ term: Int, _ b: Double) -> Double

  /// The kernel cos((a − b)/δ), exact in two terms.
  static func cosine(_ first: ValueSpan, _ second: ValueSpan, delta: Double) -> SeparatedKernel {
    // Relative to the middle of all values: angles of values far from 0 would lose digits.
    let middle = min(first.least, second.least) / 2 + max(first.largest, second.largest) / 2
    let wave = { @Sendable (term: Int, x: Double) in term == 0 ? cos((x - middle) / delta) : sin((x - middle) / delta) }
    return SeparatedKernel(count: 2, error: 0, first: wave, second: wave)
  }

  /// The Gaussian kernel, interpolated in the values of the shorter range at the fewest Chebyshev points that reach
  /// 1e-12; nil if that takes more than 96.
  static func chebyshev(_ first: ValueSpan, _ second: ValueSpan, delta: Double) -> SeparatedKernel? {
    let swaps = first.length < second.length
    let (whole, short) = swaps ? (second, first) : (first, second)
    let gaussian = { @Sendable (a: Double, b: Double) in exp(-((a - b) / delta) * ((a - b) / delta) / 2) }
    for count in [4, 6, 8, 11, 14, 18, 23, 29, 37, 47, 60, 76, 96] {
      let middle = (short.least + short.largest) / 2
      let points = (0..<count).map { middle - short.length / 2 * cos(.pi * (Double($0) + 0.5) / Double(count)) }
      let basis = { @Sendable (term: Int, b: Double) in
        if short.length == 0 { return term == 0 ? 1.0 : 0 }
        var product = 1.0
        for (other, point) in points.enumerated() where other != term {
          product *= (b - point) / (points[term] - point)
        }
        return product
      }
      func grid(_ span: ValueSpan, _ steps: Int) -> [Double] {
        (0...steps).map { span.least + span.length * Double($0) / Double(steps) }
      }
      var error = 0.0
      let samples = grid(short, 4 * count).map { b in (b, (0..<count).map { basis($0, b) }) }
      for a in grid(whole, 128) {
        let values = points.map { gaussian(a, $0) }
        for (b, weights) in samples { error = max(error, abs(gaussian(a, b) - dot(values, weights))) }
      }
      guard error <= 1e-12 else { continue }
      let atPoint = { @Sendable (term: Int, a: Double) in gaussian(a, points[term]) }
      return SeparatedKernel(
        count: count, error: error, first: swaps ? basis : atPoint, second: swaps ? atPoint : basis)
    }
    return nil
  }

  /// A factorization of the table of Ω between the distinct values, by cross approximation with full pivoting.
  ///
  /// The residual of the approximation is its error; the result is nil if one side has more than `most` distinct
  /// values.
  static func table(_ first: Matrix, _ second: Matrix, kernel: ConeKernel, delta: Double, most: Int) -> SeparatedKernel?
  {
    guard let a = distinct(first, most: most), let b = distinct(second, most: most) else { return nil }
    var rest = Matrix(rows: a.count, columns: b.count) { kernel.value((a[$0] - b[$1]) / delta) }
    var crosses: [(column: [Double], row: [Double])] = []
    var error = 0.0
    while true {
      let place = rest.elements.indices.max { abs(rest.elements[$0]) < abs(rest.elements[$1]) } ?? 0
      let pivot = rest.elements[place]
      error = abs(pivot)
      if error <= 1e-15 || crosses.count == min(a.count, b.count) { break }
      let (i, j) = (place / b.count, place % b.count)
      let column = (0..<a.count).map { rest[$0, j] / pivot }
      let row = Array(rest[row: i])
      crosses.append((column, row))
      for x in 0..<a.count { for y in 0..<b.count { rest[x, y] -= column[x] * row[y] } }
    }
    let (rows, columns) = (
      Dictionary(uniqueKeysWithValues: zip(a, 0...)), Dictionary(uniqueKeysWithValues: zip(b, 0...))
    )
    let terms = crosses
    return SeparatedKernel(
      count: terms.count, error: error, first: { term, value in terms[term].column[rows[value] ?? 0] },
      second: { term, value in terms[term].row[columns[value] ?? 0] })
  }

  private static func distinct(_ values: Matrix, most: Int) -> [Double]? {
    var found: Set<Double> = []
    for value in values.elements {
      found.insert(value)
      if found.count > most { return nil }
    }
    return found.sorted()
  }
}

/// Kernel sums by a separable kernel.
///
/// Terms that are small matrices are concatenated, which reduces all of them to two products.
struct SeparatedSum: KernelSum {
  private let first: Matrix
  private let second: Matrix
  private let kernel: SeparatedKernel
  /// The F_r stacked vertically and the G_r horizontally; nil if they are too large.
  private let stacked: (first: Matrix, second: Matrix)?
  /// The F_r and G_r, if they are stored separately.
  private let factors: [(Matrix, Matrix)]
  var error: Double { kernel.error }

  /// The largest number of elements that are stored rather than recomputed in each iteration, and of concatenated
  /// products.
  private static var most: Double { 5e7 }
  private static var mostStacked: Double { 5e6 }

  init(_ first: Matrix, _ second: Matrix, _ kernel: SeparatedKernel) {
    (self.first, self.second, self.kernel) = (first, second, kernel)
    let count = Double(kernel.count)
    let size = count * Double(first.elements.count + second.elements.count)
    let isStacked = kernel.count > 0 && max(size, count * Double(first.rows * second.columns)) <= Self.mostStacked
    let factors = size <= Self.most ? (0..<kernel.count).map { Self.factors($0, first, second, kernel) } : []
    self.factors = isStacked ? [] : factors
    stacked = isStacked ? (Self.below(factors.map(\.0)), Self.beside(factors.map(\.1))) : nil
  }

  private static func factors(_ term: Int, _ first: Matrix, _ second: Matrix, _ kernel: SeparatedKernel) -> (
    Matrix, Matrix
  ) {
    (first.map { kernel.first(term, $0) }, second.map { kernel.second(term, $0) })
  }

  private static func below(_ blocks: [Matrix]) -> Matrix {
    Matrix(rows: blocks.reduce(0) { $0 + $1.rows }, columns: blocks[0].columns, elements: blocks.flatMap(\.elements))
  }

  private static func beside(_ blocks: [Matrix]) -> Matrix {
    let (rows, width) = (blocks[0].rows, blocks[0].columns)
    return Matrix(
      rows: rows, columns: blocks.count * width, elements: (0..<rows).flatMap { row in blocks.flatMap { $0[row: row] } }
    )
  }

  /// The number of operations of a sum.
  var operations: Double {
    2 * Double(kernel.count) * Double(first.rows) * Double(second.columns) * Double(first.columns + second.rows)
  }

  func sum(_ s: Matrix, into out: inout Matrix) {
    // No values are similar.
    if kernel.count == 0 {
      return out.withUnsafeMutableElements { $0.update(repeating: 0, count: first.rows * second.rows) }
    }
    if let stacked { return out.addTransposedProduct(turned(stacked.first * s), stacked.second, overwriting: true) }
    var half = Matrix(rows: first.rows, columns: second.columns)
    for term in 0..<kernel.count {
      let (f, g) = factors.isEmpty ? Self.factors(term, first, second, kernel) : factors[term]
      half.setToProduct(f, s)
      out.addTransposedProduct(half, g, overwriting: term == 0)
    }
  }

  /// Rearranges vertically stacked blocks F_r S horizontally.
  private func turned(_ column: Matrix) -> Matrix {
    let (rows, width, count) = (first.rows, column.columns, kernel.count)
    var result = Matrix(rows: rows, columns: count * width)
    result.withUnsafeMutableElements { out in
      column.withUnsafeElements { blocks in
        for term in 0..<count {
          for row in 0..<rows {
            (out + (row * count + term) * width).update(from: blocks + (term * rows + row) * width, count: width)
          }
        }
      }
    }
    return result
  }
}
