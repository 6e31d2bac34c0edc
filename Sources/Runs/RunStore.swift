import Documents
import Files
import Foundation

/// The results folder: `NAME/runs/KEY` holds a finished run, which is never modified; what is in the making lies in a staging folder on the same
/// disk and moves to its place by one rename, so that nobody ever sees a half-written run.
public struct RunStore: Sendable {
  public let folder: String
  /// Digests of large files, remembered between commands.
  public let digests: FileDigests

  public init(folder: String) {
    self.folder = folder
    digests = FileDigests(path: Self.digestFile(in: folder))
  }

  var digestFile: String { Self.digestFile(in: folder) }

  private static func digestFile(in folder: String) -> String { "\(folder)/.staging/.digests.json" }

  /// Of the staging directory's name: where an older run lies while the newer one moves to its place.
  static let replacedSuffix = ".old"

  /// Where locks are, and runs in the making.
  var stagingFolder: String { "\(folder)/.staging" }

  /// The way from the results folder to where otlab is called, by which inputs are found when both have been moved.
  var pathToWorkingFolder: String {
    let here = FileManager.default.currentDirectoryPath
    func parts(_ path: String) -> ArraySlice<String> { URL(fileURLWithPath: path).standardizedFileURL.pathComponents[...] }
    var (from, to) = (parts(folder.hasPrefix("/") ? folder : "\(here)/\(folder)"), parts(here))
    while let first = from.first, first == to.first { (from, to) = (from.dropFirst(), to.dropFirst()) }
    return (from.map { _ in ".." } + to).joined(separator: "/")
  }

  func runsFolder(of experiment: String) -> String { "\(folder)/\(experiment)/runs" }

  /// Where an experiment's runs are in the making: beside the finished ones where these lie on another disk, as they do behind a link or a mount.
  func stagingFolder(of experiment: String) -> String {
    let runs = runsFolder(of: experiment)
    // To rename nothing tells: the system looks at the disks before it looks for the file.
    let isElsewhere = rename("\(stagingFolder)/.none", "\(runs)/.none") != 0 && errno == EXDEV
    return isElsewhere ? "\(runs)/.staging" : stagingFolder
  }

  public func directory(of request: RunRequest) -> String { "\(runsFolder(of: request.experiment))/\(request.key)" }

  /// Where the log of a run that failed is kept.
  public func failureLog(of request: RunRequest) -> String { "\(folder)/\(request.experiment)/failed/\(request.key).log" }

  public func isFinished(_ request: RunRequest) -> Bool {
    FileManager.default.fileExists(atPath: directory(of: request) + "/run.json")
  }

  /// The finished run; nil when there is none.
  ///
  /// - Throws: `DocumentError` when it is damaged.
  public func run(of request: RunRequest) throws(DocumentError) -> FinishedRun? {
    isFinished(request) ? try FinishedRun(directory: directory(of: request)) : nil
  }

  /// The names of all experiments that have left something.
  public var experiments: [String] { Self.entries(folder).filter { FileManager.default.fileExists(atPath: "\(folder)/\($0)/runs") } }

  /// The keys of all finished runs of an experiment.
  public func keys(of experiment: String) -> [String] { Self.entries("\(folder)/\(experiment)/runs") }

  /// The records of all finished runs of an experiment, in the order of their keys. Damaged ones are left out: what is looked for is what others say.
  public func records(of experiment: String) -> [RunRecord] {
    concurrentMap(keys(of: experiment)) { try? RunRecord(file: "\(folder)/\(experiment)/runs/\($0)/run.json") }.compactMap(\.self)
  }

  static func entries(_ folder: String) -> [String] { (try? Disk.names(in: folder)) ?? [] }

  /// Everything in the results folder; nothing when there is none.
  ///
  /// - Throws: `StoreError.unreadable` when the folder is there and cannot be looked at.
  public func names() throws(StoreError) -> [String] { try Disk.names(in: folder) }

  /// - Throws: `StoreError.unreadable` when there are results of an experiment that cannot be looked at, and would be taken for none.
  public func requireReadable(_ experiment: String) throws(StoreError) {
    _ = try names()
    var status = stat()
    guard stat("\(folder)/\(experiment)", &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return }
    _ = try Disk.names(in: "\(folder)/\(experiment)")
    _ = try Disk.names(in: runsFolder(of: experiment))
  }

  /// The SHA-256 that an input had in the newest run that read it, by the name that its manifest gives it; nil when none did.
  public func digest(ofInput name: String, in experiment: String) -> String? {
    let found = records(of: experiment).compactMap { record -> (started: String, digest: String)? in
      record.inputs.first { $0.name == name }.map { (record.header.ending?.environment.started ?? "", $0.sha256) }
    }
    return found.max { ($0.started, $0.digest) < ($1.started, $1.digest) }?.digest
  }

  /// Keeps others away from this key until the lock is let go (or this process ends); nil while somebody else does.
  public func lock(_ request: RunRequest) throws(StoreError) -> FileLock? {
    try Disk.createFolder(stagingFolder)
    let path = lockPath(request.key)
    do {
      return try FileLock.attempt(path: path)
    } catch {
      throw .unwritable(path: path, reason: Disk.reason(error.code))
    }
  }

  /// An empty directory to build a run in. Call it under the lock: what ended attempts at this key left behind is removed.
  public func stage(_ request: RunRequest) throws(StoreError) -> String {
    let runs = runsFolder(of: request.experiment)
    try Disk.createFolder(stagingFolder)
    try Disk.createFolder(runs)
    // Known before the work and not after it.
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

  /// The paths of directories in which runs are being made, or in which a killed process has left one.
  func staged() -> (atWork: [String], left: [String]) {
    let folders = [stagingFolder] + Self.entries(folder).map { "\(runsFolder(of: $0))/.staging" }
    let directories = folders.flatMap { folder in Self.entries(folder).filter { $0.contains("-") }.map { "\(folder)/\($0)" } }
    let isAtWork = { (path: String) in FileLock.isHeld(path: lockPath(Self.key(ofStaged: path))) }
    return (directories.filter(isAtWork), directories.filter { !isAtWork($0) })
  }

  /// The key of a staging directory's run.
  static func key(ofStaged path: String) -> String { String((path as NSString).lastPathComponent.prefix(12)) }

  /// Moves a finished run to its place, replacing an older one of the same key.
  public func commit(_ staged: String, as request: RunRequest) throws(StoreError) {
    let target = directory(of: request)
    try Disk.createFolder(runsFolder(of: request.experiment))
    let old = staged + Self.replacedSuffix
    let isReplaced = rename(target, old) == 0
    guard isReplaced || errno == ENOENT else {
      throw .unwritable(path: target, reason: "the older run cannot be moved away: \(Disk.reason(errno))")
    }
    defer { if isReplaced { try? FileManager.default.removeItem(atPath: old) } }
    guard rename(staged, target) == 0 else {
      let code = errno
      if isReplaced { rename(old, target) }
      throw .unwritable(path: target, reason: Disk.reason(code))
    }
    unlink(failureLog(of: request))
  }

  /// Removes what a failed or interrupted attempt built, but keeps its log.
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
