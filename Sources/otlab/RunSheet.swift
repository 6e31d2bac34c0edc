import Documents
import Foundation
import Runs

/// The record of a run as people read it.
struct RunSheet {
  private let record: RunRecord

  init(_ record: RunRecord) { self.record = record }

  var text: String {
    let run = record.run
    var out = "run \(record.key) of \(record.experiment), \(run["tier"]?.text ?? "?") tier: \(record.title)\n\n"
    func line(_ name: String, _ text: String?) {
      guard let text, !text.isEmpty else { return }
      out += "\(name.padding(toLength: 12, withPad: " ", startingAt: 0))\(text)\n"
    }
    let (environment, provenance) = (run["environment"], run["provenance"])
    line("outcome", run["outcomeText"]?.text)
    line("made", [environment?["started"]?.text, seconds(environment)].compactMap(\.self).joined(separator: ", "))
    line("memory", environment?["peakMemoryBytes"]?.integer.map { "\(Quantity.memory($0)) at most" })
    line("command", provenance?["commandLine"]?.array?.map(\.text).joined(separator: " "))
    line("commit", commit(provenance))
    line(
      "binary",
      "SHA-256 \(record.executableDigest?.prefix(12) ?? "?"), Swift \(provenance?["swift"]?.text ?? "?"), \(environment?["configuration"]?.text ?? "?") build"
    )
    line(
      "libraries", provenance?["libraries"]?.object?.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.text)" }.joined(separator: ", ")
    )
    line("processor", provenance?["machine"].flatMap(machine))
    line("threads", "\(environment?["threads"]?.text ?? "?"); \(environment?["blas"]?.text ?? "?"); \(environment?["simd"]?.text ?? "?")")
    section(
      "inputs",
      (run["inputs"]?.array ?? []).map { ("\($0["role"]?.text ?? "")", "\($0["name"]?.text ?? "")  \($0["sha256"]?.text ?? "")") }, &out)
    let document = run["document"]
    let parameters = ["data", "params", "solver"].flatMap { leaves(document?[$0] ?? .null, path: $0) }
    section(
      "parameters",
      [
        ("kind", "\(document?["kind"]?.text ?? "?"), revision \(document?["revision"]?.text ?? "?")"),
        ("seed", document?["seed"]?.text ?? "?"),
      ] + parameters, &out)
    section("metrics", record.metrics.sorted { $0.key < $1.key }.map { ($0.key, $0.value.text) }, &out)
    return out + "\nfiles in \(record.directory)"
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
