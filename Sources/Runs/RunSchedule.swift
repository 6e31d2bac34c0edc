import Files
import Foundation
import Processes

/// Carries out runs, each in a child process, so that a crash loses only one run and limits apply to each.
///
/// Several schedules, in one or several processes, may share a results folder: each takes runs that no other process
/// is working on, and waits for the rest at the end.
public struct RunSchedule {
  /// The finished runs that are reused.
  ///
  /// A new run replaces an old one only when it is complete.
  public enum Reuse: Sendable {
    /// All finished runs are reused.
    case any
    /// Only runs of this build are reused.
    case ofThisBuild
    /// No run is reused.
    case none
  }

  /// The options of a schedule.
  public struct Options: Sendable {
    /// The number of runs at a time; the processors are divided among them.
    public var jobs = 1
    /// The memory in bytes that all running runs may use together.
    ///
    /// Each run counts with its `limits.memory`, or with all of the memory if it has no limit; a run that does not
    /// fit waits.
    public var memory: Int?
    /// The finished runs that are reused; by default all.
    public var reuse = Reuse.any
    /// Whether no other run is started after one has failed.
    public var failsFast = false

    /// Creates the default options: one run at a time, without a limit of memory, and with reuse of all finished
    /// runs.
    public init() {}
  }

  /// An event of a schedule.
  public enum Event {
    /// A run has started.
    case started(RunRequest)
    /// Another process is already running this run.
    case elsewhere(RunRequest)
    /// A run has ended.
    case ended(RunRequest, RunOutcome, seconds: Double)
    /// A few times a second: the running runs with the last line of each log.
    case tick([(request: RunRequest, says: String?)])
  }

  /// The store of the runs.
  public let store: RunStore
  /// What the parent process records in every run.
  public let provenance: Provenance?
  /// The SHA-256 of the program, which tells results of different builds apart.
  public let executableDigest: String
  /// The program and the arguments that precede the job file and the parent's process identifier.
  public let command: [String]
  /// The options of the schedule.
  public let options: Options

  /// Creates a schedule that starts runs by a command and keeps them in a store.
  public init(
    store: RunStore, provenance: Provenance?, executableDigest: String, command: [String], options: Options = Options()
  ) {
    self.store = store
    self.provenance = provenance
    self.executableDigest = executableDigest
    self.command = command
    self.options = options
  }

  /// Carries out all runs; equal requests are carried out once.
  ///
  /// - Parameters:
  ///   - requests: the runs.
  ///   - onEvent: receives the events.
  /// - Returns: The outcomes by run folder.
  /// - Throws: `StoreError` if no run at all can be started; a run that cannot start while others can has failed.
  public func carryOut(_ requests: [RunRequest], onEvent: @escaping (Event) -> Void) throws -> [String: RunOutcome] {
    store.removeAbandonedAttempts()
    return try Interruption.shared.watched {
      var work = Work(schedule: self, requests: requests, onEvent: onEvent)
      do {
        while try work.step() { usleep(work.pause) }
      } catch {
        work.abandon()
        throw error
      }
      return work.outcomes
    }
  }

  /// Returns the memory limit of a run in bytes.
  func memory(for request: RunRequest) -> Int? { [request.limits.memory, options.memory].compactMap { $0 }.min() }

  /// Returns the number of threads that a run may use.
  func threads(for request: RunRequest) -> Int {
    options.jobs == 1
      ? request.limits.threads
      : max(1, min(request.limits.threads, ProcessInfo.processInfo.activeProcessorCount / options.jobs))
  }
}

/// The state of a schedule while it works.
private struct Work {
  let schedule: RunSchedule
  let onEvent: (RunSchedule.Event) -> Void
  private(set) var outcomes: [String: RunOutcome] = [:]
  private var pending: ArraySlice<RunRequest>
  /// The runs that other processes are working on.
  private var elsewhere: [Elsewhere] = []
  /// The runs that could not be started before any other was.
  private var unbegun: [(request: RunRequest, error: StoreError)] = []
  private var hasBegun = false
  /// Whether to wait for a run to end because no other could be started beside it.
  private var isCrowded = false
  private var active: [RunAttempt] = []
  private var sinceTick = Stopwatch()
  private var sinceVisit = Stopwatch()

  init(schedule: RunSchedule, requests: [RunRequest], onEvent: @escaping (RunSchedule.Event) -> Void) {
    self.schedule = schedule
    self.onEvent = onEvent
    var seen: Set<String> = []
    pending = requests.filter { seen.insert(schedule.store.directory(of: $0)).inserted }[...]
  }

  /// A run that another process works on, with its record as we found it.
  private struct Elsewhere {
    let request: RunRequest
    let record: FileStamp?
  }

  /// The microseconds until the next check, short while a run is young so that small runs do not wait.
  var pause: UInt32 { active.contains { $0.secondsElapsed < 1 } ? 1000 : 10_000 }

  /// Does one step, and returns whether there is more to do.
  mutating func step() throws -> Bool {
    if Interruption.shared.isInterrupted {
      abandon()
      return false
    }
    begin()
    for attempt in active {
      if let outcome = attempt.poll() { end(attempt, outcome) }
    }
    if sinceTick.hasPassed(0.2) { onEvent(.tick(active.map { ($0.request, $0.lastLine) })) }
    if !(pending.isEmpty && active.isEmpty && elsewhere.isEmpty) { return true }
    if let first = unbegun.first { throw first.error }
    return false
  }

  private mutating func begin() {
    while active.count < schedule.options.jobs, !isCrowded, let request = nextThatFits() {
      let record = FileStamp(of: recordFile(of: request))
      if begin(request, reusing: schedule.options.reuse) { continue }
      if isCrowded {
        pending = [request] + pending
      } else {
        onEvent(.elsewhere(request))
        elsewhere.append(Elsewhere(request: request, record: record))
      }
    }
    guard pending.isEmpty, active.count < schedule.options.jobs, !isCrowded, sinceVisit.hasPassed(0.05) else { return }
    for waiting in elsewhere.reversed()
    where active.count < schedule.options.jobs && !isCrowded && needs(waiting.request) <= room {
      guard begin(waiting.request, reusing: reuse(afterWaiting: waiting)) else { continue }
      elsewhere.removeAll {
        $0.request.key == waiting.request.key && $0.request.experiment == waiting.request.experiment
      }
    }
  }

  private func recordFile(of request: RunRequest) -> String { "\(schedule.store.directory(of: request))/run.json" }

  /// Takes the first run that fits into the memory left.
  private mutating func nextThatFits() -> RunRequest? {
    let room = room
    guard let index = pending.firstIndex(where: { needs($0) <= room }) else { return nil }
    // Removing from the front of a slice takes constant time.
    return index == pending.startIndex ? pending.removeFirst() : pending.remove(at: index)
  }

  /// The memory in bytes that the running runs leave.
  private var room: Int { (schedule.options.memory ?? .max) - active.reduce(0) { $0 + needs($1.request) } }

  private func needs(_ request: RunRequest) -> Int {
    schedule.options.memory == nil ? 0 : schedule.memory(for: request) ?? 0
  }

  /// Returns which results are reused after another process has left a run; a result made in the meantime by the same
  /// build is as new as ours.
  private func reuse(afterWaiting waiting: Elsewhere) -> RunSchedule.Reuse {
    guard schedule.options.reuse == .none else { return schedule.options.reuse }
    let record = FileStamp(of: recordFile(of: waiting.request))
    return record != nil && record != waiting.record ? .ofThisBuild : .none
  }

  /// Starts a run, takes its finished result, or records that it cannot be started.
  ///
  /// - Parameters:
  ///   - request: the run.
  ///   - reuse: the finished runs that are reused.
  /// - Returns: False if the run has to wait for another process or for memory.
  private mutating func begin(_ request: RunRequest, reusing reuse: RunSchedule.Reuse) -> Bool {
    // Each running run holds a lock, and supervising it takes a few more files.
    isCrowded = !active.isEmpty && !Disk.canOpen(6)
    if isCrowded { return false }
    do {
      return try take(request, reusing: reuse)
    } catch {
      // Files and processes may be scarce while others are running.
      isCrowded = !active.isEmpty
      if isCrowded { return false }
      if hasBegun { noteUnbegun(request, error) } else { unbegun.append((request, error)) }
      return true
    }
  }

  private mutating func take(_ request: RunRequest, reusing reuse: RunSchedule.Reuse) throws(StoreError) -> Bool {
    let store = schedule.store
    if let run = reusable(request, reuse) {
      note(request, .reused(run))
      return true
    }
    guard let lock = try store.lock(request) else { return false }
    if let run = reusable(request, reuse) {
      note(request, .reused(run))
      return true
    }
    active.append(
      try RunAttempt(
        request, in: store, lock: lock, command: schedule.command, threads: schedule.threads(for: request),
        memory: schedule.memory(for: request),
        provenance: schedule.provenance, executableDigest: schedule.executableDigest))
    onEvent(.started(request))
    hasBegun = true
    for (request, error) in unbegun { noteUnbegun(request, error) }
    unbegun = []
    return true
  }

  private mutating func noteUnbegun(_ request: RunRequest, _ error: StoreError) {
    let code = if case .cannotStart = error { Int32(1) } else { EX_CANTCREAT }
    let (sentence, log) = (
      "the run '\(request.title)' cannot be started: \(error)", schedule.store.failureLog(of: request)
    )
    try? Disk.createFolder((log as NSString).deletingLastPathComponent)
    try? Disk.write("error: \(sentence)\n", to: log)
    noteFailure(request, RunFailure(sentence: sentence, code: code, log: log))
  }

  /// Returns the finished run if it may be reused; a damaged one may not.
  private func reusable(_ request: RunRequest, _ reuse: RunSchedule.Reuse) -> FinishedRun? {
    guard reuse != .none, let run = try? schedule.store.run(of: request) else { return nil }
    return reuse == .any || run.header.executableDigest == schedule.executableDigest ? run : nil
  }

  private mutating func end(_ attempt: RunAttempt, _ outcome: RunOutcome) {
    active.removeAll { $0 === attempt }
    isCrowded = false
    if case .failed(let failure) = outcome {
      noteFailure(attempt.request, failure, seconds: attempt.secondsElapsed)
    } else {
      note(attempt.request, outcome, seconds: attempt.secondsElapsed)
    }
  }

  private mutating func noteFailure(_ request: RunRequest, _ failure: RunFailure, seconds: Double = 0) {
    note(request, .failed(failure), seconds: seconds)
    guard schedule.options.failsFast else { return }
    for request in Array(pending) + elsewhere.map(\.request) { note(request, .skipped) }
    (pending, elsewhere) = ([], [])
  }

  private mutating func note(_ request: RunRequest, _ outcome: RunOutcome, seconds: Double = 0) {
    outcomes[schedule.store.directory(of: request)] = outcome
    onEvent(.ended(request, outcome, seconds: seconds))
  }

  /// Stops all runs; those that are not finished count as interrupted.
  mutating func abandon() {
    for attempt in active {
      attempt.abandon()
      outcomes[schedule.store.directory(of: attempt.request)] = .interrupted
    }
    for request in Array(pending) + elsewhere.map(\.request) + unbegun.map(\.request) {
      outcomes[schedule.store.directory(of: request)] = .interrupted
    }
    (pending, elsewhere, active) = ([], [], [])
  }
}
