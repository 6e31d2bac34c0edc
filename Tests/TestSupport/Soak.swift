import Foundation

/// The scale of long tests: a small sample in `make test`, and everything in `make soak`, which reports what was
/// done.
public enum Soak {
  /// The folder of the report's lines; nil in `make test`.
  private static let folder = ProcessInfo.processInfo.environment["OTLAB_SOAK"]

  private static let lock = NSLock()

  /// Whether the tests run at full scale.
  public static var isFull: Bool { folder != nil }

  /// Returns the number of cases to run: all, or the sample in `make test`.
  public static func count(_ all: Int, sample: Int) -> Int { isFull ? all : sample }

  /// Writes a line of results/tables/soak.md; does nothing in `make test`.
  public static func report(_ part: String, _ what: String, cases: Int, outcome: String, since start: Date) {
    guard let folder else { return }
    let seconds = Int(Date().timeIntervalSince(start).rounded())
    let line = "| \(part) | \(what) | \(cases) | \(outcome) | \(seconds) |\n"
    let path = "\(folder)/\(part).md"
    lock.withLock {
      let before = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
      try? (before + line).write(toFile: path, atomically: true, encoding: .utf8)
    }
  }

  /// Keeps a file on which something went wrong.
  public static func keep(_ path: String, as name: String) {
    guard let folder else { return }
    try? FileManager.default.createDirectory(atPath: "\(folder)/faults", withIntermediateDirectories: true)
    try? FileManager.default.removeItem(atPath: "\(folder)/faults/\(name)")
    try? FileManager.default.copyItem(atPath: path, toPath: "\(folder)/faults/\(name)")
  }

  /// A folder in memory if there is one.
  public static let fastFolder =
    FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
}
