import FoundationEssentials
import Glibc

/// The memory that this process can have, to be asked before much of it is.
public enum MachineMemory {
  /// An upper bound on what this process can have, and who sets it, as in "this machine has".
  struct Bound {
    let bytes: Double
    let holder: String
  }

  /// Less than this is not asked for: every process has it, and asking takes longer than what small problems do with it.
  private static let least = 64e6

  /// What a sentence says of a need that is too large, as in "about 30.0 GB of memory, but this machine has 24.0 GB"; nil when there is enough.
  ///
  /// - Parameter held: so many of these bytes were taken already, which limits of the process have counted.
  public static func shortfall(bytes: Double, held: Double = 0) -> String? {
    bytes < least ? nil : shortfall(bytes: bytes, within: bounds(besides: held))
  }

  static func shortfall(bytes: Double, within bounds: [Bound]) -> String? {
    guard let least = bounds.min(by: { $0.bytes < $1.bytes }), bytes > least.bytes else { return nil }
    return "about \(text(bytes)) of memory, but \(least.holder) \(text(least.bytes))"
  }

  /// Bytes as sentences say them: whole megabytes, rounded up, or gigabytes with one digit.
  public static func text(_ bytes: Double) -> String {
    bytes < 0.95e9 ? "\(Int((max(bytes, 0) / 1e6).rounded(.up))) MB" : "\((bytes / 1e8).rounded() / 10) GB"
  }

  /// The machine's memory, what limits of the process leave beside what is held, and those of the control groups that it is in.
  private static func bounds(besides taken: Double) -> [Bound] {
    var bounds = [Bound(bytes: Double(ProcessInfo.processInfo.physicalMemory), holder: "this machine has")]
    #if os(Linux)
      let pages = ((try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? "").split(separator: " ").map { Double($0) ?? 0 }
      // Of what such a limit counts, some is held already: the program itself, and what it has read.
      for (resource, field, name) in [(RLIMIT_AS, 0, "ulimit -v"), (RLIMIT_DATA, 5, "ulimit -d")] {
        var limit = rlimit()
        guard getrlimit(Int32(resource.rawValue), &limit) == 0, limit.rlim_cur < UInt.max / 2 else { continue }
        let held = field < pages.count ? pages[field] * Double(sysconf(Int32(_SC_PAGESIZE))) : 0
        bounds.append(Bound(bytes: Double(limit.rlim_cur) - held + taken, holder: "this process may have (by \(name))"))
      }
      if let bytes = controlGroupLimit() { bounds.append(Bound(bytes: bytes, holder: "this process may have (by its control group)")) }
    #endif
    return bounds
  }

  /// The least limit of the control groups of a process, of either version; nil when there is none.
  ///
  /// - Parameters:
  ///   - list: the file that names the groups.
  ///   - root: where their folders lie.
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
      // A group has no more than the groups that it lies in; inside of a container the upper ones are not seen.
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
