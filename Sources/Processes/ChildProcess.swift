import Foundation

/// How a process ended.
public enum ProcessEnd: Equatable, Sendable {
  case exited(Int32)
  case signalled(Int32)

  /// From what `waitpid` gives: the low seven bits hold the signal, zero for an ordinary exit, whose code is in the next byte.
  init(status: Int32) {
    let signal = status & 0x7f
    self = signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
  }
}

/// A process that is asked, never waited for, so that one loop can look after several: their time, memory and end.
public final class ChildProcess {
  private let identifier: pid_t
  private let started = Stopwatch()
  private var end: ProcessEnd?

  /// - Parameters:
  ///   - command: the program and its arguments.
  ///   - log: the file to which standard output and standard error are appended.
  ///   - environment: variables besides ours.
  ///   - restored: signals that have their ordinary meaning for it, though we ignore them.
  public init(
    _ command: [String], log: String, environment: [String: String] = [:], restoring restored: [Int32] = []
  ) throws(LaunchError) {
    // With a group of its own, a terminal's Ctrl-C comes to us alone, and what the child has started ends with it.
    identifier = try launch(command, output: .file(log), environment: environment, ownGroup: true, restoring: restored)
  }

  public var secondsElapsed: Double { started.seconds }

  /// How the process ended; nil while it is at work.
  public func poll() -> ProcessEnd? {
    if let end { return end }
    var status: Int32 = 0
    let found = waitpid(identifier, &status, WNOHANG)
    if found == identifier { end = ProcessEnd(status: status) }
    if found < 0, errno == ECHILD { end = .exited(70) }
    return end
  }

  /// Bytes of memory held now; 0 when it cannot be told.
  public var residentMemory: Int {
    guard let text = try? String(contentsOfFile: "/proc/\(identifier)/statm", encoding: .utf8) else { return 0 }
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// Asks the process and what it has started to end, and makes them end when it has not within a second.
  public func stop() {
    guard poll() == nil else { return }
    kill(-identifier, SIGTERM)
    let asked = Stopwatch()
    while poll() == nil {
      if asked.seconds > 1 { kill(-identifier, SIGKILL) }
      usleep(2000)
    }
  }
}
