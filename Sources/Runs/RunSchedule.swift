import Documents
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
  public let provenance: Value
  /// The SHA-256 of the binary, which tells the results of one build from those of another.
  public let executableDigest: String
  /// The binary and the arguments before the job file and our process identifier.
  public let command: [String]
  public let options: Options

  public init(store: RunStore, provenance: Value, executableDigest: String, command: [String], options: Options = Options()) {
    self.store = store
    self.provenance = provenance
    self.executableDigest = executableDigest
    self.command = command
    self.options = options
  }

  /// Carries out all runs; equal ones once.
  ///
  /// - Returns: the outcome by run directory.
  /// - Throws: `StoreError` when results cannot be written; runs at work are stopped then.
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
  private var elsewhere: [RunRequest] = []
  private var active: [RunAttempt] = []
  private var sinceTick = Stopwatch()
  private var sinceVisit = Stopwatch()

  init(schedule: RunSchedule, requests: [RunRequest], onEvent: @escaping (RunSchedule.Event) -> Void) {
    self.schedule = schedule
    self.onEvent = onEvent
    var seen: Set<String> = []
    pending = requests.filter { seen.insert(schedule.store.directory(of: $0)).inserted }[...]
  }

  /// Microseconds until the next look: short while a run is young, so that small runs do not wait for us.
  var pause: UInt32 { active.contains { $0.secondsElapsed < 1 } ? 1000 : 10_000 }

  /// - Returns: whether there is more to do.
  mutating func step() throws -> Bool {
    if Interruption.shared.isInterrupted {
      abandon()
      return false
    }
    try begin()
    for attempt in active {
      if let outcome = try attempt.poll() { end(attempt, outcome) }
    }
    if sinceTick.hasPassed(0.2) { onEvent(.tick(active.map { ($0.request, $0.lastLine) })) }
    return !(pending.isEmpty && active.isEmpty && elsewhere.isEmpty)
  }

  private mutating func begin() throws {
    while active.count < schedule.options.jobs, let request = nextThatFits() {
      if try !take(request, afterWaiting: false) {
        onEvent(.elsewhere(request))
        elsewhere.append(request)
      }
    }
    guard pending.isEmpty, active.count < schedule.options.jobs, sinceVisit.hasPassed(0.05) else { return }
    for (index, request) in elsewhere.enumerated().reversed()
    where active.count < schedule.options.jobs && needs(request) <= room {
      if try take(request, afterWaiting: true) { elsewhere.remove(at: index) }
    }
  }

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

  /// Begins a run, or takes its finished result.
  ///
  /// - Returns: false when another process is at work on it.
  private mutating func take(_ request: RunRequest, afterWaiting: Bool) throws -> Bool {
    let store = schedule.store
    // What another process has made while we waited for it is as new as we could make it.
    let reuse = afterWaiting ? .any : schedule.options.reuse
    if let record = reusable(request, reuse) {
      note(request, .reused(record))
      return true
    }
    guard let lock = try store.lock(request) else { return false }
    if let record = reusable(request, reuse) {
      note(request, .reused(record))
      return true
    }
    active.append(
      try RunAttempt(
        request, in: store, lock: lock, command: schedule.command, threads: schedule.threads(for: request),
        memory: schedule.memory(for: request),
        noting: ["provenance": schedule.provenance, "executableSHA256": .string(schedule.executableDigest)]))
    onEvent(.started(request))
    return true
  }

  /// The finished run, if it may be taken as it is. A damaged one may not.
  private func reusable(_ request: RunRequest, _ reuse: RunSchedule.Reuse) -> RunRecord? {
    guard reuse != .none, let record = try? schedule.store.record(of: request) else { return nil }
    return reuse == .any || record.executableDigest == schedule.executableDigest ? record : nil
  }

  private mutating func end(_ attempt: RunAttempt, _ outcome: RunOutcome) {
    active.removeAll { $0 === attempt }
    note(attempt.request, outcome, seconds: attempt.secondsElapsed)
    if case .failed = outcome, schedule.options.failsFast {
      for request in Array(pending) + elsewhere { note(request, .skipped) }
      (pending, elsewhere) = ([], [])
    }
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
    for request in Array(pending) + elsewhere { outcomes[schedule.store.directory(of: request)] = .interrupted }
    (pending, elsewhere, active) = ([], [], [])
  }
}
