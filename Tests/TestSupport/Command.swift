import Foundation

/// Runs the otlab binary as a user does.
public struct Command {
  /// The result of a command that has ended.
  public struct Result: Sendable {
    /// The exit code; negative for a signal.
    public let code: Int32
    /// The standard output.
    public let output: String
    /// The standard error.
    public let errors: String

    /// The lines of standard error that are error sentences.
    public var sentences: [String] { errors.split(separator: "\n").filter { $0.hasPrefix("error: ") }.map(String.init) }
  }

  /// The path of the binary that was built together with these tests.
  public static let path: String = {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    let beside = (own as NSString).deletingLastPathComponent + "/otlab"
    return FileManager.default.isExecutableFile(atPath: beside) ? beside : packageFolder + "/.build-test/release/otlab"
  }()

  /// A running process whose output goes to files of its own.
  public final class Running {
    /// The process.
    public let process = Process()
    private let base = NSTemporaryDirectory() + "otlab-command-" + UUID().uuidString

    init(program: String = path, _ arguments: [String], in folder: String, environment: [String: String]) throws {
      Command.ordinarySignals
      process.executableURL = URL(fileURLWithPath: program)
      process.arguments = arguments
      process.currentDirectoryURL = URL(fileURLWithPath: folder)
      var variables = ProcessInfo.processInfo.environment
      variables["OTLAB_DATA_MIRROR"] = nil
      for (name, value) in environment { variables[name] = value }
      process.environment = variables
      for ending in [".out", ".err"] { _ = FileManager.default.createFile(atPath: base + ending, contents: nil) }
      process.standardOutput = FileHandle(forWritingAtPath: base + ".out")
      process.standardError = FileHandle(forWritingAtPath: base + ".err")
      process.standardInput = FileHandle.nullDevice
      try process.run()
    }

    /// Waits for the end and returns the result; a signal counts as a negative code.
    public func wait() -> Result {
      process.waitUntilExit()
      let text = { (path: String) in (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
      let code = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
      return Result(code: code, output: text(base + ".out"), errors: text(base + ".err"))
    }

    deinit { for ending in [".out", ".err"] { unlink(base + ending) } }
  }

  /// Starts otlab without waiting for it.
  public static func start(
    _ arguments: [String], in folder: String = packageFolder, environment: [String: String] = [:]
  ) throws -> Running {
    try Running(arguments, in: folder, environment: environment)
  }

  /// Runs otlab and waits for its end.
  public static func run(
    _ arguments: [String], in folder: String = packageFolder, environment: [String: String] = [:]
  ) throws -> Result {
    try start(arguments, in: folder, environment: environment).wait()
  }

  /// Runs a line in a shell, in which `$OTLAB` is the binary.
  public static func shell(_ line: String, in folder: String = packageFolder) throws -> Result {
    try startShell(line, in: folder).wait()
  }

  /// Starts a line in a shell without waiting for it.
  public static func startShell(_ line: String, in folder: String = packageFolder) throws -> Running {
    try Running(program: "/bin/sh", ["-c", line], in: folder, environment: ["OTLAB": path])
  }

  /// Restores the default action of signals that an enclosing script may ignore, since child processes would inherit
  /// that.
  private static let ordinarySignals: Void = { for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) } }()
}
