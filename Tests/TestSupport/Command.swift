import Foundation

/// The otlab binary as a user meets it.
public struct Command {
  public struct Result: Sendable {
    public let code: Int32
    public let output: String
    public let errors: String

    /// The error sentences alone.
    public var sentences: [String] { errors.split(separator: "\n").filter { $0.hasPrefix("error: ") }.map(String.init) }
  }

  /// The binary that was built with these tests, which lies beside them.
  public static let path: String = {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    let beside = (own as NSString).deletingLastPathComponent + "/otlab"
    return FileManager.default.isExecutableFile(atPath: beside) ? beside : packageFolder + "/.build-test/release/otlab"
  }()

  /// A process at work, whose output goes to files of its own.
  public final class Running {
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

    /// Waits for the end; a signal counts as a negative code.
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

  /// Runs otlab to its end.
  public static func run(
    _ arguments: [String], in folder: String = packageFolder, environment: [String: String] = [:]
  ) throws -> Result {
    try start(arguments, in: folder, environment: environment).wait()
  }

  /// Has a shell carry out a line, in which `$OTLAB` is the binary.
  public static func shell(_ line: String, in folder: String = packageFolder) throws -> Result { try startShell(line, in: folder).wait() }

  /// The same without waiting for it.
  public static func startShell(_ line: String, in folder: String = packageFolder) throws -> Running {
    try Running(program: "/bin/sh", ["-c", line], in: folder, environment: ["OTLAB": path])
  }

  /// Tests may themselves run where these signals are ignored, as in the background of a script; what they start would ignore them too.
  private static let ordinarySignals: Void = { for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) } }()
}
