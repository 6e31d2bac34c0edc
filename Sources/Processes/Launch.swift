import Foundation

/// A program cannot be started, for the system's reason.
public struct LaunchError: Error, Sendable {
  public let reason: String
}

/// Where a process's output goes.
enum OutputTarget {
  /// Standard output and standard error are appended to a file.
  case file(String)
  /// The named streams go to a descriptor, the others nowhere.
  case descriptor(Int32, streams: [Int32])
}

/// Starts a program by `posix_spawn`.
///
/// - Parameters:
///   - command: the program, looked for in PATH when it holds no slash, and its arguments.
///   - folder: where it works; here when nil.
///   - environment: variables besides ours; nil takes one of ours away.
///   - ownGroup: whether it leads a process group of its own, to which a terminal's Ctrl-C does not come.
///   - restored: signals that have their ordinary meaning for it, though we ignore them.
func launch(
  _ command: [String], output: OutputTarget, folder: String? = nil, environment: [String: String?] = [:], ownGroup: Bool,
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
  // `env` goes to the folder, since the action that would do it is not everywhere.
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
