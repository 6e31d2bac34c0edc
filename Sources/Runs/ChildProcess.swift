import Foundation

/// A process of ours, started by `posix_spawn` and asked, never waited for, so that one loop can look after several: time, memory, end.
final class ChildProcess {
  enum End: Equatable {
    case exited(Int32)
    case signalled(Int32)
  }

  let identifier: pid_t
  let started = Date()
  private(set) var end: End?

  /// - Parameters:
  ///   - command: an absolute path and its arguments.
  ///   - output: the file to which standard output and standard error are appended.
  /// - Throws: `StoreError.cannotStart`.
  init(_ command: [String], output: String) throws(StoreError) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_CREAT | O_WRONLY | O_APPEND, 0o644)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    var arguments = command.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, command[0], &actions, nil, &arguments, environ)
    guard code == 0 else { throw .cannotStart(reason: "\(command[0]): \(String(cString: strerror(code)))") }
    identifier = process
  }

  var secondsElapsed: Double { Date().timeIntervalSince(started) }

  /// How the process ended; nil while it is at work.
  func poll() -> End? {
    if let end { return end }
    var status: Int32 = 0
    let found = waitpid(identifier, &status, WNOHANG)
    if found == identifier {
      // The low seven bits hold the signal, zero for an ordinary exit, whose code is in the next byte.
      let signal = status & 0x7f
      end = signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
    } else if found < 0, errno == ECHILD {
      end = .exited(70)
    }
    return end
  }

  /// Bytes of memory held now; 0 when it cannot be told.
  var residentMemory: Int {
    guard let text = try? String(contentsOfFile: "/proc/\(identifier)/statm", encoding: .utf8) else { return 0 }
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// Asks the process to end, and makes it end when it has not within a second.
  func stop() {
    guard poll() == nil else { return }
    kill(identifier, SIGTERM)
    let deadline = Date().addingTimeInterval(1)
    while poll() == nil {
      if Date() > deadline { kill(identifier, SIGKILL) }
      usleep(2000)
    }
  }
}
