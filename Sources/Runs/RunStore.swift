import Documents
import Foundation

/// The results folder: `NAME/runs/KEY` holds a finished run, which is never modified; what is in the making lies in `.staging` and moves
/// to its place by one rename, so that nobody ever sees a half-written run.
public struct RunStore: Sendable {
  public let folder: String

  public init(folder: String) { self.folder = folder }

  public func directory(of request: RunRequest) -> String { directory(experiment: request.experiment, key: request.key) }

  public func directory(experiment: String, key: String) -> String { "\(folder)/\(experiment)/runs/\(key)" }

  /// Where the log of a run that failed is kept.
  public func failureLog(of request: RunRequest) -> String { "\(folder)/\(request.experiment)/failed/\(request.key).log" }

  public func isFinished(_ request: RunRequest) -> Bool {
    FileManager.default.fileExists(atPath: directory(of: request) + "/run.json")
  }

  /// The finished run; nil when there is none.
  public func record(of request: RunRequest) throws(DocumentError) -> RunRecord? {
    isFinished(request) ? try RunRecord(directory: directory(of: request)) : nil
  }

  /// The keys of all finished runs of an experiment.
  public func keys(of experiment: String) -> [String] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(experiment)/runs")) ?? []
    return entries.filter { !$0.hasPrefix(".") }.sorted()
  }

  /// Waits until no other process works on this key, then keeps others away until the lock is let go (or this process ends).
  ///
  /// - Parameter onWait: called once if there is someone to wait for.
  public func lock(_ request: RunRequest, onWait: () -> Void) throws(StoreError) -> FileLock {
    try createDirectory("\(folder)/.staging")
    let path = "\(folder)/.staging/\(request.key).lock"
    do {
      return try FileLock(path: path, onWait: onWait)
    } catch {
      throw .unwritable(path: path, reason: error.reason)
    }
  }

  /// An empty directory to build a run in. Call it under the lock: what ended attempts at this key left behind is removed.
  public func stage(_ request: RunRequest) throws(StoreError) -> String {
    let parent = "\(folder)/.staging"
    for entry in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] where entry.hasPrefix("\(request.key)-") {
      try? FileManager.default.removeItem(atPath: "\(parent)/\(entry)")
    }
    let directory = "\(parent)/\(request.key)-\(ProcessInfo.processInfo.processIdentifier)"
    try createDirectory(directory)
    return directory
  }

  /// Moves a finished run to its place, replacing an older one of the same key.
  public func commit(_ staged: String, as request: RunRequest) throws(StoreError) {
    let target = directory(of: request)
    try createDirectory((target as NSString).deletingLastPathComponent)
    if isFinished(request) || FileManager.default.fileExists(atPath: target) {
      let old = staged + ".old"
      guard rename(target, old) == 0 else { throw .unwritable(path: target, reason: "the older run cannot be moved away") }
      defer { try? FileManager.default.removeItem(atPath: old) }
      guard rename(staged, target) == 0 else {
        rename(old, target)
        throw .unwritable(path: target, reason: String(cString: strerror(errno)))
      }
      return
    }
    guard rename(staged, target) == 0 else { throw .unwritable(path: target, reason: String(cString: strerror(errno))) }
  }

  /// Removes what a failed or interrupted attempt built, but keeps its log.
  public func discard(_ staged: String, of request: RunRequest, keepingLog: Bool) {
    if keepingLog {
      let log = failureLog(of: request)
      try? createDirectory((log as NSString).deletingLastPathComponent)
      unlink(log)
      try? FileManager.default.moveItem(atPath: "\(staged)/log.txt", toPath: log)
    }
    try? FileManager.default.removeItem(atPath: staged)
  }

  private func createDirectory(_ path: String) throws(StoreError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw .unwritable(path: path, reason: Self.obstacle(to: path) ?? "the folder cannot be created (no permission, or the disk is full)")
    }
  }

  /// The part of a path that is a file where a folder belongs.
  private static func obstacle(to path: String) -> String? {
    var part = path
    while !part.isEmpty, part != "/" {
      var isDirectory: ObjCBool = false
      if FileManager.default.fileExists(atPath: part, isDirectory: &isDirectory) {
        return isDirectory.boolValue ? nil : "\(part) is a file, but a folder was expected"
      }
      part = (part as NSString).deletingLastPathComponent
    }
    return nil
  }
}
