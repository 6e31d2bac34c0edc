import Dispatch
import Synchronization

/// How many threads numerical work may use: a value that a caller hands down to all that it calls, and nobody else sees.
///
///     let solution = try Threads.limited(to: 4) { try Sinkhorn(epsilon: 0.1).solve(problem) }
///
/// Two solves at once can have different limits. Results do not depend on it, to the last bit: work is always cut into the same pieces, which are
/// put together in their order, and each product of a piece by BLAS takes one thread (see `BLAS`).
public enum Threads {
  @TaskLocal private static var limit = 1

  /// The most threads that work which is started here may use; 1 where no caller has said otherwise.
  public static var count: Int { limit }

  /// Runs `body`, in which own loops and products may use `count` threads.
  public static func limited<R>(to count: Int, _ body: () throws -> R) rethrows -> R {
    precondition(count > 0, "at least one thread is needed")
    return try $limit.withValue(count, operation: body)
  }
}

/// Cuts `0..<count` into at most `chunks` ranges of nearly equal length and runs `body` on each, in parallel where `Threads` allows.
///
/// The ranges depend only on `count` and `chunks`, never on the number of threads. `body` must write to places of its own chunk only; what it
/// starts itself has one thread.
public func forEachChunk(of count: Int, chunks: Int, _ body: @Sendable (_ chunk: Int, _ range: Range<Int>) -> Void) {
  guard count > 0 else { return }
  let pieces = min(max(chunks, 1), count)
  let range = { @Sendable (piece: Int) in count * piece / pieces..<count * (piece + 1) / pieces }
  let workers = pieces > 1 ? min(Threads.count, pieces) : 1
  guard workers > 1 else {
    for piece in 0..<pieces { body(piece, range(piece)) }
    return
  }
  // One iteration a worker, each with a fixed run of chunks: less overhead than one iteration a chunk.
  DispatchQueue.concurrentPerform(iterations: workers) { worker in
    Threads.limited(to: 1) {
      for piece in pieces * worker / workers..<pieces * (worker + 1) / workers { body(piece, range(piece)) }
    }
  }
}

/// Runs `body` for each index below `count`, as many at a time as `Threads` allows, each on one thread: for problems of their own that take unequal
/// times. `body` must write to places of its own index only.
public func forEachIndependent(of count: Int, _ body: @Sendable (Int) -> Void) {
  let workers = min(Threads.count, count)
  guard workers > 1 else {
    for index in 0..<count { body(index) }
    return
  }
  let queue = IndexQueue(count: count)
  DispatchQueue.concurrentPerform(iterations: workers) { _ in
    Threads.limited(to: 1) {
      while let index = queue.next() { body(index) }
    }
  }
}

/// The indices below a count, each given out once.
private final class IndexQueue: Sendable {
  private let indices: Mutex<Range<Int>>

  init(count: Int) { indices = Mutex(0..<count) }

  func next() -> Int? { indices.withLock { $0.popFirst() } }
}
