import FoundationEssentials
import Glibc

/// The memory that is available to this process, checked before large allocations.
public enum MachineMemory {
  /// An upper bound on the memory of this process and the phrase that names its origin, such as "this machine has".
  struct Bound {
    let bytes: Double
    let holder: String
  }

  /// Requests below this number of bytes are always granted: checking takes longer than a small problem does.
  private static let least = 64e6

  /// Checks whether a planned allocation fits into memory.
  ///
  /// - Parameters:
  ///   - bytes: the bytes that are needed in total.
  ///   - held: how many of these bytes are allocated already, and therefore counted by the limits of the process.
  /// - Returns: a phrase such as "about 30.0 GB of memory, but this machine has 24.0 GB", or nil if there is enough
  ///   memory.
  public static func shortfall(bytes: Double, held: Double = 0) -> String? {
    bytes < least ? nil : shortfall(bytes: bytes, within: bounds(besides: held))
  }

  static func shortfall(bytes: Double, within bounds: [Bound]) -> String? {
    guard let least = bounds.min(by: { $0.bytes < $1.bytes }), bytes > least.bytes else { return nil }
    return "about \(text(bytes)) of memory, but \(least.holder) \(text(least.bytes))"
  }

  /// Formats a number of bytes: whole megabytes, rounded up, or gigabytes with one decimal.
  public static func text(_ bytes: Double) -> String {
    bytes < 0.95e9 ? "\(Int((max(bytes, 0) / 1e6).rounded(.up))) MB" : "\((bytes / 1e8).rounded() / 10) GB"
  }

  /// The machine's memory, the remainder of the process limits, and the limits of the process's control groups.
  private static func bounds(besides taken: Double) -> [Bound] {
    var bounds = [Bound(bytes: Double(ProcessInfo.processInfo.physicalMemory), holder: "this machine has")]
    #if os(Linux)
      let pages = ((try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? "").split(separator: " ").map {
        Double($0) ?? 0
      }
      // Some of what such a limit counts is in use already: the program itself and the data that it has read.
      for (resource, field, name) in [(RLIMIT_AS, 0, "ulimit -v"), (RLIMIT_DATA, 5, "ulimit -d")] {
        var limit = rlimit()
        guard getrlimit(Int32(resource.rawValue), &limit) == 0, limit.rlim_cur < UInt.max / 2 else { continue }
        let held = field < pages.count ? pages[field] * Double(sysconf(Int32(_SC_PAGESIZE))) : 0
        bounds.append(Bound(bytes: Double(limit.rlim_cur) - held + taken, holder: "this process may have (by \(name))"))
      }
      if let bytes = controlGroupLimit() {
        bounds.append(Bound(bytes: bytes, holder: "this process may have (by its control group)"))
      }
    #endif
    return bounds
  }

  /// The smallest memory limit of the control groups (version 1 or 2) of a process.
  ///
  /// - Parameters:
  ///   - list: the file that lists the groups.
  ///   - root: the directory in which the control groups are mounted.
  /// - Returns: the limit in bytes, or nil if there is none.
  static func controlGroupLimit(list: String = "/proc/self/cgroup", root: String = "/sys/fs/cgroup") -> Double? {
    var limits: [Double] = []
    for line in ((try? String(contentsOfFile: list, encoding: .utf8)) ?? "").split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let (folder, file): (String, String)
      if fields[1].isEmpty {
        (folder, file) = (root, "memory.max")
      } else if fields[1].split(separator: ",").contains("memory") {
        (folder, file) = (root + "/memory", "memory.limit_in_bytes")
      } else {
        continue
      }
      // A group is bound by its ancestors' limits too; inside a container the outer ones are not visible.
      var group = fields[2].split(separator: "/")
      while true {
        let path = ([folder] + group.map(String.init) + [file]).joined(separator: "/")
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        if let limit = text.split(whereSeparator: \.isWhitespace).first.flatMap({ Double($0) }) { limits.append(limit) }
        if group.popLast() == nil { break }
      }
    }
    return limits.min()
  }
}
