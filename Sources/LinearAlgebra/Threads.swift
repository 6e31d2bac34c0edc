import CKernels
import COpenBLAS
import Dispatch
import Foundation

/// How many threads numerical work of this process may use. Set once, before any work.
///
/// Results do not depend on it: work is always cut into the same chunks and reduced in their order. (Products by OpenBLAS may differ
/// in their last bits between thread counts.)
public enum Threads {
  nonisolated(unsafe) private static var limit = 1

  /// The number of threads in use; 1 until `use(_:)` is called.
  public static var count: Int { limit }

  /// Lets own loops and BLAS use `count` threads.
  public static func use(_ count: Int) {
    precondition(count > 0, "at least one thread is needed")
    limit = count
    openblas_set_num_threads(Int32(count))
  }

  /// The instruction set of our own kernels that this CPU gets.
  public static var simdPath: String { String(cString: ck_simd_path()) }

  /// The BLAS library's name, version and the CPU kernels it picked.
  public static var blasDescription: String {
    let config = openblas_get_config().map { String(cString: $0) } ?? "OpenBLAS"
    return config.split(separator: " ").prefix(2).joined(separator: " ") + " (\(blasKernel))"
  }

  private static var blasKernel: String { openblas_get_corename().map { String(cString: $0) } ?? "unknown" }

  /// The CPU kernels that OpenBLAS should be asked for by the variable OPENBLAS_CORETYPE, which it reads when a program is loaded; nil where it has
  /// chosen well or was asked already. On a CPU younger than itself it falls back to kernels without AVX, a sixth as fast.
  public static var missedBLASKernel: String? {
    guard blasKernel == "Prescott", ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"] ?? "" == "" else { return nil }
    return ["x86-64-v4": "SkylakeX", "x86-64-v3": "Haswell"][simdPath]
  }
}

/// Cuts `0..<count` into at most `chunks` ranges of nearly equal length and runs `body` on each, in parallel where `Threads` allows.
///
/// The ranges depend only on `count` and `chunks`, never on the number of threads. `body` must write to places of its own chunk only.
public func forEachChunk(of count: Int, chunks: Int, _ body: @Sendable (_ chunk: Int, _ range: Range<Int>) -> Void) {
  guard count > 0 else { return }
  let pieces = min(max(chunks, 1), count)
  let range = { @Sendable (piece: Int) in count * piece / pieces..<count * (piece + 1) / pieces }
  let workers = min(Threads.count, pieces)
  guard workers > 1 else {
    for piece in 0..<pieces { body(piece, range(piece)) }
    return
  }
  // One iteration a worker, each with a fixed run of chunks: less overhead than one iteration a chunk.
  DispatchQueue.concurrentPerform(iterations: workers) { worker in
    for piece in pieces * worker / workers..<pieces * (worker + 1) / workers { body(piece, range(piece)) }
  }
}

/// Runs `body` for each index below `count`, as many at a time as `Threads` allows, each on one thread, BLAS included: for problems of their own that
/// take unequal times. `body` must write to places of its own index only.
public func forEachIndependent(of count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  let workers = min(Threads.count, count)
  guard workers > 1 else {
    for index in 0..<count { body(index) }
    return
  }
  let all = Threads.count
  Threads.use(1)
  defer { Threads.use(all) }
  let queue = OperationQueue()
  queue.maxConcurrentOperationCount = workers
  for index in 0..<count { queue.addOperation { body(index) } }
  queue.waitUntilAllOperationsAreFinished()
}
