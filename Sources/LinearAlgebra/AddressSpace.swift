import COpenBLAS
import Glibc

/// The address space that a process may take (`ulimit -v` or `-d`, as clusters set them). OpenBLAS asks for its buffers again and again where they are
/// refused, for ever; so it is asked before.
public enum AddressSpace {
  /// There is too little of it. Its description is one sentence.
  public struct Shortage: Error, CustomStringConvertible, Sendable { public let description: String }

  /// Bytes that a thread of OpenBLAS takes: a buffer of 128 MiB, its stack, and an arena of the allocator.
  private static let perThread = 200 << 20

  /// Makes sure that products with so many threads come to an end.
  public static func require(threads: Int) throws(Shortage) {
    // The programs and libraries themselves take address space, but hardly data.
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

  /// As `require(threads:)`, for the threads that OpenBLAS has started already.
  public static func requireForLibrary() throws(Shortage) { try require(threads: max(1, Int(openblas_get_num_threads()))) }

  private static func limit(_ resource: __rlimit_resource) -> Int? {
    var found = rlimit()
    guard getrlimit(__rlimit_resource_t(resource.rawValue), &found) == 0, found.rlim_cur != rlim_t.max else { return nil }
    return Int(clamping: found.rlim_cur)
  }
}
