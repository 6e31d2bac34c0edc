import Files
import Foundation
import Manifests
import Processes

/// One run in the making: its lock, its staging directory, its child process.
final class RunAttempt {
  let request: RunRequest
  /// Set when the run is stopped for a limit.
  private var exceeded: String?
  private let store: RunStore
  private let staged: String
  private let lock: FileLock
  private let child: ChildProcess
  /// The bytes it may hold.
  private let memory: Int?
  private var sinceLook = Stopwatch()

  /// Starts the child process of a run whose lock is held.
  ///
  /// - Parameters:
  ///   - command: the binary and the arguments before the job file and our process identifier.
  ///   - memory: the bytes it may hold: its own limit, or less where the schedule has less.
  ///   - provenance: what goes into the record besides the request.
  ///   - executableDigest: the SHA-256 of the binary.
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
      request, provenance: provenance, executableDigest: executableDigest, folder: FileManager.default.currentDirectoryPath,
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

  /// OpenBLAS starts threads of its own with every process, which look for work for 2²⁶ processor cycles before they sleep and take that time from the
  /// runs beside them. Products never use them.
  private static let environment = ["OPENBLAS_NUM_THREADS": "1"]

  var secondsElapsed: Double { child.secondsElapsed }

  /// What the run last said.
  var lastLine: String? { Log.tail("\(staged)/log.txt").last.map(Log.text) }

  /// Looks after the child.
  ///
  /// - Returns: nil while it is at work.
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
        return .failed(RunFailure(sentence: "the run '\(request.title)' is lost: \(error)", code: EX_CANTCREAT, log: log))
      }
    case .exited(let code):
      let said = Log.tail("\(staged)/log.txt").last { $0.hasPrefix("error: ") }.map { String($0.dropFirst(7)) }
      store.discard(staged, of: request, keepingLog: true)
      return .failed(RunFailure(sentence: said ?? silentEnd(code), code: code, log: log))
    case .signalled(let signal):
      store.discard(staged, of: request, keepingLog: true)
      return .failed(RunFailure(sentence: "the run '\(request.title)' was ended by signal \(signal)", code: 1, log: log))
    }
  }

  /// What to say when the run could not: on a full disk there is no room for its sentence either.
  private func silentEnd(_ code: Int32) -> String {
    code == EX_CANTCREAT
      ? "the run '\(request.title)' could not write its files (no permission, or the disk is full)"
      : "the run '\(request.title)' ended with the code \(code)"
  }

  private func enforceLimits() {
    guard exceeded == nil, sinceLook.hasPassed(0.02) else { return }
    let limits = request.limits
    if let seconds = limits.seconds, child.secondsElapsed > seconds {
      exceeded = "it took longer than the \(Quantity.time(seconds)) that limits.time allows"
    } else if let memory {
      let held = child.residentMemory
      let rule = memory == limits.memory ? "limits.memory" : "--memory"
      if held > memory { exceeded = "it held \(Quantity.memory(held)), but \(rule) allows \(Quantity.memory(memory))" }
    }
    if exceeded != nil { child.stop() }
  }

  /// Ends the child and leaves nothing behind.
  func abandon() {
    child.stop()
    store.discard(staged, of: request, keepingLog: false)
  }
}

/// How a run ended.
public enum RunOutcome: Sendable {
  /// The run was made now.
  case finished(FinishedRun)
  /// It was there already, or another process has just finished it.
  case reused(FinishedRun)
  case failed(RunFailure)
  /// It was not begun, since another one had failed.
  case skipped
  case interrupted
}

/// Why there is no result.
public struct RunFailure: Sendable {
  public let sentence: String
  /// The exit code of the run's process.
  public let code: Int32
  public let log: String
}
