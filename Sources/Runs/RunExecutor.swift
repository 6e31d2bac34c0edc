import Documents
import Foundation

/// Carries out runs, each as a child process of the same binary, so that a crash loses one run and threads and memory are a run's own.
public struct RunExecutor: Sendable {
  public enum Outcome: Sendable {
    /// The run was made now.
    case finished(RunRecord)
    /// It was there already, or another process has just finished it.
    case reused(RunRecord)
    /// The child ended with this exit code; it has said why itself.
    case failed(code: Int32)
    case interrupted
  }

  public let store: RunStore
  /// What provenance the parent adds to every job.
  public let provenance: Value
  /// The binary and the arguments before the job file.
  public let command: [String]

  public init(store: RunStore, provenance: Value, command: [String]) {
    self.store = store
    self.provenance = provenance
    self.command = command
  }

  /// Makes the run unless it is finished.
  ///
  /// - Parameters:
  ///   - force: makes it anew even so; the new run replaces the old one only when it is complete.
  ///   - onWait: called when another process is at work on the same key, which is then waited for.
  public func execute(_ request: RunRequest, force: Bool = false, onWait: () -> Void = {}) throws -> Outcome {
    if !force, let record = try store.record(of: request) { return .reused(record) }
    var waited = false
    let lock = try store.lock(request) {
      waited = true
      onWait()
    }
    defer { withExtendedLifetime(lock) {} }
    if !force || waited, let record = try store.record(of: request) { return .reused(record) }
    let staged = try store.stage(request)
    guard var job = request.job.object else { preconditionFailure("a job is an object") }
    job["provenance"] = provenance
    job["directory"] = .string(staged)
    let jobFile = "\(staged)/job.json"
    guard FileManager.default.createFile(atPath: jobFile, contents: Data(Value.object(job).json().utf8)) else {
      store.discard(staged, of: request, keepingLog: false)
      throw StoreError.unwritable(path: staged, reason: "no permission, or the disk is full")
    }
    return try run(request, jobFile: jobFile, staged: staged)
  }

  private func run(_ request: RunRequest, jobFile: String, staged: String) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst()) + [jobFile]
    do {
      try Interruption.shared.run(process)
    } catch {
      store.discard(staged, of: request, keepingLog: false)
      throw StoreError.cannotStart(reason: "\(command[0]) does not start")
    }
    if Interruption.shared.isInterrupted {
      store.discard(staged, of: request, keepingLog: false)
      return .interrupted
    }
    if process.terminationReason == .uncaughtSignal {
      store.discard(staged, of: request, keepingLog: true)
      throw StoreError.crashed(
        label: request.title, signal: Int(process.terminationStatus), log: store.failureLog(of: request))
    }
    guard process.terminationStatus == 0 else {
      store.discard(staged, of: request, keepingLog: true)
      return .failed(code: process.terminationStatus)
    }
    unlink(jobFile)
    try store.commit(staged, as: request)
    return .finished(try RunRecord(directory: store.directory(of: request)))
  }
}
