import LinearAlgebra
import Testing

@Suite(.serialized) struct ThreadsTests {
  @Test(arguments: [1, 2, 3])
  func chunksCoverEachIndexOnce(threads: Int) {
    Threads.use(threads)
    defer { Threads.use(1) }
    for (count, chunks) in [(0, 4), (1, 4), (10, 3), (1000, 16), (5, 1)] {
      var visits = [Int](repeating: 0, count: max(count, 1))
      visits.withUnsafeMutableBufferPointer { visits in
        nonisolated(unsafe) let visits = visits
        forEachChunk(of: count, chunks: chunks) { _, range in for index in range { visits[index] += 1 } }
      }
      #expect(visits.allSatisfy { $0 == (count == 0 ? 0 : 1) })
    }
  }

  /// Independent problems each have one thread, and all threads are back afterwards.
  @Test(arguments: [1, 2, 3])
  func independentWorkIsDoneOnceOnOneThreadEach(threads: Int) {
    Threads.use(threads)
    defer { Threads.use(1) }
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
