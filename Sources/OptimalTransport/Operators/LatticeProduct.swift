import Glibc
import LinearAlgebra

/// Products with a function of lattice distances, D = h(d), by a Fourier transform along the rows.
///
/// With F the real Fourier basis, D = Fᵀ diag(Λ_0, Λ_1, …) F, where each Λ_ω is a columns × columns matrix. Rows that
/// are not cyclic are embedded into a circle of length 2 · rows − 1. All steps are matrix products.
struct LatticeProduct<Scalar: TreeScalar>: Sendable {
  private let lattice: LatticeDistances
  /// The length P of the circle.
  private let period: Int
  /// F, P × rows in row-major order, restricted to the part of the circle that the lattice covers; orthogonal on the
  /// whole circle.
  private let basis: [Scalar]
  private let transposedBasis: [Scalar]
  /// The matrices Λ_ω, one after the other.
  private let spectrum: [Scalar]
  /// The frequency of each row of F.
  private let frequency: [Int]

  init(_ lattice: LatticeDistances, _ value: (Double) -> Double) {
    self.lattice = lattice
    let (rows, columns) = (lattice.rows, lattice.columns)
    let period = lattice.isCyclic ? rows : 2 * rows - 1
    self.period = period
    let count = period / 2 + 1
    var waves: [(frequency: Int, isSine: Bool)] = []
    for frequency in 0..<count {
      waves.append((frequency, false))
      if frequency > 0, 2 * frequency != period { waves.append((frequency, true)) }
    }
    frequency = waves.map(\.frequency)
    func angle(_ frequency: Int, _ place: Int) -> Double {
      2 * Double.pi * Double(frequency * place % period) / Double(period)
    }
    var forward = [Scalar](repeating: 0, count: period * rows)
    var backward = forward
    for (line, wave) in waves.enumerated() {
      let isAlone = wave.frequency == 0 || 2 * wave.frequency == period
      let norm = ((isAlone ? 1 : 2) / Double(period)).squareRoot()
      for i in 0..<rows {
        let angle = angle(wave.frequency, i)
        let entry = Scalar(norm * (wave.isSine ? sin(angle) : cos(angle)))
        forward[line * rows + i] = entry
        backward[i * period + line] = entry
      }
    }
    basis = forward
    transposedBasis = backward
    // All Λ_ω at once: rows of cosines times the kernels, one per row.
    let kernels = lattice.kernels.map { $0.map(value).elements }
    let cosines = Matrix(rows: count, columns: kernels.count) { frequency, lag in
      (lag == 0 || 2 * lag == period ? 1 : 2) * cos(angle(frequency, lag))
    }
    let blocks = cosines * Matrix(rows: kernels.count, columns: columns * columns, elements: kernels.flatMap { $0 })
    spectrum = blocks.elements.map { Scalar($0) }
  }

  /// The number of operations of a product with `width` columns.
  func operations(width: Int) -> Double {
    let (rows, columns) = (Double(lattice.rows), Double(lattice.columns))
    return 2 * Double(width) * Double(period) * columns * (2 * rows + columns)
  }

  /// The largest number of elements of a chunk's transform, so that it stays in cache.
  private static var chunkSize: Int { 300_000 }

  /// Computes out = D[:, points] x, n × width.
  ///
  /// - Parameters:
  ///   - points: positions among the points in use, one for each row of x.
  ///   - x: the factor, with one row for each of `points`.
  ///   - out: the product.
  ///   - buffers: buffers for the transforms.
  func apply(_ points: [Int], _ x: EdgeMatrix<Scalar>, into out: EdgeMatrix<Scalar>, _ buffers: LatticeBuffers<Scalar>)
  {
    let (rows, columns, width) = (lattice.rows, lattice.columns, x.columns)
    let chunk = min(width, max(16, Self.chunkSize / (columns * period)))
    for start in stride(from: 0, to: width, by: chunk) {
      let w = min(chunk, width - start)
      let field = EdgeMatrix<Scalar>(rows: rows, columns: columns * w, in: buffers.field)
      let waves = EdgeMatrix<Scalar>(rows: period, columns: columns * w, in: buffers.waves)
      let answer = EdgeMatrix<Scalar>(rows: period, columns: columns * w, in: buffers.answer)
      field.elements.update(repeating: 0, count: field.count)
      for (row, point) in points.enumerated() {
        (field.elements + lattice.points[point] * w).update(from: x.elements + row * width + start, count: w)
      }
      Scalar.multiply(basis, field.elements, rows: period, inner: rows, columns: columns * w, into: waves.elements)
      spectrum.withUnsafeBufferPointer { spectrum in
        guard let spectrum = spectrum.baseAddress else { return }
        for line in 0..<period {
          Scalar.multiply(
            spectrum + frequency[line] * columns * columns, waves.elements + line * columns * w, rows: columns,
            inner: columns, columns: w,
            into: answer.elements + line * columns * w)
        }
      }
      Scalar.multiply(
        transposedBasis, answer.elements, rows: rows, inner: period, columns: columns * w, into: field.elements)
      for (row, point) in lattice.points.enumerated() {
        (out.elements + row * width + start).update(from: field.elements + point * w, count: w)
      }
    }
  }
}

/// Buffers for the transforms of a lattice product.
final class LatticeBuffers<Scalar: TreeScalar> {
  let field = Scratch<Scalar>()
  let waves = Scratch<Scalar>()
  let answer = Scratch<Scalar>()
}
