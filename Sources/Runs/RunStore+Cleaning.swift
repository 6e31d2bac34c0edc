import Documents
import Foundation

extension RunStore {
  /// What can be removed, with its size.
  public struct Leftover: Sendable {
    public let path: String
    public let bytes: Int
  }

  /// What ended attempts have left: staging directories that nobody works in, and logs of failed runs.
  ///
  /// - Parameter experiment: only its logs; nil is all.
  public func leftovers(of experiment: String? = nil) -> [Leftover] {
    recover()
    var paths = staged().left.map { "\(stagingFolder)/\($0)" }
    for name in experiment.map({ [$0] }) ?? Self.entries(folder) {
      paths += Self.entries("\(folder)/\(name)/failed").map { "\(folder)/\(name)/failed/\($0)" }
    }
    return paths.map(Self.leftover)
  }

  /// Leaves of what killed processes were at work on nothing but whole runs.
  func removeAbandonedAttempts() {
    recover()
    for entry in staged().left { try? FileManager.default.removeItem(atPath: "\(stagingFolder)/\(entry)") }
  }

  /// Mends what killed processes left half done: older runs return to their places where nothing has replaced them, and locks that nobody
  /// holds go.
  func recover() {
    let entries = Self.entries(stagingFolder)
    for entry in entries where entry.hasSuffix(Self.replacedSuffix) {
      guard let lock = try? FileLock.attempt(path: lockPath(entry.prefix(12))) else { continue }
      withExtendedLifetime(lock) { restore(entry) }
    }
    // Letting go of a lock removes its file.
    for entry in entries where entry.hasSuffix(".lock") { _ = try? FileLock.attempt(path: "\(stagingFolder)/\(entry)") }
  }

  /// Puts an older run back where a kill came between the two steps of its replacement, and removes it where it came later. Call it under
  /// the lock.
  func restore(_ replaced: String) {
    let path = "\(stagingFolder)/\(replaced)"
    guard let experiment = (try? RunRecord(header: path))?.experiment, !experiment.isEmpty else { return }
    guard rename(path, "\(folder)/\(experiment)/runs/\(replaced.prefix(12))") != 0 else { return }
    try? FileManager.default.removeItem(atPath: path)
  }

  /// A finished run as something to be removed.
  public func leftover(_ key: String, of experiment: String) -> Leftover { Self.leftover("\(folder)/\(experiment)/runs/\(key)") }

  private static func leftover(_ path: String) -> Leftover {
    let files = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String }.map { "\(path)/\($0)" } ?? []
    let bytes = ([path] + files).reduce(0) { total, file in
      var status = stat()
      return stat(file, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? total + Int(status.st_size) : total
    }
    return Leftover(path: path, bytes: bytes)
  }

  public func remove(_ leftover: Leftover) throws(StoreError) {
    do {
      try FileManager.default.removeItem(atPath: leftover.path)
    } catch {
      throw .unwritable(path: leftover.path, reason: "it cannot be removed")
    }
  }
}
