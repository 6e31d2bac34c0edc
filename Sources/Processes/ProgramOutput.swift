import Foundation

/// What a program has written, once it has ended.
public struct ProgramOutput: Sendable {
  public enum Streams: Sendable {
    case output, errors, both

    fileprivate var descriptors: [Int32] {
      switch self {
      case .output: [1]
      case .errors: [2]
      case .both: [1, 2]
      }
    }
  }

  public let end: ProcessEnd
  /// At most the first 16 MB; what follows is dropped.
  public let text: String
  /// Whether it took longer than it was given, and was ended with all that it had started.
  public let isTimedOut: Bool

  public var succeeded: Bool { end == .exited(0) }

  /// Runs a program to its end.
  ///
  /// - Parameters:
  ///   - command: the program, looked for in PATH, and its arguments.
  ///   - streams: what of its output is wanted; the rest is dropped.
  ///   - folder: where it works; here when nil.
  ///   - environment: variables besides ours; nil takes one of ours away.
  ///   - seconds: how long it may take before it is ended with all that it has started; for ever when nil.
  public init(
    of command: [String], streams: Streams = .output, in folder: String? = nil, environment: [String: String?] = [:],
    seconds: Double? = nil
  ) throws(LaunchError) {
    // Time in which this process itself was stopped does not count.
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
        command, output: .descriptor(ends[1], streams: streams.descriptors), folder: folder, environment: environment, ownGroup: false)
    }
    var bytes: [UInt8] = []
    var (end, isOpen): (ProcessEnd?, Bool) = (nil, true)
    // What the program has left running may hold the pipe: when the program has ended, only what is in the pipe is still read.
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

  /// Takes what is in a pipe.
  ///
  /// - Returns: whether more can come.
  private static func read(_ pipe: Int32, into bytes: inout [UInt8]) -> Bool {
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    // Not for ever, since there may be one who never stops.
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

  /// Ends a process and what descends from it. They are no group of their own, so that a terminal's Ctrl-C and the end of a run come to them too;
  /// so they are looked for, and stopped until all are found, so that none starts another meanwhile.
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

  /// The children of processes that are there now.
  private static func descendants(of family: Set<pid_t>) -> Set<pid_t> {
    let processes = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { pid_t($0) }
    return Set(
      processes.filter { process in
        // "42 (name) S 1 …": the parent stands behind the name, which may hold anything.
        let fields = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8))?.split(separator: ")").last?.split(
          separator: " ")
        return fields.flatMap { $0.count > 1 ? pid_t($0[1]) : nil }.map(family.contains) ?? false
      })
  }
}
