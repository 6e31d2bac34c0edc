import COpenBLAS
import Glibc

/// The address space that this process may use (`ulimit -v` or `-d`, as clusters set them).
///
/// OpenBLAS retries a refused allocation of its buffers forever, so the limit is checked before the first product.
public enum AddressSpace {
  /// Too little address space for OpenBLAS.
  public struct Shortage: Error, CustomStringConvertible, Sendable {
    /// One sentence that names the limit, its value, and what is needed.
    public let description: String
  }

  /// The bytes that one OpenBLAS thread takes: a buffer of 128 MiB, its stack, and an arena of the allocator.
  private static let perThread = 200 << 20

  /// Checks that OpenBLAS can allocate the buffers of this many threads.
  ///
  /// - Parameter threads: the number of threads, at least 1.
  /// - Throws: `Shortage`, one sentence that names the limit and what is needed.
  public static func require(threads: Int) throws(Shortage) {
    // Programs and libraries themselves take address space, but hardly any data segment.
    let limits = [(limit(RLIMIT_AS), 160 << 20, "-v"), (limit(RLIMIT_DATA), 32 << 20, "-d")]
    for (limit, base, option) in limits {
      let needed = base + perThread * threads
      guard let limit, limit < needed else { continue }
      let fewer = threads > 1 ? ", or set OPENBLAS_NUM_THREADS and limits.threads to less" : ""
      let sentence =
        "'ulimit \(option)' leaves \(limit >> 20) MiB of address space, but OpenBLAS with \(threads) "
        + "thread\(threads == 1 ? "" : "s") needs \(needed >> 20) MiB; raise the limit\(fewer)"
      throw Shortage(description: sentence)
    }
  }

  /// Checks that OpenBLAS can allocate the buffers of the threads that it has started already.
  ///
  /// - Throws: `Shortage`, as `require(threads:)` does.
  public static func requireForLibrary() throws(Shortage) {
    try require(threads: max(1, Int(openblas_get_num_threads())))
  }

  private static func limit(_ resource: __rlimit_resource) -> Int? {
    var found = rlimit()
    guard getrlimit(__rlimit_resource_t(resource.rawValue), &found) == 0, found.rlim_cur != rlim_t.max else {
      return nil
    }
    return Int(clamping: found.rlim_cur)
  }
}
