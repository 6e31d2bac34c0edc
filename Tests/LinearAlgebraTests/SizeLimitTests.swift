import Testing

@testable import LinearAlgebra

/// What does not fit into the 32 bits that BLAS and LAPACK count in is computed otherwise, to the same numbers.
///
/// The limits are lowered here.
@Suite struct SizeLimitTests {
  private static func random(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
    var random = SeededGenerator(seed: seed)
    return Matrix(rows: rows, columns: columns) { _, _ in random.normal() }
  }

  @Test(arguments: [false, true]) func longRowsAreMultipliedByLoops(transposed: Bool) {
    let (a, b) = (Self.random(17, 9, seed: 1), Self.random(transposed ? 11 : 9, transposed ? 9 : 11, seed: 2))
    let shape = BLAS.Shape(rows: 17, inner: 9, columns: 11, isTransposed: transposed, stride: 12)
    func product(_ longestRow: Int) -> [Double] {
      var out = Self.random(17, 12, seed: 3)
      out.withUnsafeMutableElements { out in
        a.withUnsafeElements { a in
          b.withUnsafeElements {
            BLAS.multiply(shape, scale: 0.5, a, $0, keeping: 2, into: out, longestRow: longestRow)
          }
        }
      }
      return out.elements
    }
    let (byBLAS, byLoops) = (product(BLAS.longestRow), product(8))
    for (x, y) in zip(byBLAS, byLoops) { #expect(abs(x - y) < 1e-12) }
    let start = Self.random(17, 12, seed: 3)
    #expect((0..<17).allSatisfy { byLoops[$0 * 12 + 11] == start[$0, 11] })
  }

  @Test(arguments: [false, true]) func longRowsTimesAVectorToo(transposed: Bool) {
    let (a, x) = (Self.random(13, 7, seed: 4), Self.random(1, transposed ? 13 : 7, seed: 5).elements)
    func product(_ longestRow: Int) -> [Double] {
      var y = [Double](repeating: 0, count: transposed ? 7 : 13)
      a.withUnsafeElements { a in
        y.withUnsafeMutableBufferPointer {
          BLAS.multiply(13, 7, a, x, transposed: transposed, into: $0, longestRow: longestRow)
        }
      }
      return y
    }
    for (x, y) in zip(product(BLAS.longestRow), product(6)) { #expect(abs(x - y) < 1e-13) }
  }

  /// No panel is longer than BLAS can count, and all rows are in one.
  @Test func panelsCoverAllRowsAndAreShort() {
    for count in [0, 1, 31, 33, 1000, 1 << 30, 5 << 31] {
      var (next, longest) = (0, 0)
      withoutActuallyEscaping({ (panel: Range<Int>) in
        if panel.lowerBound == next { next = panel.upperBound }
        longest = max(longest, panel.count)
      }) { body in
        nonisolated(unsafe) let body = body
        BLAS.forEachPanel(of: count, operations: 1e12) { body($0) }
      }
      #expect(next == count && longest < BLAS.longestRow)
    }
  }

  /// The work of divide and conquer passes 32 bits at n = 32,767; what takes its place beyond that finds the same.
  @Test func eigenvaluesOfLargeMatricesAreFoundOtherwise() throws {
    let work = { (n: Int) in 1 + 6 * n + 2 * n * n }
    #expect(
      work(SymmetricEigen.largestByDivision) <= Int(Int32.max)
        && work(SymmetricEigen.largestByDivision + 1) > Int(Int32.max))
    let half = Self.random(40, 25, seed: 6)
    let matrix = half * half.transposed
    let (expected, found) = (
      try #require(SymmetricEigen(matrix)), try #require(SymmetricEigen(matrix, largestByDivision: 39))
    )
    for k in 0..<40 {
      #expect(abs(expected.values[k] - found.values[k]) < 1e-11)
      let vector = Array(found.vectors[row: k])
      let residual = zip(matrix * vector, vector).reduce(0.0) { max($0, abs($1.0 - found.values[k] * $1.1)) }
      #expect(residual < 1e-11 && abs(dot(vector, vector) - 1) < 1e-13)
    }
    #expect(SymmetricEigen(Matrix(rows: 2, columns: 2, repeating: .nan), largestByDivision: 1) == nil)
  }
}
