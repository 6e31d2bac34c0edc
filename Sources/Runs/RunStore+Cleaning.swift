import Files
import Foundation

extension RunStore {
  /// Something that can be removed from the store.
  public struct Leftover: Sendable {
    /// The path of the file or folder.
    public let path: String
    /// The size of the file or folder in bytes.
    public let bytes: Int
    /// Whether it is a finished run, and not the remains of an attempt.
    let isRun: Bool
  }

  /// Returns the remains of ended attempts: staging folders that no process uses, and logs of failed runs.
  ///
  /// - Parameter experiment: the experiment whose logs are listed; nil for all.
  /// - Returns: The remains with their sizes.
  public func leftovers(of experiment: String? = nil) -> [Leftover] {
    recover()
    var paths = staged().left
    for name in experiment.map({ [$0] }) ?? Self.entries(folder) {
      paths += Self.entries("\(folder)/\(name)/failed").map { "\(folder)/\(name)/failed/\($0)" }
    }
    return paths.map { Self.leftover($0, isRun: false) }
  }

  /// Deletes the remains of killed processes, but keeps whole runs.
  func removeAbandonedAttempts() {
    recover()
    for path in staged().left { try? FileManager.default.removeItem(atPath: path) }
  }

  /// Repairs what killed processes left behind: restores older runs that nothing has replaced, and deletes locks that
  /// no process holds.
  func recover() {
    for path in staged().left where path.hasSuffix(Self.replacedSuffix) {
      guard let lock = try? FileLock.attempt(path: lockPath(Self.key(ofStaged: path))) else { continue }
      withExtendedLifetime(lock) { restore(path) }
    }
    // Releasing a lock deletes its file.
    for entry in Self.entries(stagingFolder) where entry.hasSuffix(".lock") {
      _ = try? FileLock.attempt(path: "\(stagingFolder)/\(entry)")
    }
  }

  /// Restores an older run if a process was killed before the new run took its place, and deletes it otherwise.
  ///
  /// The caller must hold the lock.
  ///
  /// - Parameter replaced: the path to which the older run was moved.
  func restore(_ replaced: String) {
    guard let experiment = (try? ListedRun(directory: replaced))?.experiment, !experiment.isEmpty else { return }
    guard rename(replaced, "\(runsFolder(of: experiment))/\(Self.key(ofStaged: replaced))") != 0 else { return }
    try? FileManager.default.removeItem(atPath: replaced)
  }

  /// Returns a finished run as something that can be removed.
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

  /// Deletes a leftover; of a finished run all files are deleted.
  ///
  /// - Parameter leftover: what to delete.
  /// - Returns: False if it stays, because a process is working on the run.
  /// - Throws: `StoreError` if it cannot be deleted.
  @discardableResult
  public func remove(_ leftover: Leftover) throws(StoreError) -> Bool {
    if leftover.isRun { return try removeRun(leftover.path) }
    try removeItem(leftover.path)
    return true
  }

  /// Deletes a run under its lock, so that it is not taken from a process that has just made it, after moving it away
  /// in one step.
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
    let experiment = (((path as NSString).deletingLastPathComponent as NSString).deletingLastPathComponent as NSString)
      .lastPathComponent
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
      // Another process was faster.
      guard access(path, F_OK) == 0 else { return }
      throw .unwritable(path: path, reason: "it cannot be removed")
    }
  }
}
