import Documents
import Foundation

/// What is noted about where a run was made, beside its inputs and parameters.
public enum Provenance {
  /// What the parent process knows: the command, the code, the machine.
  ///
  /// - Parameters:
  ///   - checkout: the repository around the manifests.
  ///   - libraries: names and versions of the numerical libraries.
  public static func collect(commandLine: [String], checkout: Checkout, libraries: [String: String]) -> Value {
    [
      "commandLine": .array(commandLine.map(Value.string)),
      "gitCommit": checkout.commit.map(Value.string) ?? .null,
      "gitPatchSHA256": checkout.changes.map(Value.string) ?? .null,
      "swift": .string(swiftVersion), "libraries": .object(libraries.mapValues(Value.string)), "machine": machine,
    ]
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

  private static var machine: Value {
    let information = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let model = information.split(separator: "\n").first { $0.hasPrefix("model name") }?.split(separator: ":").last
    return [
      "processor": .string(model.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"),
      "cores": .integer(ProcessInfo.processInfo.activeProcessorCount),
      "memoryBytes": .integer(Int(clamping: ProcessInfo.processInfo.physicalMemory)),
      "system": .string(ProcessInfo.processInfo.operatingSystemVersionString),
    ]
  }
}
