import Documents
import Foundation
import Runs

/// The record of a run as a text for people.
public struct RunSheet {
  private let run: FinishedRun

  /// Creates the sheet of a finished run.
  public init(_ run: FinishedRun) { self.run = run }

  private var environment: RunRecord.Environment { run.ending.environment }

  /// The whole sheet: outcome, origin, inputs, parameters, and metrics.
  public var text: String {
    var out = "run \(run.key) of \(run.experiment), \(run.header.tier.rawValue) tier: \(run.title)\n\n"
    for (name, text) in [("outcome", run.ending.text ?? ""), ("made", made), ("memory", memory)] + origin
    where !text.isEmpty {
      out += "\(name.padding(toLength: 12, withPad: " ", startingAt: 0))\(text)\n"
    }
    section("inputs", inputs.map { ($0.role, "\($0.name)  \($0.sha256)") }, &out)
    section("parameters", parameters, &out)
    section("metrics", run.metrics.sorted { $0.key < $1.key }.map { ($0.key, $0.value.text) }, &out)
    return out + "\nfiles in \(run.directory)"
  }

  /// Where the run comes from, which is the same for all runs of one command.
  public var origin: [(name: String, text: String)] {
    let provenance = run.record.provenance
    let libraries = (provenance?.libraries ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    let digest = run.header.executableDigest?.prefix(12) ?? "?"
    return [
      ("command", provenance?.commandLine.joined(separator: " ") ?? ""),
      ("commit", provenance.flatMap(commit) ?? ""),
      ("binary", "SHA-256 \(digest), Swift \(provenance?.swift ?? "?"), \(environment.configuration ?? "?") build"),
      ("libraries", libraries.joined(separator: ", ")),
      ("processor", provenance?.machine.map(machine) ?? ""),
      (
        "threads",
        "\(environment.threads.map { "\($0)" } ?? "?"); \(environment.blas ?? "?"); \(environment.simd ?? "?")"
      ),
    ]
  }

  /// The files that the run has read.
  public var inputs: [RunInput] { run.record.inputs }

  /// Everything that decides the result, with all defaults, by its path in the manifest.
  public var parameters: [(name: String, text: String)] {
    let identity = run.record.identity
    return [("kind", "\(identity.kind), revision \(identity.revision)"), ("seed", "\(identity.seed)")]
      + leaves(identity.data, path: "data") + leaves(identity.params, path: "params")
      + leaves(identity.solver, path: "solver")
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

  private var made: String { [environment.started, seconds].compactMap(\.self).joined(separator: ", ") }

  private var memory: String { environment.peakMemory.map { "\(Quantity.memory($0)) at peak" } ?? "" }

  private var seconds: String? {
    guard let elapsed = environment.secondsElapsed, let computing = environment.secondsComputing,
      let processor = environment.processorSeconds
    else { return nil }
    return
      """
      \(Quantity.time(elapsed)), of which \(Quantity.time(computing)) computing; \(Quantity.time(processor)) of CPU \
      time
      """
  }

  private func commit(_ provenance: Provenance) -> String? {
    provenance.gitCommit.map { commit in
      commit + (provenance.gitPatchDigest.map { " with uncommitted changes (SHA-256 \($0.prefix(12)))" } ?? "")
    }
  }

  private func machine(_ machine: Provenance.Machine) -> String {
    let memory = machine.memory.map { ", \(Quantity.memory($0))" } ?? ""
    return "\(machine.processor), \(machine.cores) cores\(memory), \(machine.system ?? "")"
  }
}
