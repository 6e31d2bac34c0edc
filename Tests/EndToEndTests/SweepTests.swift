import Datasets
import Documents
import Files
import Foundation
import TestSupport
import Testing

/// Sweeps as a user meets them: made, resumed, divided, interrupted, looked at.
@Suite struct SweepRunTests {
  /// Fields of a mosaic stand in their places: an array of each row, by two keys, of the rows that `where` lets
  /// through.
  @Test func aMosaicShowsTheArraysOfARow() throws {
    let figures = """
      figures:
        - {name: f, title: F, x: data.samples, rows: solver.epsilon, array: plan}
        - {name: g, title: G, x: data.samples, rows: solver.epsilon, array: plan, where: {solver.epsilon: 5.0}}
        - {name: p, title: P, x: error, points: value, curves: solver.epsilon}
        - {name: h, title: H, x: data.samples, y: value, where: {solver.epsilon: 7.0}}
      """
    let workspace = Workspace(sweepOver: "[6, 4]") { manifest in
      manifest.split(separator: "\n").filter { !$0.hasPrefix("figures") }.joined(separator: "\n")
        .replacing("{data.samples: [6, 4]}", with: "{data.samples: [6, 4], solver.epsilon: [0.5, 5.0]}") + "\n"
        + figures + "\n"
    }
    let result = try workspace.run("run", "sweep")
    #expect(result.code == 0, "\(result.errors)")
    #expect(workspace.folder.exists("results/sweep/figures/smoke/f.png"))
    let content = try String(contentsOfFile: workspace.path + "/results/sweep/figures/smoke/f.csv", encoding: .utf8)
    let rows = content.split(separator: "\n").map { $0.split(separator: ",").compactMap { Double($0) } }
    // Two fields of 6×6 in the first columns, two of 4×4 in the upper left of the last; every plan has mass 1.
    #expect(rows.count == 12 && rows.allSatisfy { $0.count == 12 })
    for (top, left) in [(0, 0), (0, 6), (6, 0), (6, 6)] {
      #expect(abs((0..<36).reduce(0) { $0 + rows[top + $1 / 6][left + $1 % 6] } - 1) < 1e-8)
    }
    #expect(rows[4][6...].allSatisfy { $0 == 0 } && rows[0][10] == 0)
    // The second shows the lower fields alone, and where no row is let through nothing is drawn.
    let filtered = try String(contentsOfFile: workspace.path + "/results/sweep/figures/smoke/g.csv", encoding: .utf8)
    #expect(filtered.split(separator: "\n").elementsEqual(content.split(separator: "\n")[6...]))
    #expect(!workspace.folder.exists("results/sweep/figures/smoke/h.png"))
    // Points: all four runs, a metric over a metric, in two colours.
    #expect(workspace.folder.exists("results/sweep/figures/smoke/p.png"))
    let names =
      (try? FileManager.default.contentsOfDirectory(atPath: workspace.path + "/results/sweep/figures/smoke")) ?? []
    let points = try names.filter { $0.hasPrefix("p") && $0.hasSuffix(".csv") }.map {
      try String(contentsOfFile: workspace.path + "/results/sweep/figures/smoke/\($0)", encoding: .utf8)
    }.joined()
    #expect(points.split(separator: "\n").count { Double($0.prefix { $0 != "," }) != nil } == 4, "\(points)")
  }

  @Test func aSweepLeavesATableAndAPicture() throws {
    let workspace = Workspace(sweepOver: "[20, 30]", repeat: 2)
    let result = try workspace.run("run", "sweep", "-j2")
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains(#/ 20 +\d\.\d{3} ± \d\.\d{3} +converged\n +30 /#), "\(result.output)")
    #expect(result.errors.contains("4 runs: 4 made in "))
    #expect(
      workspace.folder.exists("results/sweep/figures/smoke/f.png")
        && workspace.folder.exists("results/sweep/figures/smoke/f.csv"))
    // What is asked for twice is one run.
    #expect(try workspace.run("run", "sweep", "sweep").errors.contains("4 runs: 4 already finished"))
    // Another point costs only itself.
    let more = try workspace.run("run", "sweep", "--sweep", "data.samples=20,30,40")
    #expect(more.errors.contains("6 runs: 2 made in ") && more.errors.contains("4 already finished"), "\(more.errors)")
    let status = try workspace.run("status", "sweep", "--sweep", "data.samples=20,50")
    #expect(status.output.contains("samples=20 #2") && status.output.contains("to run"))
    #expect(try workspace.run("status").output.contains(#/sweep +4 +4 +0 +0 +0 +0 +0 +2\n/#))
    #expect(try workspace.run("status", "--costs").output.contains(#/sweep +4 .* 100\.0 % .*MiB\n/#))
    #expect(try workspace.run("list").output.contains("none"))
  }

  @Test func theReasonsOfAPlanAreNamed() throws {
    let workspace = Workspace(sweepOver: "[20]")
    #expect(try workspace.run("plan", "sweep").output.contains("to run  sweep  samples=20  (new)"))
    _ = try workspace.run("run", "sweep")
    #expect(try workspace.run("plan", "sweep").output.contains("finished, converged  sweep  samples=20\n"))
    let changed = try workspace.run("plan", "sweep", "--set", "solver.epsilon=0.7")
    #expect(changed.output.contains("to run  sweep  samples=20  (solver.epsilon 0.5 → 0.7)"), "\(changed.output)")
    // As if another build had made it.
    let record = workspace.runs(of: "sweep")[0] + "/run.json"
    let digest = try #require(try Value(jsonFile: record)["executableSHA256"]?.string)
    let text = try String(contentsOfFile: record, encoding: .utf8)
    try text.replacing(digest, with: String(repeating: "0", count: 64)).write(
      toFile: record, atomically: true, encoding: .utf8)
    #expect(
      try workspace.run("plan", "sweep").output.contains(
        "finished, converged  sweep  samples=20  (made by another build)"))
    #expect(
      try workspace.run("run", "sweep").errors.contains("1 results were made by another build; --refresh repeats them"))
    #expect(try workspace.run("run", "sweep", "--refresh").errors.contains("1 run: 1 made"))
    #expect(try workspace.run("run", "sweep", "--refresh").errors.contains("1 run: 1 already finished"))
    let plan = try Value(json: try workspace.run("plan", "sweep", "--json").output, path: "plan")
    #expect(plan.array?.first?["state"] == "converged")
  }

  /// Whatever the solver, the sample is the same; repetitions have samples of their own.
  @Test func methodsFaceTheSameSample() throws {
    let workspace = try Workspace {
      $0.replacing("solver:", with: "repeat: 2\nsweep: {product: {solver.epsilon: [1.0e-3, 3.0e-3]}}\nsolver:")
        .replacing(/data:\n( .*\n)+/, with: "data: {generator: {name: branching-tree, cells: 60}}\n")
    }
    let result = try workspace.run("run", "cells")
    #expect(result.code == 0, "\(result.errors)")
    let samples = try workspace.runs.map { try HDF5.read($0 + "/arrays.h5", dataset: "before/first").elements }
    #expect(samples.count == 4 && Set(samples).count == 2)
  }

  /// Two commands at once divide a sweep: each run is made once, both end with the whole table.
  @Test func twoCommandsDivideTheWork() throws {
    let workspace = Workspace(sweepOver: "'range(30, 45)'")
    let both = try (0..<2).map { _ in try Command.start(["run", "sweep"], in: workspace.path) }
    let results = both.map { $0.wait() }
    let errors = results.map(\.errors)
    #expect(results.allSatisfy { $0.code == 0 }, "\(errors)")
    #expect(results[0].output == results[1].output)
    #expect(workspace.runs(of: "sweep").count == 16)
    let made = errors.map { $0.firstMatch(of: /16 runs: (\d+) made/).flatMap { Int($0.1) } ?? 0 }
    #expect(made[0] + made[1] == 16 && made.allSatisfy { $0 >= 1 }, "\(errors)")
    #expect(workspace.staged.isEmpty)
  }

  /// A run that dies is reported, the rest go on, and the next command makes only what is missing.
  @Test func aCrashCostsOneRun() throws {
    let workspace = Workspace(sweepOver: "[3000, 20, 30]")
    let started = try Command.start(["run", "sweep"], in: workspace.path)
    kill(try #require(started.children().first), SIGSEGV)
    let result = started.wait()
    #expect(result.code == 1)
    #expect(result.sentences == ["error: the run 'samples=3000' was ended by signal 11"], "\(result.errors)")
    #expect(result.errors.contains("3 runs: 2 made in ") && result.errors.contains("1 failed"))
    #expect(result.output.contains(/3000 +– +–/))
    #expect(
      try workspace.run("plan", "sweep").output.contains(
        "failed  sweep  samples=3000  (failed before; see results/sweep/failed/"))
    #expect(workspace.staged.isEmpty)
  }

  @Test func anInterruptionKeepsFinishedRunsAndEndsChildren() throws {
    let workspace = Workspace(sweepOver: "[20, 5000, 30]")
    let started = try Command.start(["run", "sweep"], in: workspace.path)
    while workspace.runs(of: "sweep").isEmpty, started.process.isRunning { usleep(5000) }
    let children = started.children()
    kill(started.process.processIdentifier, SIGINT)
    #expect(started.wait().code == 130)
    #expect(workspace.runs(of: "sweep").count == 1 && workspace.staged.isEmpty)
    #expect(!children.isEmpty && children.allSatisfy { !isAtWork($0) })
    let resumed = try workspace.run("run", "sweep", "--set", "data.samples=20")
    #expect(resumed.code == 0)
  }

  /// Killed without a chance to clean up: its child ends by itself, and the next command makes the run.
  @Test func aKilledCommandLeavesNothingAtWork() throws {
    let workspace = Workspace(sweepOver: "[3000]")
    let started = try Command.start(["run", "sweep", "--set", "solver.epsilon=1e-4"], in: workspace.path)
    let child = try #require(started.children().first)
    kill(started.process.processIdentifier, SIGKILL)
    // Far less than the run takes.
    let deadline = Date().addingTimeInterval(8)
    while isAtWork(child), Date() < deadline { usleep(20_000) }
    #expect(!isAtWork(child))
    _ = started.wait()
    #expect(!workspace.staged.isEmpty)
    #expect(try workspace.run("clean").output.hasPrefix("1 removed, "))
    #expect(workspace.staged.isEmpty)
  }

  @Test func limitsOfTheManifestHold() throws {
    let slow = Workspace(sweepOver: "[20, 5000]") { $0.replacing("seed: 3", with: "seed: 3\nlimits: {time: 1s}") }
    let late = try slow.run("run", "sweep")
    #expect(late.code == 1)
    #expect(late.sentences == ["error: the run 'samples=5000' was stopped: it exceeded limits.time, 1 s"])
    #expect(slow.runs(of: "sweep").count == 1)
    let large = Workspace(sweepOver: "[20, 5000]") {
      $0.replacing("seed: 3", with: "seed: 3\nlimits: {memory: 120MiB}")
    }
    let fat = try large.run("run", "sweep", "--fail-fast")
    #expect(fat.code == 1 && fat.sentences.count == 1)
    #expect(
      fat.sentences[0].contains("was stopped: it used ")
        && fat.sentences[0].hasSuffix("but limits.memory allows 120 MiB"),
      "\(fat.sentences)")
  }

  @Test func tablesAreWrittenWholeOrNotAtAll() throws {
    let workspace = Workspace(sweepOver: "[20, 30]")
    let early = try workspace.run("table", "sweep", "-o", "tables")
    #expect(
      early.code == 3 && early.sentences.first?.contains("there is no finished run of samples=20, samples=30") == true)
    #expect(!workspace.folder.exists("tables"))
    _ = try workspace.run("run", "sweep")
    #expect(try workspace.run("table", "sweep", "-o", "tables").output.split(separator: "\n").count == 4)
    for ending in ["md", "tex", "csv", "json"] { #expect(workspace.folder.exists("tables/sweep/t.smoke.\(ending)")) }
  }

  /// On a terminal there is one line that is drawn over and over, without colour when NO_COLOR says so.
  @Test func aTerminalShowsABar() throws {
    let workspace = Workspace(sweepOver: "[20, 1500]")
    let script = Process()
    script.executableURL = URL(fileURLWithPath: "/usr/bin/script")
    script.arguments = ["-qec", "'\(Command.path)' run sweep", workspace.path + "/terminal"]
    script.currentDirectoryURL = URL(fileURLWithPath: workspace.path)
    script.environment = ProcessInfo.processInfo.environment.merging(["TERM": "xterm", "NO_COLOR": "1"]) { $1 }
    (script.standardInput, script.standardOutput) = (FileHandle.nullDevice, FileHandle.nullDevice)
    try script.run()
    script.waitUntilExit()
    let seen = try String(contentsOfFile: workspace.path + "/terminal", encoding: .utf8)
    #expect(script.terminationStatus == 0)
    #expect(seen.contains("━━━━━━━━━━────────── 1/2 · "), "\(seen)")
    #expect(seen.contains(" left · samples=1500: seed "), "\(seen)")
    #expect(!seen.contains("\u{1B}[36m") && seen.contains("\r\u{1B}[2K"))
    #expect(seen.contains("2 runs: 2 made in "))
  }
}
