import Documents
import Files
import Foundation

/// The results folder.
///
/// `NAME/runs/KEY` holds a finished run, which is never modified. A run in progress uses a staging folder on the same
/// disk and takes its place in one step, so that no reader ever sees an incomplete run.
public struct RunStore: Sendable {
  /// The path of the results folder.
  public let folder: String
  /// The digests of large files, remembered between commands.
  public let digests: FileDigests

  /// Creates a store in a folder, which need not exist yet.
  public init(folder: String) {
    self.folder = folder
    digests = FileDigests(path: Self.digestFile(in: folder))
  }

  var digestFile: String { Self.digestFile(in: folder) }

  private static func digestFile(in folder: String) -> String { "\(folder)/.staging/.digests.json" }

  /// The suffix of a staging folder's name that marks an older run while the newer one takes its place.
  static let replacedSuffix = ".old"

  /// The folder of locks and of runs in progress.
  var stagingFolder: String { "\(folder)/.staging" }

  /// The relative path from the results folder to the current folder, which finds inputs if both have been moved.
  var pathToWorkingFolder: String {
    let here = FileManager.default.currentDirectoryPath
    func parts(_ path: String) -> ArraySlice<String> {
      URL(fileURLWithPath: path).standardizedFileURL.pathComponents[...]
    }
    var (from, to) = (parts(folder.hasPrefix("/") ? folder : "\(here)/\(folder)"), parts(here))
    while let first = from.first, first == to.first { (from, to) = (from.dropFirst(), to.dropFirst()) }
    return (from.map { _ in ".." } + to).joined(separator: "/")
  }

  func runsFolder(of experiment: String) -> String { "\(folder)/\(experiment)/runs" }

  /// The folder of an experiment's runs in progress, on the same disk as its finished runs.
  func stagingFolder(of experiment: String) -> String {
    let runs = runsFolder(of: experiment)
    // Renaming a file that does not exist tells: the system compares the disks before it looks for the file.
    let isElsewhere = rename("\(stagingFolder)/.none", "\(runs)/.none") != 0 && errno == EXDEV
    return isElsewhere ? "\(runs)/.staging" : stagingFolder
  }

  /// Returns the folder of a run.
  public func directory(of request: RunRequest) -> String { "\(runsFolder(of: request.experiment))/\(request.key)" }

  /// Returns the path of a failed run's log.
  public func failureLog(of request: RunRequest) -> String {
    "\(folder)/\(request.experiment)/failed/\(request.key).log"
  }

  /// Returns whether a run is finished.
  public func isFinished(_ request: RunRequest) -> Bool {
    FileManager.default.fileExists(atPath: directory(of: request) + "/run.json")
  }

  /// Returns a finished run, or nil if there is none; throws `DocumentError` if it is damaged.
  public func run(of request: RunRequest) throws(DocumentError) -> FinishedRun? {
    isFinished(request) ? try FinishedRun(directory: directory(of: request)) : nil
  }

  /// The names of all experiments that have results.
  public var experiments: [String] {
    Self.entries(folder).filter { FileManager.default.fileExists(atPath: "\(folder)/\($0)/runs") }
  }

  /// Returns the keys of an experiment's finished runs.
  public func keys(of experiment: String) -> [String] { Self.entries("\(folder)/\(experiment)/runs") }

  /// Returns the records of an experiment's finished runs in the order of their keys, without damaged ones.
  public func records(of experiment: String) -> [RunRecord] {
    concurrentMap(keys(of: experiment)) { try? RunRecord(file: "\(folder)/\(experiment)/runs/\($0)/run.json") }
      .compactMap(\.self)
  }

  static func entries(_ folder: String) -> [String] { (try? Disk.names(in: folder)) ?? [] }

  /// Returns the names in the results folder; throws `StoreError.unreadable` if it exists but cannot be read.
  public func names() throws(StoreError) -> [String] { try Disk.names(in: folder) }

  /// Throws `StoreError.unreadable` if an experiment has results that cannot be read and would be mistaken for none.
  public func requireReadable(_ experiment: String) throws(StoreError) {
    _ = try names()
    var status = stat()
    guard stat("\(folder)/\(experiment)", &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return }
    _ = try Disk.names(in: "\(folder)/\(experiment)")
    _ = try Disk.names(in: runsFolder(of: experiment))
  }

  /// Returns the SHA-256 that an input had in the newest run that read it; nil if no run did.
  public func digest(ofInput name: String, in experiment: String) -> String? {
    let found = records(of: experiment).compactMap { record -> (started: String, digest: String)? in
      record.inputs.first { $0.name == name }.map { (record.header.ending?.environment.started ?? "", $0.sha256) }
    }
    return found.max { ($0.started, $0.digest) < ($1.started, $1.digest) }?.digest
  }

  /// Locks the key of a run until the lock is released or this process ends; nil if another process holds the lock.
  public func lock(_ request: RunRequest) throws(StoreError) -> FileLock? {
    try Disk.createFolder(stagingFolder)
    let path = lockPath(request.key)
    do {
      return try FileLock.attempt(path: path)
    } catch {
      throw .unwritable(path: path, reason: Disk.reason(error.code))
    }
  }

  /// Creates an empty folder to build a run in.
  ///
  /// The caller must hold the lock; remains of earlier attempts at this run are deleted.
  ///
  /// - Parameter request: the run.
  /// - Returns: The folder.
  /// - Throws: `StoreError` if the folder cannot be created or the result could not be stored later.
  public func stage(_ request: RunRequest) throws(StoreError) -> String {
    let runs = runsFolder(of: request.experiment)
    try Disk.createFolder(stagingFolder)
    try Disk.createFolder(runs)
    // Find this out before the work, not after it.
    guard access(runs, W_OK | X_OK) == 0 else { throw .unwritable(path: runs, reason: Disk.reason(errno)) }
    let staging = stagingFolder(of: request.experiment)
    for entry in Self.entries(staging) where entry.hasPrefix("\(request.key)-") {
      if entry.hasSuffix(Self.replacedSuffix) { restore("\(staging)/\(entry)") }
      try? FileManager.default.removeItem(atPath: "\(staging)/\(entry)")
    }
    let directory = "\(staging)/\(request.key)-\(ProcessInfo.processInfo.processIdentifier)"
    try Disk.createFolder(directory)
    return directory
  }

  func lockPath(_ key: some StringProtocol) -> String { "\(stagingFolder)/\(key).lock" }

  /// Returns the staging folders of running processes, and those that killed processes have left.
  func staged() -> (atWork: [String], left: [String]) {
    let folders = [stagingFolder] + Self.entries(folder).map { "\(runsFolder(of: $0))/.staging" }
    let directories = folders.flatMap { folder in
      Self.entries(folder).filter { $0.contains("-") }.map { "\(folder)/\($0)" }
    }
    let isAtWork = { (path: String) in FileLock.isHeld(path: lockPath(Self.key(ofStaged: path))) }
    return (directories.filter(isAtWork), directories.filter { !isAtWork($0) })
  }

  /// Returns the key of the run in a staging folder.
  static func key(ofStaged path: String) -> String { String((path as NSString).lastPathComponent.prefix(12)) }

  /// Moves a finished run to its place, replacing an older one with the same key.
  public func commit(_ staged: String, as request: RunRequest) throws(StoreError) {
    let target = directory(of: request)
    try Disk.createFolder(runsFolder(of: request.experiment))
    let old = staged + Self.replacedSuffix
    let isReplaced = rename(target, old) == 0
    guard isReplaced || errno == ENOENT else {
      throw .unwritable(path: target, reason: "the older run cannot be moved: \(Disk.reason(errno))")
    }
    defer { if isReplaced { try? FileManager.default.removeItem(atPath: old) } }
    guard rename(staged, target) == 0 else {
      let code = errno
      if isReplaced { rename(old, target) }
      throw .unwritable(path: target, reason: Disk.reason(code))
    }
    unlink(failureLog(of: request))
  }

  /// Deletes the files of a failed or interrupted attempt, but can keep its log.
  public func discard(_ staged: String, of request: RunRequest, keepingLog: Bool) {
    if keepingLog {
      let log = failureLog(of: request)
      try? Disk.createFolder((log as NSString).deletingLastPathComponent)
      unlink(log)
      try? FileManager.default.moveItem(atPath: "\(staged)/log.txt", toPath: log)
    }
    try? FileManager.default.removeItem(atPath: staged)
  }
}
