import Files
import Foundation

extension RunStore {
  /// What can be removed, with its size.
  public struct Leftover: Sendable {
    public let path: String
    public let bytes: Int
    /// Whether it is a finished run, and not what an attempt has left.
    let isRun: Bool
  }

  /// What ended attempts have left: staging directories that nobody works in, and logs of failed runs.
  ///
  /// - Parameter experiment: only its logs; nil is all.
  public func leftovers(of experiment: String? = nil) -> [Leftover] {
    recover()
    var paths = staged().left
    for name in experiment.map({ [$0] }) ?? Self.entries(folder) {
      paths += Self.entries("\(folder)/\(name)/failed").map { "\(folder)/\(name)/failed/\($0)" }
    }
    return paths.map { Self.leftover($0, isRun: false) }
  }

  /// Leaves of what killed processes were at work on nothing but whole runs.
  func removeAbandonedAttempts() {
    recover()
    for path in staged().left { try? FileManager.default.removeItem(atPath: path) }
  }

  /// Mends what killed processes left half done: older runs return to their places where nothing has replaced them, and locks that nobody
  /// holds go.
  func recover() {
    for path in staged().left where path.hasSuffix(Self.replacedSuffix) {
      guard let lock = try? FileLock.attempt(path: lockPath(Self.key(ofStaged: path))) else { continue }
      withExtendedLifetime(lock) { restore(path) }
    }
    // Letting go of a lock removes its file.
    for entry in Self.entries(stagingFolder) where entry.hasSuffix(".lock") { _ = try? FileLock.attempt(path: "\(stagingFolder)/\(entry)") }
  }

  /// Puts an older run back where a kill came between the two steps of its replacement, and removes it where it came later. Call it under
  /// the lock.
  func restore(_ replaced: String) {
    guard let experiment = (try? ListedRun(directory: replaced))?.experiment, !experiment.isEmpty else { return }
    guard rename(replaced, "\(runsFolder(of: experiment))/\(Self.key(ofStaged: replaced))") != 0 else { return }
    try? FileManager.default.removeItem(atPath: replaced)
  }

  /// A finished run as something to be removed.
  public func leftover(_ key: String, of experiment: String) -> Leftover {
    Self.leftover("\(runsFolder(of: experiment))/\(key)", isRun: true)
  }

  private static func leftover(_ path: String, isRun: Bool) -> Leftover {
    let files = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String }.map { "\(path)/\($0)" } ?? []
    let bytes = ([path] + files).reduce(0) { total, file in
      var status = stat()
      return stat(file, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? total + Int(status.st_size) : total
    }
    return Leftover(path: path, bytes: bytes, isRun: isRun)
  }

  /// Removes it; a finished run goes as a whole.
  ///
  /// - Returns: false when it stays, since a process is at work on the run.
  @discardableResult
  public func remove(_ leftover: Leftover) throws(StoreError) -> Bool {
    if leftover.isRun { return try removeRun(leftover.path) }
    try removeItem(leftover.path)
    return true
  }

  /// Under its lock, so that the run is not taken away from a process that has just made it; and out of its place by one rename, so that nobody reads
  /// half of it.
  private func removeRun(_ path: String) throws(StoreError) -> Bool {
    let key = Self.key(ofStaged: path)
    try Disk.createFolder(stagingFolder)
    let lock: FileLock?
    do {
      lock = try FileLock.attempt(path: lockPath(key))
    } catch {
      throw .unwritable(path: path, reason: "it cannot be removed: \(Disk.reason(error.code))")
    }
    guard let lock else { return false }
    let experiment = (((path as NSString).deletingLastPathComponent as NSString).deletingLastPathComponent as NSString).lastPathComponent
    let staging = stagingFolder(of: experiment)
    try Disk.createFolder(staging)
    let aside = "\(staging)/\(key)-\(ProcessInfo.processInfo.processIdentifier)"
    guard rename(path, aside) == 0 else {
      if errno == ENOENT { return true }
      throw .unwritable(path: path, reason: "it cannot be removed: \(Disk.reason(errno))")
    }
    try removeItem(aside)
    withExtendedLifetime(lock) {}
    return true
  }

  private func removeItem(_ path: String) throws(StoreError) {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      // Somebody else was faster.
      guard access(path, F_OK) == 0 else { return }
      throw .unwritable(path: path, reason: "it cannot be removed")
    }
  }
}
