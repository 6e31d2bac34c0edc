import Foundation
import LinearAlgebra
import Testing

@Suite struct ThreadsTests {
  @Test(arguments: [1, 2, 3])
  func chunksCoverEachIndexOnce(threads: Int) {
    for (count, chunks) in [(0, 4), (1, 4), (10, 3), (1000, 16), (5, 1)] {
      var visits = [Int](repeating: 0, count: max(count, 1))
      visits.withUnsafeMutableBufferPointer { visits in
        nonisolated(unsafe) let visits = visits
        Threads.limited(to: threads) {
          forEachChunk(of: count, chunks: chunks) { _, range in for index in range { visits[index] += 1 } }
        }
      }
      #expect(visits.allSatisfy { $0 == (count == 0 ? 0 : 1) })
    }
  }

  /// Independent problems each have one thread, and their caller keeps its own.
  @Test(arguments: [1, 2, 3])
  func independentWorkIsDoneOnceOnOneThreadEach(threads: Int) {
    Threads.limited(to: threads) {
      for count in [0, 1, 7, 100] {
        var visits = [Int](repeating: 0, count: max(count, 1))
        visits.withUnsafeMutableBufferPointer { visits in
          nonisolated(unsafe) let visits = visits
          forEachIndependent(of: count) { index in visits[index] += count > 1 && Threads.count != 1 ? 10 : 1 }
        }
        #expect(visits.allSatisfy { $0 == (count == 0 ? 0 : 1) })
        #expect(Threads.count == threads)
      }
    }
  }

  @Test func aLimitHoldsInsideOfItsBlockOnly() throws {
    struct Stop: Error {}
    #expect(Threads.count == 1)
    Threads.limited(to: 4) {
      #expect(Threads.count == 4)
      Threads.limited(to: 2) { #expect(Threads.count == 2) }
      try? Threads.limited(to: 3) { throw Stop() }
      #expect(Threads.count == 4)
    }
    #expect(Threads.count == 1)
  }

  @Test func aLimitReachesTasks() async {
    let count = await Threads.limited(to: 5) { Task { Threads.count } }.value
    #expect(count == 5)
  }

  /// Two callers at once, each with its own limit, both at work on chunks and on independent pieces.
  @Test func limitsOfCallersAtOnceAreTheirOwn() {
    final class Seen: @unchecked Sendable {
      let lock = NSLock()
      var wrong = 0
      func expect(_ count: Int) { if Threads.count != count { lock.withLock { wrong += 1 } } }
    }
    let seen = Seen()
    DispatchQueue.concurrentPerform(iterations: 4) { caller in
      Threads.limited(to: caller + 1) {
        for _ in 0..<200 {
          forEachIndependent(of: 3) { _ in seen.expect(1) }
          forEachChunk(of: 8, chunks: 8) { _, _ in seen.expect(1) }
          seen.expect(caller + 1)
        }
      }
      seen.expect(1)
    }
    #expect(seen.wrong == 0)
  }

  /// Products large enough to be cut, of shapes that are no multiples of anything: the same bits on any number of
  /// threads.
  @Test(arguments: [(301, 157, 211), (40, 700, 513), (1023, 65, 130), (2200, 2100, 1)])
  func productsHaveTheSameBitsOnAnyNumberOfThreads(rows: Int, inner: Int, columns: Int) {
    var random = SeededGenerator(seed: 7)
    let a = Matrix(rows: rows, columns: inner) { _, _ in random.normal() }
    let b = Matrix(rows: inner, columns: columns) { _, _ in random.normal() }
    let symmetric = a * a.transposed
    func single(_ matrix: Matrix) -> [Float] { matrix.elements.map { Float($0) } }
    func results() -> [[Double]] {
      var results = [(a * b).elements, a * b.transposed[row: 0].map { $0 }, a.transposedProduct(a[column: 0])]
      var transposed = Matrix(rows: rows, columns: columns, repeating: 1)
      transposed.addTransposedProduct(a, b.transposed, scale: 0.5)
      results.append(transposed.elements)
      var product = [Float](repeating: 0, count: rows * columns)
      singlePrecisionProduct(single(a), single(b), rows: rows, inner: inner, columns: columns, into: &product)
      results.append(product.map(Double.init))
      var lower = [Float](repeating: 0, count: rows * rows)
      singlePrecisionLowerProduct(single(a), single(a), size: rows, inner: inner, into: &lower)
      results.append(lower.map(Double.init))
      var wide = [Float](repeating: 0, count: rows * inner)
      singlePrecisionProduct(lower: single(symmetric), single(a), rows: rows, columns: inner, into: &wide)
      results.append(wide.map(Double.init))
      return results
    }
    let one = results()
    for threads in [2, 3, 8] { #expect(Threads.limited(to: threads, results) == one) }
  }
}

extension Matrix {
  fileprivate subscript(column j: Int) -> [Double] { (0..<rows).map { self[$0, j] } }
}
