import Foundation

/// A program could not be started.
public struct LaunchError: Error, Sendable {
  /// The program's name and the system's description of the error.
  public let reason: String
}

/// The destination of a process's output.
enum OutputTarget {
  /// Standard output and standard error are appended to a file.
  case file(String)
  /// The given streams go to a descriptor, and the others are discarded.
  case descriptor(Int32, streams: [Int32])
}

/// Starts a program by `posix_spawn`.
///
/// - Parameters:
///   - command: the program, looked up in PATH if it has no slash, and its arguments.
///   - output: the destination of the program's output.
///   - folder: the working directory; the current one if nil.
///   - environment: variables in addition to this process's own; a nil value removes a variable.
///   - ownGroup: whether the program leads a new process group, which Ctrl-C in a terminal does not reach.
///   - restored: signals that get their default action although this process ignores them.
/// - Returns: The process identifier.
/// - Throws: `LaunchError` if the program cannot be started.
func launch(
  _ command: [String], output: OutputTarget, folder: String? = nil, environment: [String: String?] = [:],
  ownGroup: Bool,
  restoring restored: [Int32] = []
) throws(LaunchError) -> pid_t {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
  switch output {
  case .file(let path):
    posix_spawn_file_actions_addopen(&actions, 1, path, O_CREAT | O_WRONLY | O_APPEND, 0o644)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
  case .descriptor(let descriptor, let streams):
    for stream: Int32 in [1, 2] {
      if streams.contains(stream) {
        posix_spawn_file_actions_adddup2(&actions, descriptor, stream)
      } else {
        posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_WRONLY, 0)
      }
    }
  }
  // `env` changes the folder, since not every system has a spawn action for it.
  let command = folder.map { ["env", "-C", $0] + command } ?? command
  var attributes = posix_spawnattr_t()
  posix_spawnattr_init(&attributes)
  defer { posix_spawnattr_destroy(&attributes) }
  posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF) | (ownGroup ? Int16(POSIX_SPAWN_SETPGROUP) : 0))
  posix_spawnattr_setpgroup(&attributes, 0)
  var signals = sigset_t()
  sigemptyset(&signals)
  for signal in restored { sigaddset(&signals, signal) }
  posix_spawnattr_setsigdefault(&attributes, &signals)
  var variables: [String: String]? = environment.isEmpty ? nil : ProcessInfo.processInfo.environment
  for (name, value) in environment { variables?[name] = value }
  var arguments = command.map { strdup($0) } + [nil]
  var settings = (variables ?? [:]).map { strdup("\($0.key)=\($0.value)") } + [nil]
  defer { for text in arguments + settings { free(text) } }
  var process: pid_t = 0
  let code =
    variables == nil
    ? posix_spawnp(&process, command[0], &actions, &attributes, &arguments, environ)
    : posix_spawnp(&process, command[0], &actions, &attributes, &arguments, &settings)
  guard code == 0 else { throw LaunchError(reason: "\(command[0]): \(String(cString: strerror(code)))") }
  return process
}
