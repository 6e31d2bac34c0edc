import Dispatch
import Synchronization

/// The number of threads that numerical work may use, inherited by everything that a caller calls.
///
///     let solution = try Threads.limited(to: 4) { try Sinkhorn(epsilon: 0.1).solve(problem) }
///
/// The limit is task-local, so two concurrent solves can have different limits. Results do not depend on it, to the
/// last bit: work is always split into the same pieces, which are combined in order, and BLAS computes each piece on
/// one thread (see `BLAS`).
public enum Threads {
  @TaskLocal private static var limit = 1

  /// The largest number of threads that work started here may use; 1 unless a caller has set it by `limited(to:_:)`.
  public static var count: Int { limit }

  /// Runs `body`, within which numerical work may use up to `count` threads.
  public static func limited<R>(to count: Int, _ body: () throws -> R) rethrows -> R {
    precondition(count > 0, "at least one thread is needed")
    return try $limit.withValue(count, operation: body)
  }
}

/// Splits `0..<count` into at most `chunks` ranges of nearly equal length and runs `body` on each, in parallel as
/// `Threads` allows.
///
/// The ranges depend only on `count` and `chunks`, never on the number of threads. `body` must write only to memory
/// of its own chunk; parallel work that it starts is limited to one thread.
public func forEachChunk(of count: Int, chunks: Int, _ body: @Sendable (_ chunk: Int, _ range: Range<Int>) -> Void) {
  guard count > 0 else { return }
  let pieces = min(max(chunks, 1), count)
  let range = { @Sendable (piece: Int) in count * piece / pieces..<count * (piece + 1) / pieces }
  let workers = pieces > 1 ? min(Threads.count, pieces) : 1
  guard workers > 1 else {
    for piece in 0..<pieces { body(piece, range(piece)) }
    return
  }
  // One dispatch iteration per worker, each with a fixed run of chunks, has less overhead than one per chunk.
  DispatchQueue.concurrentPerform(iterations: workers) { worker in
    Threads.limited(to: 1) {
      for piece in pieces * worker / workers..<pieces * (worker + 1) / workers { body(piece, range(piece)) }
    }
  }
}

/// Runs `body` for each index below `count`, in parallel as `Threads` allows, each call on one thread.
///
/// Indices are handed out one by one, which suits independent tasks of unequal duration. `body` must write only to
/// memory of its own index.
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

/// Hands out each index below a count exactly once, to any thread.
private final class IndexQueue: Sendable {
  private let indices: Mutex<Range<Int>>

  init(count: Int) { indices = Mutex(0..<count) }

  func next() -> Int? { indices.withLock { $0.popFirst() } }
}
