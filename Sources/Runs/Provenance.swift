import Documents
import Foundation

/// What is noted about where a run was made, beside its inputs and parameters.
public struct Provenance: Sendable {
  /// The processor that it was made on.
  public struct Machine: Sendable {
    public let processor: String
    public let cores: Int
    /// Bytes; nil where an earlier build has not written it.
    public let memory: Int?
    /// The operating system.
    public let system: String?
  }

  public let commandLine: [String]
  /// Nil without a repository or a commit.
  public let gitCommit: String?
  /// A digest of all that differs from the commit; nil when nothing does.
  public let gitPatchDigest: String?
  /// The compiler's version; nil, as what follows, where an earlier build has not written it.
  public let swift: String?
  /// Versions of the numerical libraries by their names.
  public let libraries: [String: String]
  public let machine: Machine?

  /// What the parent process knows: the command, the code, the machine.
  ///
  /// - Parameters:
  ///   - checkout: the repository around the manifests.
  ///   - libraries: names and versions of the numerical libraries.
  public init(commandLine: [String], checkout: Checkout, libraries: [String: String]) {
    self.commandLine = commandLine
    (gitCommit, gitPatchDigest) = (checkout.commit, checkout.changes)
    (swift, self.libraries, machine) = (Self.swiftVersion, libraries, .present)
  }

  /// The most memory this process has held, in bytes. `getrusage` would count what its parent held when it was started.
  public static var peakMemory: Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line.flatMap { Int($0.filter(\.isNumber)) }.map { $0 * 1024 } ?? 0
  }

  /// Seconds of processor time that this process has used.
  public static var processorSeconds: Double {
    var usage = rusage()
    getrusage(0, &usage)
    let (user, system) = (usage.ru_utime, usage.ru_stime)
    return Double(user.tv_sec + system.tv_sec) + Double(user.tv_usec + system.tv_usec) * 1e-6
  }

  public static var swiftVersion: String {
    #if compiler(>=6.4)
      "6.4 or later"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }

  public static var configuration: String {
    #if DEBUG
      "debug"
    #else
      "release"
    #endif
  }
}

extension Provenance.Machine {
  /// The one that runs.
  fileprivate static var present: Self {
    let information = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let model = information.split(separator: "\n").first { $0.hasPrefix("model name") }?.split(separator: ":").last
    return Self(
      processor: model.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown",
      cores: ProcessInfo.processInfo.activeProcessorCount, memory: Int(clamping: ProcessInfo.processInfo.physicalMemory),
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
  /// What a record has noted.
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
      "gitPatchSHA256": gitPatchDigest.map(Value.string) ?? .null, "libraries": .object(libraries.mapValues(Value.string)),
    ]
    members["swift"] = swift.map(Value.string)
    members["machine"] = machine?.value
    return .object(members)
  }
}
