import Documents
import Foundation
import Manifests
import Runs

/// The record of a run as people read it.
public struct RunSheet {
  private let record: RunRecord

  public init(_ record: RunRecord) { self.record = record }

  /// The whole sheet.
  public var text: String {
    let run = record.run
    var out = "run \(record.key) of \(record.experiment), \(run["tier"]?.text ?? "?") tier: \(record.title)\n\n"
    for (name, text) in [("outcome", run["outcomeText"]?.text ?? ""), ("made", made), ("memory", memory)] + origin where !text.isEmpty {
      out += "\(name.padding(toLength: 12, withPad: " ", startingAt: 0))\(text)\n"
    }
    section("inputs", inputs.map { ($0.role, "\($0.name)  \($0.sha256)") }, &out)
    section("parameters", parameters, &out)
    section("metrics", record.metrics.sorted { $0.key < $1.key }.map { ($0.key, $0.value.text) }, &out)
    return out + "\nfiles in \(record.directory)"
  }

  /// Where the run comes from; the same for all runs of one command.
  public var origin: [(name: String, text: String)] {
    let (environment, provenance) = (record.run["environment"], record.run["provenance"])
    return [
      ("command", provenance?["commandLine"]?.array?.map(\.text).joined(separator: " ") ?? ""),
      ("commit", commit(provenance) ?? ""),
      (
        "binary",
        "SHA-256 \(record.executableDigest?.prefix(12) ?? "?"), Swift \(provenance?["swift"]?.text ?? "?"), \(environment?["configuration"]?.text ?? "?") build"
      ),
      (
        "libraries",
        provenance?["libraries"]?.object?.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.text)" }.joined(separator: ", ") ?? ""
      ),
      ("processor", provenance?["machine"].flatMap(machine) ?? ""),
      ("threads", "\(environment?["threads"]?.text ?? "?"); \(environment?["blas"]?.text ?? "?"); \(environment?["simd"]?.text ?? "?")"),
    ]
  }

  /// The files that it has read.
  public var inputs: [(role: String, name: String, sha256: String)] {
    (record.run["inputs"]?.array ?? []).map { ($0["role"]?.text ?? "", $0["name"]?.text ?? "", $0["sha256"]?.text ?? "") }
  }

  /// Everything that decides the result, by its path in the manifest, defaults included.
  public var parameters: [(name: String, text: String)] {
    let document = record.run["document"]
    return [
      ("kind", "\(document?["kind"]?.text ?? "?"), revision \(document?["revision"]?.text ?? "?")"),
      ("seed", document?["seed"]?.text ?? "?"),
    ] + Case.bodyKeys.flatMap { leaves(document?[$0] ?? .null, path: $0) }
  }

  private func section(_ title: String, _ lines: [(String, String)], _ out: inout String) {
    guard !lines.isEmpty else { return }
    let width = lines.map(\.0.count).max() ?? 0
    out += "\n\(title)\n"
    for (name, text) in lines { out += "  \(name.padding(toLength: width + 2, withPad: " ", startingAt: 0))\(text)\n" }
  }

  private func leaves(_ value: Value, path: String) -> [(String, String)] {
    guard let members = value.object else { return [(path, value.text)] }
    return members.sorted { $0.key < $1.key }.flatMap { leaves($0.value, path: "\(path).\($0.key)") }
  }

  private var made: String {
    let environment = record.run["environment"]
    return [environment?["started"]?.text, seconds(environment)].compactMap(\.self).joined(separator: ", ")
  }

  private var memory: String {
    record.run["environment"]?["peakMemoryBytes"]?.integer.map { "\(Quantity.memory($0)) at most" } ?? ""
  }

  private func seconds(_ environment: Value?) -> String? {
    guard let elapsed = environment?["secondsElapsed"]?.number, let computing = environment?["secondsComputing"]?.number,
      let processor = environment?["processorSeconds"]?.number
    else { return nil }
    return "\(Quantity.time(elapsed)), of which \(Quantity.time(computing)) computing; \(Quantity.time(processor)) of processor time"
  }

  private func commit(_ provenance: Value?) -> String? {
    guard let commit = provenance?["gitCommit"]?.string else { return nil }
    let patch = provenance?["gitPatchSHA256"]?.string
    return commit + (patch.map { " with uncommitted changes (SHA-256 \($0.prefix(12)))" } ?? "")
  }

  private func machine(_ machine: Value) -> String? {
    guard let processor = machine["processor"]?.string, let cores = machine["cores"]?.integer else { return nil }
    let memory = machine["memoryBytes"]?.integer.map { ", \(Quantity.memory($0))" } ?? ""
    return "\(processor), \(cores) cores\(memory), \(machine["system"]?.text ?? "")"
  }
}
