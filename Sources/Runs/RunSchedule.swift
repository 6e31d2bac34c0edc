import Files
import Foundation
import Processes

/// Carries out runs, each as a child process of the same binary, so that a crash loses one run and threads and memory are a run's own.
///
/// Several schedules, in one process or many, may work on the same results folder: each takes the runs on which nobody else is at work, and
/// waits for the others' last.
public struct RunSchedule {
  /// Which finished runs are taken as they are. A new run replaces an old one only when it is complete.
  public enum Reuse: Sendable {
    case any
    /// Those that another build has made are made anew.
    case ofThisBuild
    case none
  }

  public struct Options: Sendable {
    /// How many runs are at work at a time; the processors are divided among them.
    public var jobs = 1
    /// Bytes that the runs at work may hold together. Each counts as what it may hold, its `limits.memory`, or all of them where it has none; what
    /// does not fit beside those at work waits.
    public var memory: Int?
    public var reuse = Reuse.any
    /// Begins no other run after one has failed.
    public var failsFast = false

    public init() {}
  }

  public enum Event {
    case started(RunRequest)
    /// Another process is at work on the run.
    case elsewhere(RunRequest)
    case ended(RunRequest, RunOutcome, seconds: Double)
    /// Comes a few times a second, with what the runs at work have last said.
    case tick([(request: RunRequest, says: String?)])
  }

  public let store: RunStore
  /// What the parent notes in every run's record.
  public let provenance: Provenance?
  /// The SHA-256 of the binary, which tells the results of one build from those of another.
  public let executableDigest: String
  /// The binary and the arguments before the job file and our process identifier.
  public let command: [String]
  public let options: Options

  public init(store: RunStore, provenance: Provenance?, executableDigest: String, command: [String], options: Options = Options()) {
    self.store = store
    self.provenance = provenance
    self.executableDigest = executableDigest
    self.command = command
    self.options = options
  }

  /// Carries out all runs; equal ones once.
  ///
  /// - Returns: the outcome by run directory.
  /// - Throws: `StoreError` when no run at all can be begun. One that cannot while others can has failed.
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

  /// The bytes that a run may hold.
  func memory(for request: RunRequest) -> Int? { [request.limits.memory, options.memory].compactMap { $0 }.min() }

  /// How many threads a run may use.
  func threads(for request: RunRequest) -> Int {
    options.jobs == 1
      ? request.limits.threads : max(1, min(request.limits.threads, ProcessInfo.processInfo.activeProcessorCount / options.jobs))
  }
}

/// The state of a schedule at work.
private struct Work {
  let schedule: RunSchedule
  let onEvent: (RunSchedule.Event) -> Void
  private(set) var outcomes: [String: RunOutcome] = [:]
  private var pending: ArraySlice<RunRequest>
  /// Runs on which another process is at work.
  private var elsewhere: [Elsewhere] = []
  /// Runs that could not be begun before any other was.
  private var unbegun: [(request: RunRequest, error: StoreError)] = []
  private var hasBegun = false
  /// Whether to wait for the end of a run at work, since no other could be begun beside it.
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

  /// A run that another process has, and its record as it was when we came.
  private struct Elsewhere {
    let request: RunRequest
    let record: FileStamp?
  }

  /// Microseconds until the next look: short while a run is young, so that small runs do not wait for us.
  var pause: UInt32 { active.contains { $0.secondsElapsed < 1 } ? 1000 : 10_000 }

  /// - Returns: whether there is more to do.
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
    for waiting in elsewhere.reversed() where active.count < schedule.options.jobs && !isCrowded && needs(waiting.request) <= room {
      guard begin(waiting.request, reusing: reuse(afterWaiting: waiting)) else { continue }
      elsewhere.removeAll { $0.request.key == waiting.request.key && $0.request.experiment == waiting.request.experiment }
    }
  }

  private func recordFile(of request: RunRequest) -> String { "\(schedule.store.directory(of: request))/run.json" }

  /// The first run for which there is memory beside those at work.
  private mutating func nextThatFits() -> RunRequest? {
    let room = room
    guard let index = pending.firstIndex(where: { needs($0) <= room }) else { return nil }
    // From the front of a slice it costs nothing.
    return index == pending.startIndex ? pending.removeFirst() : pending.remove(at: index)
  }

  /// Bytes that those at work leave.
  private var room: Int { (schedule.options.memory ?? .max) - active.reduce(0) { $0 + needs($1.request) } }

  private func needs(_ request: RunRequest) -> Int { schedule.options.memory == nil ? 0 : schedule.memory(for: request) ?? 0 }

  /// Which results are taken once another process has left a run: one that it made while we waited is as new as ours would be, if the build is ours.
  private func reuse(afterWaiting waiting: Elsewhere) -> RunSchedule.Reuse {
    guard schedule.options.reuse == .none else { return schedule.options.reuse }
    let record = FileStamp(of: recordFile(of: waiting.request))
    return record != nil && record != waiting.record ? .ofThisBuild : .none
  }

  /// Begins a run, takes its finished result, or notes that it cannot be begun.
  ///
  /// - Returns: false when it has to wait, for another process that is at work on it or for room beside our own.
  private mutating func begin(_ request: RunRequest, reusing reuse: RunSchedule.Reuse) -> Bool {
    // Each run at work holds a lock, and to look after them takes a few files more.
    isCrowded = !active.isEmpty && !Disk.canOpen(6)
    if isCrowded { return false }
    do {
      return try take(request, reusing: reuse)
    } catch {
      // Files and processes may be short beside those at work.
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
    let (sentence, log) = ("the run '\(request.title)' cannot be begun: \(error)", schedule.store.failureLog(of: request))
    try? Disk.createFolder((log as NSString).deletingLastPathComponent)
    try? Disk.write("error: \(sentence)\n", to: log)
    noteFailure(request, RunFailure(sentence: sentence, code: code, log: log))
  }

  /// The finished run, if it may be taken as it is. A damaged one may not.
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

  /// Stops all runs at work; what is not finished counts as interrupted.
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
