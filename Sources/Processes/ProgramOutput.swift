import Foundation

/// The output of a program that has ended.
public struct ProgramOutput: Sendable {
  /// The streams whose output is captured.
  public enum Streams: Sendable {
    /// Standard output.
    case output
    /// Standard error.
    case errors
    /// Standard output and standard error in the order in which they were written.
    case both

    fileprivate var descriptors: [Int32] {
      switch self {
      case .output: [1]
      case .errors: [2]
      case .both: [1, 2]
      }
    }
  }

  /// How the program ended; after a timeout this is the signal that killed it.
  public let end: ProcessEnd
  /// The captured output, at most its first 16 MB; the rest is dropped.
  public let text: String
  /// Whether the program exceeded its time limit and was killed together with everything it had started.
  public let isTimedOut: Bool

  /// Whether the program exited with code 0.
  public var succeeded: Bool { end == .exited(0) }

  /// Runs a program and waits until it ends.
  ///
  /// - Parameters:
  ///   - command: the program, looked up in PATH, and its arguments.
  ///   - streams: the streams to capture; other output is discarded.
  ///   - folder: the working directory; the current one if nil.
  ///   - environment: variables in addition to this process's own; a nil value removes a variable.
  ///   - seconds: the time limit, after which the program and everything it started are killed; nil for no limit.
  /// - Throws: `LaunchError` if the program cannot be started.
  public init(
    of command: [String], streams: Streams = .output, in folder: String? = nil, environment: [String: String?] = [:],
    seconds: Double? = nil
  ) throws(LaunchError) {
    // Time during which this process itself was suspended does not count.
    var (spent, sinceLook) = (0.0, Stopwatch())
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw LaunchError(reason: String(cString: strerror(errno))) }
    for descriptor in ends { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    defer { close(ends[0]) }
    let process: pid_t
    do {
      defer { close(ends[1]) }
      process = try launch(
        command, output: .descriptor(ends[1], streams: streams.descriptors), folder: folder, environment: environment,
        ownGroup: false)
    }
    var bytes: [UInt8] = []
    var (end, isOpen): (ProcessEnd?, Bool) = (nil, true)
    // A process that the program left running may keep the pipe open, so after the end only what is already in the
    // pipe is read.
    while end == nil {
      if isOpen {
        var wish = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
        poll(&wish, 1, 50)
        isOpen = Self.read(ends[0], into: &bytes)
      } else {
        usleep(1000)
      }
      end = Self.end(of: process)
      spent += min(sinceLook.seconds, 1)
      sinceLook = Stopwatch()
      if end == nil, let seconds, spent > seconds {
        Self.kill(process)
        break
      }
    }
    _ = Self.read(ends[0], into: &bytes)
    isTimedOut = end == nil
    self.end = end ?? .signalled(SIGKILL)
    text = String(decoding: bytes, as: UTF8.self)
  }

  /// Reads what is in a pipe, and returns whether more may follow.
  private static func read(_ pipe: Int32, into bytes: inout [UInt8]) -> Bool {
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    // The number of reads is bounded, since a writer may never stop.
    for _ in 0..<256 {
      let count = Foundation.read(pipe, &piece, piece.count)
      if count > 0, bytes.count < 1 << 24 { bytes += piece[..<count] }
      if count == 0 { return false }
      if count < 0, errno != EINTR { return errno == EAGAIN }
    }
    return true
  }

  private static func end(of process: pid_t) -> ProcessEnd? {
    var status: Int32 = 0
    let found = waitpid(process, &status, WNOHANG)
    if found == process { return ProcessEnd(status: status) }
    return found < 0 && errno == ECHILD ? .exited(70) : nil
  }

  /// Kills a process and its descendants.
  ///
  /// They are not in a process group of their own, so that Ctrl-C in a terminal and the end of a run reach them too.
  /// Therefore the descendants are searched for, and each is suspended until all are found, so that none can start
  /// another one.
  ///
  /// - Parameter process: the process to kill; this function also collects its exit status.
  private static func kill(_ process: pid_t) {
    var family: Set<pid_t> = []
    var found: Set<pid_t> = [process]
    while !found.isSubset(of: family) {
      for member in found.subtracting(family) { _ = Foundation.kill(member, SIGSTOP) }
      family.formUnion(found)
      found = descendants(of: family)
    }
    for member in family { _ = Foundation.kill(member, SIGKILL) }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
  }

  /// Returns the current children of some processes.
  private static func descendants(of family: Set<pid_t>) -> Set<pid_t> {
    let processes = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { pid_t($0) }
    return Set(
      processes.filter { process in
        // In "42 (name) S 1 …" the parent follows the name, which may contain any characters.
        let fields = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8))?.split(separator: ")")
          .last?.split(
            separator: " ")
        return fields.flatMap { $0.count > 1 ? pid_t($0[1]) : nil }.map(family.contains) ?? false
      })
  }
}
