import Documents
import Files
import Foundation
import TestSupport
import Testing

/// The same numbers again: to the last bit on one machine, and within the declared tolerances on another processor's
/// kernels, with other threads, and with the points of all spaces stored in another order.
@Suite(.serialized) struct RepeatabilityTests {
  private static let sample = ["digit-barycenters", "foscttm-alignment", "n-squares", "semi-coupling-equality"]
  private static let names =
    Soak.isFull
    ? ((try? FileManager.default.contentsOfDirectory(atPath: packageFolder + "/experiments")) ?? []).sorted() : sample

  /// Smoke results of the experiments in a folder of their own.
  private static func results(jobs: Int = 2, environment: [String: String] = [:]) throws -> TemporaryFolder {
    let folder = TemporaryFolder()
    let result = try Command.run(
      ["run"] + names + ["-j", "\(jobs)", "--results", folder.path], in: packageFolder, environment: environment)
    #expect(result.code == 0, "\(result.errors)")
    return folder
  }

  /// What of a run's metrics is no time and no memory.
  private static func metrics(_ folder: TemporaryFolder) throws -> [String: [String: Value]] {
    var all: [String: [String: Value]] = [:]
    for name in names {
      for run in try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/\(name)/runs") {
        let metrics = try Value(jsonFile: "\(folder.path)/\(name)/runs/\(run)/metrics.json").object ?? [:]
        all["\(name) \(run)"] = metrics.filter { !$0.key.lowercased().contains("second") && $0.key != "megabytes" }
      }
    }
    return all
  }

  private static let first = Result { try results() }

  @Test func twiceOnOneMachine() throws {
    let started = Date()
    let (first, second) = (try Self.metrics(try Self.first.get()), try Self.metrics(try Self.results()))
    #expect(first.count >= Self.names.count && first.keys == second.keys)
    for (run, metrics) in first where second[run] != metrics {
      let differing = metrics.filter { second[run]?[$0.key] != $0.value }.map { "\($0.key) \($0.value.text)" }
      Issue.record("\(run): \(differing) came out otherwise the second time")
    }
    Soak.report("repeat", "every smoke tier twice", cases: first.count, outcome: "identical metrics", since: started)
  }

  /// The kernels of OpenBLAS that this processor can run, by the instructions they need.
  private static let kernels: [String] = {
    let flags = Set(
      ((try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? "").split(separator: "\n")
        .first { $0.hasPrefix("flags") }?.split(separator: " ").map(String.init) ?? [])
    let needs = [
      ("Prescott", ["pni"]), ("Nehalem", ["sse4_2"]), ("Sandybridge", ["avx"]), ("Haswell", ["avx2", "fma"]),
      ("Zen", ["avx2", "fma"]),
      ("SkylakeX", ["avx512f"]),
    ]
    let runnable = needs.filter { $0.1.allSatisfy(flags.contains) }.map(\.0)
    return Soak.isFull ? runnable : runnable.filter { ["Prescott", "Haswell"].contains($0) }
  }()

  @Test func thisProcessorHasKernels() { #expect(Self.kernels.contains("Prescott")) }

  /// With two jobs a run has one thread, alone it has two.
  @Test(arguments: kernels, [1, 2]) func onOtherKernelsAndThreads(kernel: String, threads: Int) throws {
    try compare(
      "OPENBLAS_CORETYPE=\(kernel), threads \(threads)", jobs: 3 - threads, environment: ["OPENBLAS_CORETYPE": kernel])
  }

  @Test(arguments: Soak.isFull ? [1, 2, 3] : [1]) func underOtherNumbersOfThePoints(seed: Int) throws {
    try compare("points stored in another order, seed \(seed)", jobs: 2, environment: ["OTLAB_RELABEL": "\(seed)"])
  }

  /// Holds the results of another environment against this one's, by the manifests' own tolerances.
  private func compare(_ what: String, jobs: Int, environment: [String: String]) throws {
    let started = Date()
    let base = try Self.first.get()
    let other = try Self.results(jobs: jobs, environment: environment)
    let experiments = TemporaryFolder()
    for name in Self.names {
      try FileManager.default.createDirectory(atPath: "\(experiments.path)/\(name)", withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        atPath: "\(packageFolder)/experiments/\(name)/manifest.yaml",
        toPath: "\(experiments.path)/\(name)/manifest.yaml")
      let accepted = try Command.run(
        [
          "accept", name, "--yes", "--by", "a test", "--reason", "base", "--experiments", experiments.path, "--results",
          base.path,
        ])
      #expect(accepted.code == 0, "\(accepted.errors)")
    }
    let compared = try Command.run(
      ["compare"] + Self.names + ["--experiments", experiments.path, "--results", other.path])
    let moved = compared.output.split(separator: "\n").filter {
      $0.contains(" out of tolerance") || $0.contains(" better") || $0.contains(" missing")
    }
    #expect(compared.code == 0 && moved.isEmpty, "\(moved.joined(separator: "; "))\(compared.errors)")
    guard compared.code == 0, moved.isEmpty else { return }
    Soak.report("repeat", what, cases: Self.names.count, outcome: "all metrics within their tolerances", since: started)
  }
}
