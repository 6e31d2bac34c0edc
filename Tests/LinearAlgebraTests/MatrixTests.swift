import CKernels
import Foundation
import LinearAlgebra
import Testing

@Suite struct MatrixTests {
  @Test func productsAgreeWithTheDefinition() {
    var random = SeededGenerator(seed: 1)
    let a = Matrix(rows: 7, columns: 5) { _, _ in random.normal() }
    let b = Matrix(rows: 5, columns: 4) { _, _ in random.normal() }
    let product = a * b
    for i in 0..<7 {
      for j in 0..<4 {
        let expected = (0..<5).reduce(0) { $0 + a[i, $1] * b[$1, j] }
        #expect(abs(product[i, j] - expected) < 1e-13)
      }
    }
    let x = [1.0, -2, 3, 0.5, 4]
    #expect(absoluteDifference(a * x, (0..<7).map { i in (0..<5).reduce(0) { $0 + a[i, $1] * x[$1] } }) < 1e-12)
    let y = [1.0, 2, 3, 4, 5, 6, 7]
    #expect(absoluteDifference(a.transposedProduct(y), a.transposed * y) < 1e-12)
  }

  @Test func lowerTrianglesDoForSymmetricProducts() {
    var random = SeededGenerator(seed: 2)
    // Large enough for several panels, and no multiple of any of them.
    let (n, k, m) = (203, 9, 5)
    let half = Matrix(rows: n, columns: k) { _, _ in random.normal() }
    let weights = Matrix(rows: k, columns: k) { min($0, $1) == 2 ? 3 : Double($0 + $1) / 9 }
    let (a, b) = (half * weights, Matrix(rows: n, columns: m) { _, _ in random.normal() })
    let whole = a * half.transposed
    func single(_ matrix: Matrix) -> [Float] { matrix.elements.map { Float($0) } }
    var lower = [Float](repeating: .nan, count: n * n)
    singlePrecisionLowerProduct(single(a), single(half), size: n, inner: k, into: &lower)
    var answer = [Float](repeating: .nan, count: n * m)
    var onlyLower = lower
    for i in 0..<n {
      for j in 0...i { #expect(abs(Double(lower[i * n + j]) - whole[i, j]) < 1e-4) }
      for j in (i + 1)..<n { onlyLower[i * n + j] = .nan }
    }
    singlePrecisionProduct(lower: onlyLower, single(b), rows: n, columns: m, into: &answer)
    let expected = whole * b
    for index in answer.indices { #expect(abs(Double(answer[index]) - expected.elements[index]) < 1e-2) }
  }

  @Test func sumsAndSelectionOfAnUnevenMatrix() {
    let m = Matrix(rows: 2, columns: 3, elements: [1, 2, 3, 4, 5, 6])
    #expect(m.rowSums == [6, 15])
    #expect(m.columnSums == [5, 7, 9])
    #expect(m.transposed == Matrix(rows: 3, columns: 2, elements: [1, 4, 2, 5, 3, 6]))
    #expect(m.selectingRows([1, 0, 1]) == Matrix(rows: 3, columns: 3, elements: [4, 5, 6, 1, 2, 3, 4, 5, 6]))
  }

  @Test func firstNonFiniteNamesRowAndColumn() {
    var m = Matrix(rows: 3, columns: 4, repeating: 1)
    #expect(m.firstNonFinite == nil)
    m[1, 2] = .nan
    #expect(m.firstNonFinite?.row == 1)
    #expect(m.firstNonFinite?.column == 2)
  }

  @Test func eigenvectorsDiagonalize() throws {
    var random = SeededGenerator(seed: 2)
    let a = Matrix(rows: 6, columns: 6) { _, _ in random.normal() }
    let symmetric = a * a.transposed
    let eigen = try #require(SymmetricEigen(symmetric))
    #expect(eigen.values == eigen.values.sorted())
    for (k, value) in eigen.values.enumerated() {
      let v = Array(eigen.vectors[row: k])
      #expect(absoluteDifference(symmetric * v, v.map { $0 * value }) < 1e-11)
      #expect(abs(dot(v, v) - 1) < 1e-13)
    }
  }

  /// The largest alone are those of all, and are as many as were asked for where an eigenvalue is repeated.
  @Test(arguments: 0...9) func largestEigenvectorsAreThoseOfAll(count: Int) throws {
    var random = SeededGenerator(seed: 3)
    let a = Matrix(rows: 8, columns: 8) { _, _ in random.normal() }
    let projection = Matrix(rows: 8, columns: 8) { ($0 == $1 ? 1 : 0) - 0.125 }
    for symmetric in [a * a.transposed, projection] {
      let all = try #require(SymmetricEigen(symmetric))
      let largest = try #require(SymmetricEigen(symmetric, largest: count))
      #expect(largest.values.count == min(count, 8) && largest.vectors.rows == min(count, 8))
      #expect(absoluteDifference(largest.values, Array(all.values.suffix(count))) < 1e-12)
      for (k, value) in largest.values.enumerated() {
        let v = Array(largest.vectors[row: k])
        #expect(absoluteDifference(symmetric * v, v.map { $0 * value }) < 1e-11)
        for other in 0...k { #expect(abs(dot(v, Array(largest.vectors[row: other])) - (other == k ? 1 : 0)) < 1e-12) }
      }
    }
    #expect(SymmetricEigen(Matrix(rows: 2, columns: 2, repeating: .nan), largest: 1) == nil)
  }

  @Test func compensatedSumKeepsSmallTerms() {
    #expect(compensatedSum([1, 1e100, 1, -1e100]) == 2)
  }

  @Test func compensatedSumOfInfiniteTermsIsInfinite() {
    #expect(compensatedSum([-.infinity, 1, -.infinity]) == -.infinity)
    #expect(compensatedSum([.infinity, -.infinity]).isNaN)
  }
}

@Suite struct KernelTests {
  /// The polynomial exponential against Glibc's, over its whole range.
  @Test func exponentialIsAccurate() {
    let x = (0..<200_001).map { -708 + Double($0) * (1416.0 / 200_000) }
    var y = [Double](repeating: 0, count: x.count)
    ck_exp(x, &y, x.count)
    let worst = zip(x, y).map { abs($1 / exp($0) - 1) }.max() ?? 1
    #expect(worst < 4e-16)
  }

  @Test func logarithmIsAccurate() {
    var random = SeededGenerator(seed: 9)
    var x =
      (0..<20_000).map { _ in exp(random.uniform(in: -745...709)) }
      + (0..<20_000).map { _ in 1 + 1e-3 * random.normal() }
    for value in [Double.leastNonzeroMagnitude, 1] { x.append(value) }
    for (value, own) in zip(x, logarithms(x)) {
      #expect(abs(own - log(value)) <= 4e-16 * max(abs(log(value)), abs(value - 1)), "log \(value)")
    }
    #expect(logarithms([0, .infinity, 1]) == [-.infinity, .infinity, 0])
  }

  /// Through the plan of one row, cost 0 and ε 1.
  @Test func singlePrecisionExponentialIsAccurate() {
    var random = SeededGenerator(seed: 4)
    let x = (0..<20_000).map { _ in random.uniform(in: -86...88) } + [0, -1e-3, 1e-3]
    let cost = [Float](repeating: 0, count: x.count)
    var plan = cost
    ck_edge_plan_single(cost, 1, x.count, [0], x, 1, &plan)
    for (value, own) in zip(x, plan) {
      #expect(abs(Double(own) / exp(value) - 1) < 3e-7 * max(1, abs(value)), "exp \(value)")
    }
    let ends = [-Double.infinity, -1e9, -88, 89, 1e9]
    var result = [Float](repeating: 7, count: ends.count)
    ck_edge_plan_single(cost, 1, ends.count, [0], ends, 1, &result)
    #expect(result == [0, 0, 0, .infinity, .infinity])
  }

  @Test func exponentialAtTheEnds() {
    let x = [-Double.infinity, -1e9, -709, 710, .infinity, 0, -0.0]
    var y = [Double](repeating: 7, count: x.count)
    ck_exp(x, &y, x.count)
    #expect(y == [0, 0, 0, .infinity, .infinity, 1, 1])
  }

  @Test(arguments: [1, 2, 3, 7, 16, 33], [1.0, 0.75, 0])
  func scalingPassAgreesWithTheDefinition(rows: Int, exponent: Double) {
    let columns = 13
    var random = SeededGenerator(seed: UInt64(rows))
    let kernel = (0..<rows * columns).map { _ in random.uniform() }
    var a = (0..<rows).map { _ in random.uniform() }
    a[0] = 0
    let v = (0..<columns).map { _ in random.uniform() }
    var u = [Double](repeating: -1, count: rows)
    var sums = [Double](repeating: 0, count: columns)
    let rest = (0..<rows).map { _ in random.normal() }
    ck_scaling_pass(kernel, rows, columns, a, rest, exponent, v, &u, &sums)
    for i in 0..<rows {
      let product = (0..<columns).reduce(0) { $0 + kernel[i * columns + $1] * v[$1] }
      let expected = a[i] > 0 ? pow(a[i] / product, exponent) * exp(-(1 - exponent) * rest[i]) : 0
      #expect(abs(u[i] - expected) < 1e-13)
    }
    for j in 0..<columns {
      #expect(abs(sums[j] - (0..<rows).reduce(0) { $0 + u[$1] * kernel[$1 * columns + j] }) < 1e-12)
    }
  }

  @Test func extrapolationIsAPower() {
    let x = [0.5, 2, 1e-80, 3e90, 0]
    let old = [0.25, 3, 1e-90, 1e80, 0]
    var y = [Double](repeating: 0, count: 5)
    ck_extrapolate(x, old, 0.7, &y, 5)
    for k in 0..<4 { #expect(abs(y[k] / (x[k] * pow(x[k] / old[k], 0.7)) - 1) < 1e-8) }
    #expect(y[4] == 0)
  }
}

@Suite struct SeededGeneratorTests {
  /// Frozen numbers: a change of the generator would silently change every seeded experiment.
  @Test func numbersAreFrozen() {
    var random = SeededGenerator(seed: 42, stream: "frozen")
    let draws = (0..<3).map { _ in random.next() }
    var again = SeededGenerator(seed: 42, stream: "frozen")
    #expect(draws == (0..<3).map { _ in again.next() })
    #expect(draws == [10_260_775_753_575_575_813, 4_401_741_641_547_297_883, 9_775_812_224_218_964_239])
  }

  @Test func streamsAndSeedsDiffer() {
    var draws: Set<UInt64> = []
    for seed in 0..<20 as Range<UInt64> {
      for stream in ["", "a", "b", "ab", "ba"] {
        var random = SeededGenerator(seed: seed, stream: stream)
        draws.insert(random.next())
      }
    }
    #expect(draws.count == 100)
  }

  @Test func momentsAreRight() {
    var random = SeededGenerator(seed: 7)
    let n = 100_000
    let uniforms = (0..<n).map { _ in random.uniform() }
    #expect(abs(uniforms.reduce(0, +) / Double(n) - 0.5) < 0.005)
    #expect(uniforms.allSatisfy { (0..<1).contains($0) })
    let normals = (0..<n).map { _ in random.normal() }
    let mean = normals.reduce(0, +) / Double(n)
    #expect(abs(mean) < 0.015)
    #expect(abs(normals.reduce(0) { $0 + $1 * $1 } / Double(n) - 1) < 0.02)
  }

  @Test func permutationsHoldEachIndexOnce() {
    var random = SeededGenerator(seed: 3)
    let order = random.permutation(100)
    #expect(order.sorted() == Array(0..<100))
    #expect(order != Array(0..<100))
  }
}
