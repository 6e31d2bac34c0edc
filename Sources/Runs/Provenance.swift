import Documents
import Foundation

/// Where a run was made: command, code, libraries, and machine.
public struct Provenance: Sendable {
  /// The machine on which the run was made.
  public struct Machine: Sendable {
    /// The model of the processor.
    public let processor: String
    /// The number of logical processors.
    public let cores: Int
    /// The memory in bytes; nil if an earlier version has not recorded it.
    public let memory: Int?
    /// The name and version of the operating system; nil if unknown.
    public let system: String?
  }

  /// The command with its arguments.
  public let commandLine: [String]
  /// The git commit; nil if there was no repository or no commit.
  public let gitCommit: String?
  /// A digest of all changes since the commit; nil if there were none.
  public let gitPatchDigest: String?
  /// The version of the compiler; nil if an earlier version has not recorded it.
  public let swift: String?
  /// The versions of the numerical libraries by name.
  public let libraries: [String: String]
  /// The machine; nil if an earlier version has not recorded it.
  public let machine: Machine?

  /// Collects what the parent process knows.
  ///
  /// - Parameters:
  ///   - commandLine: the command with its arguments.
  ///   - checkout: the repository around the manifests.
  ///   - libraries: the versions of the numerical libraries by name.
  public init(commandLine: [String], checkout: Checkout, libraries: [String: String]) {
    self.commandLine = commandLine
    (gitCommit, gitPatchDigest) = (checkout.commit, checkout.changes)
    (swift, self.libraries, machine) = (Self.swiftVersion, libraries, .present)
  }

  /// The peak memory of this process in bytes.
  ///
  /// `getrusage` would include what the parent process held when this one was started.
  public static var peakMemory: Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line.flatMap { Int($0.filter(\.isNumber)) }.map { $0 * 1024 } ?? 0
  }

  /// The CPU time of this process in seconds.
  public static var processorSeconds: Double {
    var usage = rusage()
    getrusage(0, &usage)
    let (user, system) = (usage.ru_utime, usage.ru_stime)
    return Double(user.tv_sec + system.tv_sec) + Double(user.tv_usec + system.tv_usec) * 1e-6
  }

  /// The version of the compiler.
  public static var swiftVersion: String {
    #if compiler(>=6.4)
      "6.4 or later"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }

  /// The build configuration, debug or release.
  public static var configuration: String {
    #if DEBUG
      "debug"
    #else
      "release"
    #endif
  }
}

extension Provenance.Machine {
  /// The machine that this process runs on.
  fileprivate static var present: Self {
    let information = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let model = information.split(separator: "\n").first { $0.hasPrefix("model name") }?.split(separator: ":").last
    return Self(
      processor: model.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown",
      cores: ProcessInfo.processInfo.activeProcessorCount,
      memory: Int(clamping: ProcessInfo.processInfo.physicalMemory),
      system: ProcessInfo.processInfo.operatingSystemVersionString)
  }

  fileprivate init(_ members: Members) throws(DocumentError) {
    processor = try members.string("processor")
    cores = try members.integer("cores")
    memory = try members.optionalInteger("memoryBytes")
    system = try members.optionalString("system")
  }

  fileprivate var value: Value {
    var members: [String: Value] = ["processor": .string(processor), "cores": .integer(cores)]
    members["memoryBytes"] = memory.map(Value.integer)
    members["system"] = system.map(Value.string)
    return .object(members)
  }
}

extension Provenance {
  /// Reads what a record holds.
  init(_ members: Members) throws(DocumentError) {
    commandLine = try members.strings("commandLine")
    gitCommit = try members.optionalString("gitCommit")
    gitPatchDigest = try members.optionalString("gitPatchSHA256")
    swift = try members.optionalString("swift")
    libraries = try members.texts("libraries")
    machine = try members.optionalMembers("machine").map { found throws(DocumentError) in try Machine(found) }
  }

  var value: Value {
    var members: [String: Value] = [
      "commandLine": .array(commandLine.map(Value.string)), "gitCommit": gitCommit.map(Value.string) ?? .null,
      "gitPatchSHA256": gitPatchDigest.map(Value.string) ?? .null,
      "libraries": .object(libraries.mapValues(Value.string)),
    ]
    members["swift"] = swift.map(Value.string)
    members["machine"] = machine?.value
    return .object(members)
  }
}
