import LinearAlgebra

/// A cost between two lattices that is a sum over their axes, C((i, j), (k, l)) = R(i, k) + S(j, l).
///
/// Squared distances between pixels have this form. The Gibbs kernel is a Kronecker product: for n × n points a
/// message costs 2 n³ operations instead of n⁴, and the cost needs two n × n matrices instead of one n² × n² matrix.
struct SeparableCost: Sendable {
  private let rows: Matrix
  private let columns: Matrix
  /// The range max C − min C of the cost.
  let range: Double

  /// Finds the two summands; nil if the cost has no such form or the spaces are not complete lattices.
  init?(_ cost: Matrix, _ first: DistanceGeometry, _ second: DistanceGeometry) {
    guard case .lattice(let a) = first, case .lattice(let b) = second, a.isWhole, b.isWhole else { return nil }
    let rows = Matrix(rows: a.rows, columns: b.rows) { cost[$0 * a.columns, $1 * b.columns] }
    let columns = Matrix(rows: a.columns, columns: b.columns) { cost[$0, $1] - cost[0, 0] }
    var (least, largest) = (Double.infinity, -Double.infinity)
    for value in cost.elements { (least, largest) = (min(least, value), max(largest, value)) }
    for i in 0..<a.rows {
      for j in 0..<a.columns {
        for k in 0..<b.rows {
          for l in 0..<b.columns {
            let error = cost[i * a.columns + j, k * b.columns + l] - rows[i, k] - columns[j, l]
            if !(abs(error) <= 1e-13 * (largest - least)) { return nil }
          }
        }
      }
    }
    (self.rows, self.columns, range) = (rows, columns, largest - least)
  }

  init(_ other: SeparableCost, scaledBy factor: Double) {
    (rows, columns, range) = (other.rows.map { factor * $0 }, other.columns.map { factor * $0 }, factor * other.range)
  }

  /// The range of exponents within which sums in double precision are exact enough, with two more factors of the same
  /// range.
  private static var largestExponent: Double { 200 }

  /// Returns exp(−C/ε) in double precision.
  ///
  /// - Parameters:
  ///   - epsilon: ε > 0.
  ///   - isForward: whether the kernel maps from the first lattice to the second.
  /// - Returns: the kernel; nil if ε is too small for it.
  func kernel(epsilon: Double, isForward: Bool) -> SeparableKernel? {
    guard range <= Self.largestExponent * epsilon else { return nil }
    func kernel(_ cost: Matrix) -> Matrix {
      let kernel = Matrix(
        rows: cost.rows, columns: cost.columns, elements: exponentials(cost.elements.map { -$0 / epsilon }))
      return isForward ? kernel : kernel.transposed
    }
    return SeparableKernel(epsilon: epsilon, transposedRows: kernel(rows).transposed, columns: kernel(columns))
  }
}

/// A Kronecker product kernel K((i, j), (k, l)) = A(i, k) B(j, l).
struct SeparableKernel {
  let epsilon: Double
  /// The transpose Aᵀ.
  let transposedRows: Matrix
  let columns: Matrix

  /// Returns ε log Σ_x exp((p(x) − C(x, ·))/ε) for a potential p.
  func carried(_ potential: [Double]) -> [Double] {
    let largest = potential.max() ?? -.infinity
    guard largest > -.infinity else {
      return [Double](repeating: -.infinity, count: transposedRows.rows * columns.columns)
    }
    let weights = exponentials(potential.map { ($0 - largest) / epsilon })
    let sums = transposedRows * Matrix(rows: transposedRows.columns, columns: columns.rows, elements: weights) * columns
    return logarithms(sums.elements).map { largest + epsilon * $0 }
  }

  /// Computes X diag(exp(p/ε)) K diag(exp(q/ε)), whose factors X and the remaining product have entries of at most 1.
  ///
  /// - Parameters:
  ///   - x: X, with a column for each of `points`.
  ///   - points: points of the first lattice.
  ///   - p: the potential at `points`.
  ///   - others: points of the second lattice.
  ///   - q: the potential at `others`.
  ///   - out: the product.
  func extended<Scalar>(
    _ x: EdgeMatrix<Scalar>, _ points: [Int], _ p: [Double], _ others: [Int], _ q: [Double],
    into out: EdgeMatrix<Scalar>
  ) {
    let largest = p.max() ?? 0
    let before = exponentials(p.map { ($0 - largest) / epsilon })
    let after = exponentials(q.map { ($0 + largest) / epsilon })
    let (r1, r2, c1, c2) = (transposedRows.columns, transposedRows.rows, columns.rows, columns.columns)
    // As many rows at a time as stay in cache.
    let block = 16
    let field = EdgeMatrix<Double>(rows: block * r1, columns: c1)
    let half = EdgeMatrix<Double>(rows: block * r1, columns: c2)
    let full = EdgeMatrix<Double>(rows: r2, columns: c2)
    for start in stride(from: 0, to: x.rows, by: block) {
      let count = min(block, x.rows - start)
      for row in 0..<count {
        let (own, line) = (x.elements + (start + row) * x.columns, field.elements + row * r1 * c1)
        for (place, point) in points.enumerated() { line[point] = before[place] * Double(own[place]) }
      }
      columns.withUnsafeElements {
        Double.multiply(field.elements, $0, rows: count * r1, inner: c1, columns: c2, into: half.elements)
      }
      for row in 0..<count {
        transposedRows.withUnsafeElements {
          Double.multiply($0, half.elements + row * r1 * c2, rows: r2, inner: r1, columns: c2, into: full.elements)
        }
        let line = out.elements + (start + row) * out.columns
        for (place, point) in others.enumerated() { line[place] = Scalar(after[place] * full.elements[point]) }
      }
    }
  }
}
