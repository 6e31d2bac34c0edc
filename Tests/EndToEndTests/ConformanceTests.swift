import Datasets
import Documents
import Experiments
import Files
import Foundation
import Pipeline
import TestSupport
import Testing
import YAML

/// What every registered kind must do.
///
/// A new kind needs no test of its own for any of this.
@Suite struct ConformanceTests {
  private static let kinds = Registry.registered.kinds.map { $0.kind }

  @Test func thereAreKindsAndTheirNamesDiffer() {
    #expect(Self.kinds.count >= 2 && Set(Self.kinds).count == Self.kinds.count)
    for kind in Registry.registered.kinds {
      #expect(kind.summary.hasSuffix(".") && !kind.metrics.isEmpty)
      #expect(kind.kind.allSatisfy { $0.isLowercase || $0 == "-" || $0.isNumber })
    }
  }

  /// The template of a kind is a valid manifest that runs as it is, in a folder outside of the package.
  @Test(arguments: kinds)
  func theTemplateRuns(kind: String) throws {
    let folder = TemporaryFolder()
    let places = ["--experiments", "mine", "--results", "out"]
    let written = try Command.run(["init", "first-try", "--kind", kind, "--experiments", "mine"], in: folder.path)
    #expect(written.code == 0, "\(written.errors)")
    #expect(
      try Command.run(["init", "first-try", "--kind", kind, "--experiments", "mine"], in: folder.path).code == 73)
    #expect(try Command.run(["check", "--experiments", "mine"], in: folder.path).output == "first-try: valid\n")
    let result = try Command.run(["run", "first-try"] + places, in: folder.path)
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("converged"))
    let node = try Node(yamlFile: folder.path + "/mine/first-try/manifest.yaml")
    let errors = JSONSchema(ManifestSchema(.registered).value).errors(in: node.value)
    #expect(errors == [], "\(errors)")
  }

  /// The smoke tier of each experiment in the package ends well, gives the metrics that its kind declares and no
  /// others, draws something, and comes back to the same numbers and pictures.
  ///
  /// The kind `solve` is for arrays of users: what it gives is its solver's (`SolveKindTests`).
  @Test(arguments: kinds.filter { $0 != "solve" })
  func theSmokeTierLeavesWhatItShould(kind: String) throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: packageFolder + "/experiments").filter { name in
      try Node(yamlFile: "\(packageFolder)/experiments/\(name)/manifest.yaml")["kind"]?.value.string == kind
    }
    #expect(!names.isEmpty, "no experiment is of the kind \(kind)")
    let declared = try #require(Registry.registered.kinds.first { $0.kind == kind }).allMetrics
    for name in names {
      let results = TemporaryFolder()
      let arguments = ["run", name, "--results", results.path, "--set", "repeat=1"]
      let result = try Command.run(arguments)
      #expect(result.code == 0, "\(result.errors)")
      let keys = try FileManager.default.contentsOfDirectory(atPath: "\(results.path)/\(name)/runs").sorted()
      #expect(!keys.isEmpty)
      for key in keys { try check("\(results.path)/\(name)/runs/\(key)", declared: declared) }
      let repeated = try Command.run(["rerun", keys[0], "--results", results.path])
      #expect(
        repeated.code == 0 && repeated.output.contains("agree to the last digit"),
        "\(repeated.output)\(repeated.errors)")
    }
  }

  private func check(_ run: String, declared: Set<String>) throws {
    let record = try Value(jsonFile: run + "/run.json")
    #expect(SHA256.hex(of: record["document"]?.json() ?? "") == record["key"]?.string)
    let metrics = try #require(try Value(jsonFile: run + "/metrics.json").object)
    #expect(Set(metrics.keys) == declared)
    #expect(metrics["converged"] == true)
    for (name, value) in metrics { if let number = value.number { #expect(number.isFinite, "\(name)") } }
    #expect(
      try String(contentsOfFile: run + "/trace.csv", encoding: .utf8).hasPrefix(
        "iteration,objective,residual,seconds\n1,"))
    #expect(try String(contentsOfFile: run + "/log.txt", encoding: .utf8).contains("ended: converged"))
    #expect(try !HDF5.datasets(in: run + "/arrays.h5").isEmpty)
    let figures = try FileManager.default.contentsOfDirectory(atPath: run + "/figures")
    let pictures = figures.filter { $0.hasSuffix(".png") }
    #expect(!pictures.isEmpty)
    for picture in pictures {
      #expect(figures.contains(picture.replacing(".png", with: ".gp")) && figures.contains { $0.hasSuffix(".csv") })
      let image = try PixelImage(pngFile: "\(run)/figures/\(picture)")
      #expect(Set(image.samples).count > 10, "\(picture) is empty")
      #expect(image.borderIsWhite, "\(picture): something reaches the edge, most likely a label")
    }
  }

  @Test func theProjectsManifestsFitTheSchemaAndSlipsDoNot() throws {
    let schema = JSONSchema(ManifestSchema(.registered).value)
    for name in try FileManager.default.contentsOfDirectory(atPath: packageFolder + "/experiments") {
      let text = try String(contentsOfFile: "\(packageFolder)/experiments/\(name)/manifest.yaml", encoding: .utf8)
      let errors = schema.errors(in: try Node(yaml: text, option: name).value)
      #expect(errors == [], "\(name): \(errors)")
    }
    let folder = packageFolder + "/experiments/foscttm-alignment/manifest.yaml"
    let text = try String(contentsOfFile: folder, encoding: .utf8)
    for (found, slip) in [
      ("iterations: 200", "iterationLimit: 200"), ("schedule: [constant, annealed]", "schedule: [constant, anneal]"),
      ("threads: 1", "threads: two"), ("neighbors: 12", "neighbors: 0"), ("metric: correlation", "metrik: correlation"),
      ("seed: 20260101", "sead: 1"), ("normalization: l2", "normalization: l3"), ("gate: false", "gate: 0"),
      ("digits: 3", "digits: -3"),
      ("  smoke:", "  smoky:"), ("cells: 150", "cells: many"),
      ("distortionWeight: [1, 10]", "distortionWeight: [1, ten]"),
      ("neighbors: [8, 12]", "neighbors: []"),
    ] {
      #expect(text.contains(found))
      #expect(schema.errors(in: try Node(yaml: text.replacing(found, with: slip), option: "m").value) != [], "\(slip)")
    }
    #expect(try Value(json: try Command.run(["schema"]).output, path: "schema") == ManifestSchema(.registered).value)
    #expect(try Command.run(["schema", "--kinds"]).output.split(separator: "\n").count == Self.kinds.count)
  }

  /// The example that newcomers read is the one that is built.
  @Test func theWorkedExampleIsTheRealThing() throws {
    let guide = try String(contentsOfFile: packageFolder + "/CONTRIBUTING.md", encoding: .utf8)
    let source = try String(
      contentsOfFile: packageFolder + "/Sources/Experiments/GaussianTransport/GaussianTransportExperiment.swift",
      encoding: .utf8)
    #expect(guide.contains("```swift\n\(source)```"))
    #expect(source.split(separator: "\n", omittingEmptySubsequences: false).count < 80)
  }
}
