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
  public let text: String

  public var succeeded: Bool { end == .exited(0) }

  /// Runs a program to its end.
  ///
  /// - Parameters:
  ///   - command: the program, looked for in PATH, and its arguments.
  ///   - streams: what of its output is wanted; the rest is dropped.
  ///   - folder: where it works; here when nil.
  ///   - environment: variables besides ours.
  public init(
    of command: [String], streams: Streams = .output, in folder: String? = nil, environment: [String: String] = [:]
  ) throws(LaunchError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw LaunchError(reason: String(cString: strerror(errno))) }
    for descriptor in ends { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    let reader = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
    let process: pid_t
    do {
      defer { close(ends[1]) }
      process = try launch(
        command, output: .descriptor(ends[1], streams: streams.descriptors), folder: folder, environment: environment, ownGroup: false)
    }
    text = String(decoding: (try? reader.readToEnd()) ?? Data(), as: UTF8.self)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    end = ProcessEnd(status: status)
  }
}
