import Foundation

/// The way a process ended.
public enum ProcessEnd: Equatable, Sendable {
  /// The process exited with a code.
  case exited(Int32)
  /// A signal ended the process.
  case signalled(Int32)

  /// Decodes the status from `waitpid`: the low seven bits hold the signal, or zero for an exit whose code is in the
  /// next byte.
  init(status: Int32) {
    let signal = status & 0x7f
    self = signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
  }
}

/// A child process that is polled and never waited for, so that one loop can supervise several children.
public final class ChildProcess {
  private let identifier: pid_t
  private let started = Stopwatch()
  private var end: ProcessEnd?

  /// Starts a program in a process group of its own.
  ///
  /// - Parameters:
  ///   - command: the program and its arguments.
  ///   - log: the file to which standard output and standard error are appended.
  ///   - environment: variables in addition to this process's own.
  ///   - restored: signals that get their default action in the child although this process ignores them.
  /// - Throws: `LaunchError` if the program cannot be started.
  public init(
    _ command: [String], log: String, environment: [String: String] = [:], restoring restored: [Int32] = []
  ) throws(LaunchError) {
    // Because of the process group, Ctrl-C in a terminal reaches only the parent, and whatever the child started ends
    // with it.
    identifier = try launch(command, output: .file(log), environment: environment, ownGroup: true, restoring: restored)
  }

  /// Seconds since the process was started.
  public var secondsElapsed: Double { started.seconds }

  /// Returns how the process ended; nil while it is running.
  public func poll() -> ProcessEnd? {
    if let end { return end }
    var status: Int32 = 0
    let found = waitpid(identifier, &status, WNOHANG)
    if found == identifier { end = ProcessEnd(status: status) }
    if found < 0, errno == ECHILD { end = .exited(70) }
    return end
  }

  /// The memory that the process occupies, in bytes; 0 if it cannot be determined.
  public var residentMemory: Int {
    guard let text = try? String(contentsOfFile: "/proc/\(identifier)/statm", encoding: .utf8) else { return 0 }
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// Asks the process and everything it started to end, and kills them after one second.
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
