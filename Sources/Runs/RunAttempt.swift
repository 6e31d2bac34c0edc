import Files
import Foundation
import Manifests
import Processes

/// One attempt at a run: its lock, its staging folder, and its child process.
final class RunAttempt {
  let request: RunRequest
  /// The limit that the run has exceeded; nil if it has not.
  private var exceeded: String?
  private let store: RunStore
  private let staged: String
  private let lock: FileLock
  private let child: ChildProcess
  /// The memory limit in bytes.
  private let memory: Int?
  private var sinceLook = Stopwatch()

  /// Starts the child process of a run whose lock is held.
  ///
  /// - Parameters:
  ///   - request: the run.
  ///   - store: the store of the run.
  ///   - lock: the lock on the run's key.
  ///   - command: the program and the arguments that precede the job file and this process's identifier.
  ///   - threads: the number of threads that the run may use.
  ///   - memory: the memory limit in bytes; nil for none.
  ///   - provenance: what the record holds besides the request.
  ///   - executableDigest: the SHA-256 of the program.
  /// - Throws: `StoreError` if the run cannot be started.
  init(
    _ request: RunRequest, in store: RunStore, lock: FileLock, command: [String], threads: Int, memory: Int?,
    provenance: Provenance?, executableDigest: String
  ) throws(StoreError) {
    self.request = request
    self.store = store
    self.lock = lock
    self.memory = memory
    staged = try store.stage(request)
    let record = RunRecord(
      request, provenance: provenance, executableDigest: executableDigest,
      folder: FileManager.default.currentDirectoryPath,
      folderFromResults: store.pathToWorkingFolder)
    let job = RunJob(record: record, directory: staged, digestFile: store.digestFile, threads: threads)
    let jobFile = "\(staged)/job.json"
    do {
      try Disk.write(job.value.json(), to: jobFile)
      child = try Self.start(
        command + [jobFile, "\(ProcessInfo.processInfo.processIdentifier)"], log: "\(staged)/log.txt")
    } catch {
      store.discard(staged, of: request, keepingLog: false)
      throw error
    }
  }

  private static func start(_ command: [String], log: String) throws(StoreError) -> ChildProcess {
    do {
      return try ChildProcess(command, log: log, environment: environment, restoring: Interruption.shared.taken)
    } catch {
      throw .cannotStart(reason: error.reason)
    }
  }

  /// The variables of the child process.
  ///
  /// OpenBLAS starts its threads with every process, and they search for work for 2²⁶ cycles before they sleep, which
  /// slows down other runs. Products do not use these threads.
  private static let environment = ["OPENBLAS_NUM_THREADS": "1"]

  var secondsElapsed: Double { child.secondsElapsed }

  /// The last line of the run's log.
  var lastLine: String? { Log.tail("\(staged)/log.txt").last.map(Log.text) }

  /// Returns how the run ended, and enforces its limits; nil while it is running.
  func poll() -> RunOutcome? {
    enforceLimits()
    guard let end = child.poll() else { return nil }
    let log = store.failureLog(of: request)
    if let exceeded {
      store.discard(staged, of: request, keepingLog: true)
      return .failed(RunFailure(sentence: "the run '\(request.title)' was stopped: \(exceeded)", code: 1, log: log))
    }
    switch end {
    case .exited(0):
      unlink("\(staged)/job.json")
      do {
        try store.commit(staged, as: request)
        return .finished(try FinishedRun(directory: store.directory(of: request)))
      } catch {
        store.discard(staged, of: request, keepingLog: true)
        return .failed(
          RunFailure(sentence: "the run '\(request.title)' is lost: \(error)", code: EX_CANTCREAT, log: log))
      }
    case .exited(let code):
      let said = Log.tail("\(staged)/log.txt").last { $0.hasPrefix("error: ") }.map { String($0.dropFirst(7)) }
      store.discard(staged, of: request, keepingLog: true)
      return .failed(RunFailure(sentence: said ?? silentEnd(code), code: code, log: log))
    case .signalled(let signal):
      store.discard(staged, of: request, keepingLog: true)
      return .failed(
        RunFailure(sentence: "the run '\(request.title)' was ended by signal \(signal)", code: 1, log: log))
    }
  }

  /// The message about a run that could not log one; on a full disk there is no room for it.
  private func silentEnd(_ code: Int32) -> String {
    code == EX_CANTCREAT
      ? "the run '\(request.title)' could not write its files (no permission, or the disk is full)"
      : "the run '\(request.title)' ended with the code \(code)"
  }

  private func enforceLimits() {
    guard exceeded == nil, sinceLook.hasPassed(0.02) else { return }
    let limits = request.limits
    if let seconds = limits.seconds, child.secondsElapsed > seconds {
      exceeded = "it exceeded limits.time, \(Quantity.time(seconds))"
    } else if let memory {
      let held = child.residentMemory
      let rule = memory == limits.memory ? "limits.memory" : "--memory"
      if held > memory { exceeded = "it used \(Quantity.memory(held)), but \(rule) allows \(Quantity.memory(memory))" }
    }
    if exceeded != nil { child.stop() }
  }

  /// Stops the child and removes its files.
  func abandon() {
    child.stop()
    store.discard(staged, of: request, keepingLog: false)
  }
}

/// The outcome of a run in a schedule.
public enum RunOutcome: Sendable {
  /// The run was carried out now.
  case finished(FinishedRun)
  /// The result existed already, or another process has just produced it.
  case reused(FinishedRun)
  /// The run failed.
  case failed(RunFailure)
  /// The run was not started, because another one had failed.
  case skipped
  /// The run was interrupted.
  case interrupted
}

/// The reason why a run has no result.
public struct RunFailure: Sendable {
  /// The reason in one sentence.
  public let sentence: String
  /// The exit code of the run's process.
  public let code: Int32
  /// The path of the log.
  public let log: String
}
