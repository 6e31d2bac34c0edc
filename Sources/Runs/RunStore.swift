import Documents
import Foundation

/// The results folder: `NAME/runs/KEY` holds a finished run, which is never modified; what is in the making lies in `.staging` and moves
/// to its place by one rename, so that nobody ever sees a half-written run.
public struct RunStore: Sendable {
  public let folder: String
  /// Digests of large files, remembered between commands.
  public let digests: FileDigests

  public init(folder: String) {
    self.folder = folder
    digests = FileDigests(path: "\(folder)/.staging/.digests.json")
  }

  /// Of the staging directory's name: where an older run lies while the newer one moves to its place.
  static let replacedSuffix = ".old"

  var stagingFolder: String { "\(folder)/.staging" }

  public func directory(of request: RunRequest) -> String { "\(folder)/\(request.experiment)/runs/\(request.key)" }

  /// Where the log of a run that failed is kept.
  public func failureLog(of request: RunRequest) -> String { "\(folder)/\(request.experiment)/failed/\(request.key).log" }

  public func isFinished(_ request: RunRequest) -> Bool {
    FileManager.default.fileExists(atPath: directory(of: request) + "/run.json")
  }

  /// The finished run; nil when there is none.
  public func record(of request: RunRequest) throws(DocumentError) -> RunRecord? {
    isFinished(request) ? try RunRecord(directory: directory(of: request)) : nil
  }

  /// The names of all experiments that have left something.
  public var experiments: [String] { Self.entries(folder).filter { FileManager.default.fileExists(atPath: "\(folder)/\($0)/runs") } }

  /// The keys of all finished runs of an experiment.
  public func keys(of experiment: String) -> [String] { Self.entries("\(folder)/\(experiment)/runs") }

  /// All finished runs of an experiment, in the order of their keys. Damaged ones are left out.
  public func records(of experiment: String) -> [RunRecord] {
    concurrentMap(keys(of: experiment)) { try? RunRecord(header: "\(folder)/\(experiment)/runs/\($0)") }.compactMap(\.self)
  }

  static func entries(_ folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
  }

  /// Keeps others away from this key until the lock is let go (or this process ends); nil while somebody else does.
  public func lock(_ request: RunRequest) throws(StoreError) -> FileLock? {
    try Self.createDirectory(stagingFolder)
    let path = lockPath(request.key)
    do {
      return try FileLock.attempt(path: path)
    } catch {
      throw .unwritable(path: path, reason: error.reason)
    }
  }

  /// An empty directory to build a run in. Call it under the lock: what ended attempts at this key left behind is removed.
  public func stage(_ request: RunRequest) throws(StoreError) -> String {
    for entry in Self.entries(stagingFolder) where entry.hasPrefix("\(request.key)-") {
      if entry.hasSuffix(Self.replacedSuffix) { restore(entry) }
      try? FileManager.default.removeItem(atPath: "\(stagingFolder)/\(entry)")
    }
    let directory = "\(stagingFolder)/\(request.key)-\(ProcessInfo.processInfo.processIdentifier)"
    try Self.createDirectory(directory)
    return directory
  }

  func lockPath(_ key: some StringProtocol) -> String { "\(stagingFolder)/\(key).lock" }

  /// The directories in which runs are being made, or in which a killed process has left one.
  func staged() -> (atWork: [String], left: [String]) {
    let directories = Self.entries(stagingFolder).filter { $0.contains("-") }
    let isAtWork = { (entry: String) in FileLock.isHeld(path: lockPath(entry.prefix(12))) }
    return (directories.filter(isAtWork), directories.filter { !isAtWork($0) })
  }

  /// Moves a finished run to its place, replacing an older one of the same key.
  public func commit(_ staged: String, as request: RunRequest) throws(StoreError) {
    let target = directory(of: request)
    try Self.createDirectory((target as NSString).deletingLastPathComponent)
    unlink(failureLog(of: request))
    if FileManager.default.fileExists(atPath: target) {
      let old = staged + Self.replacedSuffix
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
      try? Self.createDirectory((log as NSString).deletingLastPathComponent)
      unlink(log)
      try? FileManager.default.moveItem(atPath: "\(staged)/log.txt", toPath: log)
    }
    try? FileManager.default.removeItem(atPath: staged)
  }

  static func createDirectory(_ path: String) throws(StoreError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw .unwritable(path: path, reason: obstacle(to: path) ?? "the folder cannot be created (no permission, or the disk is full)")
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
