import Documents
import Files
import Foundation
import TestSupport
import Testing

/// What is kept of a run, and what can be done with it.
@Suite struct RecordTests {
  private func finished(_ samples: String = "[40]") throws -> (workspace: Workspace, key: String) {
    let workspace = Workspace(sweepOver: samples)
    #expect(try workspace.run("run", "sweep").code == 0)
    return (workspace, (workspace.runs(of: "sweep")[0] as NSString).lastPathComponent)
  }

  @Test func theRecordHoldsItsOrigin() throws {
    let (workspace, key) = try finished()
    let record = try Value(jsonFile: workspace.runs(of: "sweep")[0] + "/run.json")
    #expect(SHA256.hex(of: record["document"]?.json() ?? "") == record["key"]?.string)
    for name in ["commandLine", "gitCommit", "gitPatchSHA256", "swift", "libraries", "machine"] {
      #expect(record["provenance"]?[name] != nil, "\(name)")
    }
    for name in ["blas", "gnuplot", "hdf5", "libpng", "zlib"] {
      #expect(record["provenance"]?["libraries"]?[name]?.string?.isEmpty == false, "\(name)")
    }
    for name in [
      "blas", "simd", "threads", "started", "secondsElapsed", "secondsComputing", "processorSeconds", "peakMemoryBytes",
      "configuration",
    ] {
      #expect(record["environment"]?[name] != nil, "\(name)")
    }
    #expect(record["outcome"] == "converged")
    let sheet = try workspace.run("show", String(key.prefix(6))).output
    for text in [
      "run \(key) of sweep, smoke tier: samples=40", "outcome     converged", "run sweep", "metrics", "value",
    ] {
      #expect(sheet.contains(text), "\(sheet)")
    }
    #expect(sheet.split(separator: "\n").contains { $0.split(separator: " ") == ["data.samples", "40"] }, "\(sheet)")
    #expect(try Value(json: try workspace.run("show", key, "--json").output, path: "record") == record)
    #expect(try workspace.run("logs", key).output.contains("ended: converged"))
    #expect(try workspace.run("show", "ffffff").code == 65)
  }

  @Test func aRunIsRepeatedFromItsRecord() throws {
    let (workspace, key) = try finished()
    let before = FileManager.default.contents(atPath: workspace.runs(of: "sweep")[0] + "/run.json")
    // The manifest is no longer needed.
    try FileManager.default.removeItem(atPath: workspace.path + "/experiments")
    let agreed = try workspace.run("rerun", key)
    #expect(agreed.code == 0, "\(agreed.errors)")
    #expect(agreed.output.contains("The metrics agree to the last digit."))
    #expect(FileManager.default.contents(atPath: workspace.runs(of: "sweep")[0] + "/run.json") == before)
    #expect(workspace.staged.isEmpty)
    let metrics = workspace.runs(of: "sweep")[0] + "/metrics.json"
    let text = try String(contentsOfFile: metrics, encoding: .utf8)
    try text.replacing(/"value": \d/, with: "\"value\": 77").write(toFile: metrics, atomically: true, encoding: .utf8)
    let moved = try workspace.run("rerun", key)
    #expect(moved.code == 2 && moved.output.contains("The metrics do not agree."), "\(moved.output)")
  }

  @Test func aRepetitionNeedsTheSameInputs() throws {
    let workspace = try Workspace()
    _ = try workspace.run("run", "cells")
    let key = (workspace.runs[0] as NSString).lastPathComponent
    #expect(try workspace.run("rerun", key).code == 0)
    workspace.folder.write((0..<60).map { "\($0 % 3)\n" }.joined(), to: "labels.txt")
    let changed = try workspace.run("rerun", key)
    #expect(changed.code == 66)
    #expect(
      changed.sentences.count == 1 && changed.sentences[0].contains("labels.txt")
        && changed.sentences[0].contains("has changed"),
      "\(changed.errors)")
    #expect(workspace.staged.isEmpty)
  }

  /// Pictures come from arrays.h5 and nothing else, with the same bytes each time in each format.
  @Test func figuresAreRedrawnFromTheArraysAlone() throws {
    let workspace = try Workspace {
      $0.replacing("firstLabels:", with: "labelNames: [trunk, left, right, up]\n  firstLabels:")
    }
    _ = try workspace.run("run", "cells")
    let elsewhere = TemporaryFolder()
    try FileManager.default.copyItem(atPath: workspace.runs[0] + "/arrays.h5", toPath: elsewhere.path + "/arrays.h5")
    func content(_ path: String) throws -> Data { try #require(FileManager.default.contents(atPath: path)) }
    for format in ["png", "svg", "pdf"] {
      for folder in ["a", "b"] {
        let drawn = try Command.run(["figure", "arrays.h5", "-o", folder, "--format", format], in: elsewhere.path)
        #expect(drawn.code == 0, "\(drawn.errors)")
      }
      for name in ["alignment", "coupling", "convergence"] {
        let first = try content("\(elsewhere.path)/a/\(name).\(format)")
        #expect(try first == content("\(elsewhere.path)/b/\(name).\(format)"), "\(name).\(format)")
        // The same second would hide a date that is drawn into the file.
        if format == "pdf" { #expect(first.firstRange(of: Data("/CreationDate (D:19700101".utf8)) != nil) }
        if format == "png" { #expect(try first == content("\(workspace.runs[0])/figures/\(name).png"), "\(name)") }
        if format == "svg" && name == "alignment" {
          #expect(String(decoding: first, as: UTF8.self).contains("trunk, modality 1"))
        }
        if format == "png" { #expect(FileManager.default.fileExists(atPath: "\(elsewhere.path)/a/\(name).gp")) }
      }
    }
  }

  @Test func figuresGoBesideTheArraysUnlessToldOtherwise() throws {
    let (workspace, key) = try finished()
    let arrays = "results/sweep/runs/\(key)/arrays.h5"
    #expect(
      try workspace.run("figure", arrays, "--format", "svg").output == "results/sweep/runs/\(key)/figures/plan.svg\n")
    #expect(try workspace.run("figure", key).output == "results/sweep/figures/\(key)/plan.png\n")
  }

  @Test func aMissingGnuplotIsNamed() throws {
    let (workspace, key) = try finished()
    workspace.folder.write("", to: "bin/none")
    try FileManager.default.createSymbolicLink(atPath: workspace.path + "/bin/env", withDestinationPath: "/usr/bin/env")
    let result = try Command.run(["figure", key], in: workspace.path, environment: ["PATH": workspace.path + "/bin"])
    #expect(result.code == 1)
    #expect(
      result.sentences == [
        "error: gnuplot is not installed; install it with: apt-get install gnuplot-nox fonts-dejavu-core"
      ])
  }

  @Test func cleaningKeepsWhatManifestsAskFor() throws {
    let (workspace, _) = try finished("[20, 30, 40]")
    let manifest = workspace.path + "/experiments/sweep/manifest.yaml"
    let text = try String(contentsOfFile: manifest, encoding: .utf8)
    try text.replacing("[20, 30, 40]", with: "[20, 50]").write(toFile: manifest, atomically: true, encoding: .utf8)
    workspace.folder.write("log", to: "results/sweep/failed/0123456789ab.log")
    #expect(try workspace.run("clean", "sweep").output.hasPrefix("1 removed, 3 bytes"))
    #expect(workspace.runs(of: "sweep").count == 3)
    #expect(try workspace.run("clean", "sweep", "--orphaned").code == 1)
    #expect(try workspace.run("clean", "sweep", "--orphaned", "--yes").output.hasPrefix("2 removed, "))
    #expect(workspace.runs(of: "sweep").count == 1)
    #expect(try workspace.run("clean", "sweep", "--all", "--yes").output.hasPrefix("1 removed, "))
    #expect(workspace.runs(of: "sweep").isEmpty)
  }
}
