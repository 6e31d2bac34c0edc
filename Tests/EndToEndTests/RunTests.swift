import Documents
import Files
import Foundation
import TestSupport
import Testing

@Suite struct RunTests {
  @Test func aRunLeavesEverythingAndIsReused() throws {
    let workspace = try Workspace()
    let first = try workspace.run("run", "cells")
    #expect(first.code == 0, "\(first.errors)")
    #expect(first.output.contains(/default +0\.\d{4} +converged/), "\(first.output)")
    let directory = try #require(workspace.runs.first)
    for name in [
      "run.json", "metrics.json", "trace.csv", "arrays.h5", "log.txt", "figures/alignment.png", "figures/coupling.png",
      "figures/convergence.png",
    ] {
      #expect(FileManager.default.fileExists(atPath: "\(directory)/\(name)"), "\(name) is missing")
    }
    #expect(workspace.staged.isEmpty)
    let record = try Value(jsonFile: directory + "/run.json")
    #expect(record["document"]?["solver"]?["iterations"] == 1000)
    #expect(record["outcome"] == "converged")
    #expect(record["inputs"]?.array?.count == 4)
    #expect(record["executableSHA256"]?.string?.count == 64)

    let stamp = try FileManager.default.attributesOfItem(atPath: directory + "/run.json")[.modificationDate] as? Date
    let second = try workspace.run("run", "cells")
    #expect(second.code == 0)
    #expect(second.output == first.output)
    #expect(second.errors.contains("already finished"))
    #expect(
      try FileManager.default.attributesOfItem(atPath: directory + "/run.json")[.modificationDate] as? Date == stamp)
    #expect(try workspace.run("plan", "cells").output.contains("finished, converged"))
    #expect(try workspace.run("list").output.contains("Cells of a test"))
  }

  @Test func forcedRunsGiveTheSameNumbersAndPictures() throws {
    let workspace = try Workspace()
    _ = try workspace.run("run", "cells")
    let directory = try #require(workspace.runs.first)
    func content(_ name: String) -> Data? { FileManager.default.contents(atPath: "\(directory)/\(name)") }
    func metrics() throws -> [String: Value] {
      var metrics = try #require(try Value(jsonFile: directory + "/metrics.json").object)
      for name in ["seconds", "searchSeconds"] { metrics[name] = nil }
      return metrics
    }
    let before = (try metrics(), content("arrays.h5"), content("figures/coupling.png"))
    #expect(try workspace.run("run", "cells", "--force").code == 0)
    #expect(workspace.runs == [directory])
    #expect(try metrics() == before.0)
    #expect(content("arrays.h5") == before.1)
    #expect(content("figures/coupling.png") == before.2)
    let figures = try workspace.run("figure", "cells", "-o", "pictures")
    #expect(figures.code == 0, "\(figures.errors)")
    #expect(FileManager.default.contents(atPath: workspace.path + "/pictures/default/coupling.png") == before.2)
  }

  @Test func aChangedParameterIsAnotherRun() throws {
    let workspace = try Workspace()
    _ = try workspace.run("run", "cells")
    #expect(try workspace.run("plan", "cells", "--set", "solver.epsilon=2e-3").output.contains("to run"))
    #expect(try workspace.run("run", "cells", "--set", "solver.epsilon=2e-3").code == 0)
    #expect(workspace.runs.count == 2)
    // The same number written another way is the same run.
    #expect(try workspace.run("plan", "cells", "--set", "solver.epsilon=0.0005").output.contains("finished"))
  }

  @Test func baselinesAcceptCompareAndFailWhenDoctored() throws {
    let workspace = try Workspace()
    #expect(try workspace.run("compare", "cells").code == 3)
    _ = try workspace.run("run", "cells")
    #expect(try workspace.run("compare", "cells").code == 3)
    #expect(try workspace.run("accept", "cells").code == 1)
    #expect(try workspace.run("accept", "cells", "--yes").code == 0)
    #expect(try workspace.run("compare", "cells").code == 0)
    let baseline = workspace.path + "/experiments/cells/baseline.json"
    let text = try String(contentsOfFile: baseline, encoding: .utf8)
    try text.replacing("\"foscttm\": 0.", with: "\"foscttm\": 0.9").write(
      toFile: baseline, atomically: true, encoding: .utf8)
    let doctored = try workspace.run("compare", "cells")
    #expect(doctored.code == 2)
    #expect(doctored.output.contains("better"))
    try text.replacing("true", with: "false").write(toFile: baseline, atomically: true, encoding: .utf8)
    #expect(try workspace.run("compare", "cells").code == 2)
  }

  @Test func whatDoesNotConvergeIsShownAndFailsWhereRequired() throws {
    let workspace = try Workspace()
    let result = try workspace.run("run", "cells", "--set", "solver.iterations=2")
    #expect(result.code == 1)
    #expect(result.output.contains("iteration-limit"))
    #expect(result.sentences.first?.contains("'converged' is required, but it is false (iteration-limit)") == true)
  }

  @Test func tablesComeInEveryFormat() throws {
    let workspace = try Workspace()
    _ = try workspace.run("run", "cells")
    #expect(try workspace.run("table", "cells", "--format", "markdown").output.contains("| case | foscttm | status |"))
    #expect(
      try workspace.run("table", "cells", "--format", "csv").output.contains(
        "case,foscttm,status,converged\ndefault,0."))
    #expect(try workspace.run("table", "cells", "--format", "latex").output.contains("\\toprule"))
  }

  @Test func showPrintsTheDefaults() throws {
    let output = try Workspace().run("show", "cells", "--set", "params.graph.neighbors=9").output
    #expect(output.contains("\"innerIterations\": 1000"))
    #expect(output.contains("\"neighbors\": 9"))
  }

  /// Two processes on one key: the second waits and takes the first one's run.
  @Test func twoRunsOfOneKeyAtOnceShareTheWork() throws {
    let workspace = try Workspace(cells: 400)
    let arguments = ["run", "cells", "--set", "solver.epsilon=3e-4"]
    let both = try (0..<2).map { _ in try Command.start(arguments, in: workspace.path) }
    let results = both.map { $0.wait() }
    let errors = results.map(\.errors)
    #expect(results.allSatisfy { $0.code == 0 }, "\(errors)")
    #expect(workspace.runs.count == 1)
    #expect(workspace.staged.isEmpty)
    #expect(errors.count { $0.contains("already finished") } == 1)
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func anInterruptionLeavesNoHalfWrittenRun(signal: Int32) throws {
    let workspace = try Workspace(cells: 2000)
    let started = try Command.start(["run", "cells", "--set", "solver.epsilon=1e-4"], in: workspace.path)
    let deadline = Date().addingTimeInterval(60)
    while workspace.staged.isEmpty, started.process.isRunning, Date() < deadline { usleep(20_000) }
    #expect(!workspace.staged.isEmpty)
    usleep(300_000)
    kill(started.process.processIdentifier, signal)
    #expect(started.wait().code == 130)
    #expect(workspace.runs.isEmpty)
    #expect(workspace.staged.isEmpty)
  }

  /// A child that dies loses its run, is reported, and keeps its log.
  @Test func aCrashIsReported() throws {
    let workspace = try Workspace(cells: 2000)
    let started = try Command.start(["run", "cells", "--set", "solver.epsilon=1e-4"], in: workspace.path)
    let child = started.children().first
    kill(try #require(child), SIGKILL)
    let result = started.wait()
    #expect(result.code == 1)
    #expect(result.sentences == ["error: the run 'default' was ended by signal 9"])
    #expect(result.errors.contains("its log is results/cells/failed/"))
    #expect(workspace.runs.isEmpty && workspace.staged.isEmpty)
  }
}
