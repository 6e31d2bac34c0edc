import Documents
import Files
import Foundation
import TestSupport
import Testing

/// What must not happen to finished or promised work: lost, mixed up, or made by something else than the record says.
@Suite struct LostWorkTests {
  private func wait(seconds: Double = 120, until isDone: () -> Bool) {
    let deadline = Date().addingTimeInterval(seconds)
    while !isDone(), Date() < deadline { usleep(5000) }
  }

  /// A file is replaced while a sweep is at work: runs that have not read it fail, and none is stored under the key of
  /// what it did not read.
  @Test("data-edited-during-run") func dataEditedDuringRun() throws {
    let workspace = try Workspace(cells: 120) {
      $0.replacing("seed: 5", with: "sweep: {product: {seed: [1, 2, 3, 4, 5, 6]}}")
    }
    let good = try String(contentsOfFile: workspace.path + "/labels.txt", encoding: .utf8)
    let started = try Command.start(["run", "cells"], in: workspace.path)
    wait { !workspace.runs.isEmpty || !started.process.isRunning }
    let other = workspace.folder.write((0..<120).map { "\($0 % 3)\n" }.joined(), to: "labels.new")
    #expect(rename(other, workspace.path + "/labels.txt") == 0)
    let result = started.wait()
    #expect(result.code == 66, "\(result.errors)")
    #expect(
      !result.sentences.isEmpty && result.sentences.allSatisfy { $0.contains("labels.txt: has changed ") },
      "\(result.errors)")
    #expect(result.errors.contains("6 runs: "))
    let kept = workspace.runs
    #expect((1...5).contains(kept.count))
    // With the right file back only what failed is made, and all is as if nothing had happened.
    workspace.folder.write(good, to: "labels.txt")
    let plan = try workspace.run("plan", "cells").output
    #expect(plan.split(separator: "\n").count { $0.contains("finished, converged") } == kept.count, "\(plan)")
    #expect(try workspace.run("run", "cells").errors.contains("\(6 - kept.count) made in "))
    let undisturbed = try Workspace(cells: 120) {
      $0.replacing("seed: 5", with: "sweep: {product: {seed: [1, 2, 3, 4, 5, 6]}}")
    }
    _ = try undisturbed.run("run", "cells")
    #expect(try undisturbed.run("table", "cells").output == workspace.run("table", "cells").output)
  }

  /// The child looks for itself: what is there when it begins, and when it has read.
  @Test func aRunReadsWhatWasPlanned() throws {
    let workspace = try Workspace()
    _ = try workspace.run("run", "cells")
    let record = try Value(jsonFile: workspace.runs[0] + "/run.json")
    var job = try #require(record.object)
    job["directory"] = .string(workspace.path + "/again")
    job["threads"] = 1
    workspace.folder.write("", to: "again/nothing")
    workspace.folder.write(Value.object(job).json(), to: "job.json")
    #expect(try workspace.run("execute", "job.json").code == 0)
    workspace.folder.write((0..<60).map { "\($0 % 3)\n" }.joined(), to: "labels.txt")
    let changed = try workspace.run("execute", "job.json")
    #expect(
      changed.code == 66
        && changed.errors.contains("labels.txt: has changed since the run was planned: its SHA-256 is "),
      "\(changed.errors)")
  }

  /// Copied over with size and time as they were, which only the system's own time tells.
  @Test func aCopyOfEqualSizeAndTimeIsAnotherFile() throws {
    let workspace = try Workspace()
    _ = try workspace.run("run", "cells")
    let labels = workspace.path + "/labels.txt"
    let time = try #require(try FileManager.default.attributesOfItem(atPath: labels)[.modificationDate] as? Date)
    let text = try String(contentsOfFile: labels, encoding: .utf8)
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: labels))
    try file.write(contentsOf: Data(String(text.reversed()).replacing(/^\n/, with: "").appending("\n").utf8))
    try file.close()
    try FileManager.default.setAttributes([.modificationDate: time], ofItemAtPath: labels)
    #expect(try workspace.run("plan", "cells").output.contains("an input file has changed"))
  }

  /// A name under which the results folder keeps something else is none for an experiment.
  @Test("experiment-called-report") func experimentCalledReport() throws {
    let workspace = Workspace(sweepOver: "[20]")
    for name in ["report", "tables", "Report", "gallery"] {
      let refused = try workspace.run("init", name, "--kind", "gaussian-transport")
      #expect(refused.code == 65)
      #expect(
        refused.sentences.first?.contains("an experiment cannot be called '\(name)'") == true, "\(refused.errors)")
      #expect(!workspace.folder.exists("experiments/\(name)"))
    }
    let manifest = try String(contentsOfFile: workspace.path + "/experiments/sweep/manifest.yaml", encoding: .utf8)
    for name in ["report", ".hidden", "report.new-1"] {
      workspace.folder.write(
        manifest.replacing("name: sweep", with: "name: \(name)"), to: "experiments/\(name)/manifest.yaml")
      for verb in ["check", "plan", "run"] {
        let refused = try workspace.run(verb, name)
        #expect(
          refused.code == 65 && refused.errors.contains("an experiment cannot be called '\(name)'"),
          "\(verb) \(name): \(refused.errors)")
      }
      try FileManager.default.removeItem(atPath: workspace.path + "/experiments/\(name)")
    }
    // A report that goes into an experiment's results does not replace runs either.
    #expect(try workspace.run("report", "-o", "results/sweep").code == 0)
    #expect(try workspace.run("run", "sweep").code == 0)
    let refused = try workspace.run("report", "-o", "results/sweep")
    #expect(
      refused.code == 73 && refused.errors.contains("it contains something other than a report ('"), "\(refused.errors)"
    )
    #expect(workspace.runs(of: "sweep").count == 1)
    #expect(try workspace.run("report").code == 0)
    #expect(try workspace.run("report").code == 0)
  }

  /// A full home and a large disk beside it: runs are in the making where they will be.
  @Test("experiment-results-on-another-disk", .enabled(if: OtherDisk.isThere, "there is no other disk"))
  func experimentResultsOnAnotherDisk() throws {
    let (workspace, disk) = (Workspace(sweepOver: "[20, 30, 40]"), OtherDisk())
    try FileManager.default.createDirectory(atPath: workspace.path + "/results", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: workspace.path + "/results/sweep", withDestinationPath: disk.path)
    let result = try workspace.run("run", "sweep", "-j", "2")
    #expect(result.code == 0, "\(result.errors)")
    #expect(workspace.runs(of: "sweep").count(where: { !$0.hasSuffix(".staging") }) == 3)
    #expect(try workspace.run("run", "sweep", "--force").code == 0)
    #expect(try workspace.run("status", "sweep").output.split(separator: "\n").count { $0.contains("converged") } == 3)
    #expect(workspace.staged.isEmpty)
    #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path + "/runs/.staging") == [])
    #expect(try workspace.run("clean", "--all", "--yes").output.hasPrefix("3 removed, "))
  }

  /// A signal that was ignored when the command began, as nohup has it, stays ignored, by its runs as well.
  @Test("nohup-does-not-protect") func nohupProtects() throws {
    let workspace = Workspace(sweepOver: "[1500]") { $0.replacing("epsilon: 0.5", with: "epsilon: 0.02") }
    let started = try Command.startShell("trap '' HUP; exec \"$OTLAB\" run sweep", in: workspace.path)
    let child = try #require(started.children().first)
    // Once it reads its job it is past its own beginning.
    wait { (try? String(contentsOfFile: "/proc/\(child)/cmdline", encoding: .utf8))?.contains("execute") == true }
    kill(started.process.processIdentifier, SIGHUP)
    kill(child, SIGHUP)
    let result = started.wait()
    #expect(result.code == 0, "\(result.errors)")
    #expect(workspace.runs(of: "sweep").count == 1)
  }

  /// The program is replaced while it is at work: all runs are made by the one that was started, and its digest is
  /// theirs.
  @Test("binary-replaced-during-run") func binaryReplacedDuringRun() throws {
    let workspace = Workspace(sweepOver: "[20, 30, 40, 50, 60, 70]")
    let own = workspace.path + "/ot"
    try FileManager.default.copyItem(atPath: Command.path, toPath: own)
    let digest = try #require(SHA256.hex(ofFile: own))
    let started = try Command.startShell("exec ./ot run sweep", in: workspace.path)
    wait { !workspace.runs(of: "sweep").isEmpty || !started.process.isRunning }
    let other = workspace.folder.write(
      "#!/bin/sh\necho other >> '\(workspace.path)/other.log'\nexec '\(Command.path)' \"$@\"\n", to: "ot.new")
    #expect(chmod(other, 0o755) == 0 && rename(other, own) == 0)
    let result = started.wait()
    #expect(result.code == 0, "\(result.errors)")
    #expect(!workspace.folder.exists("other.log"))
    let digests = try workspace.runs(of: "sweep").map { try Value(jsonFile: $0 + "/run.json")["executableSHA256"] }
    #expect(digests == Array(repeating: .string(digest), count: 6))
  }

  @Test("row-gone-from-manifest") func rowGoneFromManifest() throws {
    let workspace = Workspace(sweepOver: "[20, 30, 40]")
    _ = try workspace.run("run", "sweep")
    #expect(try workspace.run("accept", "sweep", "--yes").code == 0)
    #expect(try workspace.run("compare", "sweep").code == 0)
    let manifest = workspace.path + "/experiments/sweep/manifest.yaml"
    let text = try String(contentsOfFile: manifest, encoding: .utf8)
    try text.replacing("[20, 30, 40]", with: "[20, 30]").write(toFile: manifest, atomically: true, encoding: .utf8)
    let compared = try workspace.run("compare", "sweep")
    #expect(compared.code == 3)
    #expect(
      compared.sentences == [
        """
        error: sweep: the baseline has the row samples=40, but the manifest no longer does; 'otlab accept sweep' \
        accepts that
        """
      ], "\(compared.errors)")
    #expect(try workspace.run("accept", "sweep", "--yes").code == 0)
    #expect(try workspace.run("compare", "sweep").code == 0)
  }

  /// From wherever it is called, and when all has been moved together.
  @Test("rerun-from-another-folder") func rerunFromAnotherFolder() throws {
    let workspace = try Workspace()
    _ = try workspace.run("run", "cells")
    let key = (workspace.runs[0] as NSString).lastPathComponent
    let elsewhere = workspace.path + "/else/where"
    try FileManager.default.createDirectory(atPath: elsewhere, withIntermediateDirectories: true)
    let places = ["--results", "../../results", "--experiments", "../../experiments", "--data", "../../data"]
    let result = try Command.run(["rerun", key] + places, in: elsewhere)
    #expect(result.code == 0 && result.output.contains("agree to the last digit"), "\(result.errors)")
    let moved = TemporaryFolder()
    for name in try FileManager.default.contentsOfDirectory(atPath: workspace.path) {
      try FileManager.default.moveItem(atPath: "\(workspace.path)/\(name)", toPath: "\(moved.path)/\(name)")
    }
    for folder in [moved.path, moved.path + "/else/where"] {
      let again = try Command.run(["rerun", key, "--results", moved.path + "/results"], in: folder)
      #expect(again.code == 0, "\(again.errors)")
    }
    try FileManager.default.removeItem(atPath: moved.path + "/cells.h5")
    let missing = try Command.run(["rerun", key, "--results", "../../results"], in: moved.path + "/else/where")
    #expect(missing.code == 66 && missing.sentences.first?.contains("cells.h5") == true, "\(missing.errors)")
  }

  /// What is removed beside a command at work is gone, and the command says so; but it ends all of its runs.
  @Test("clean-all-during-run") func cleanAllDuringRun() throws {
    let workspace = Workspace(sweepOver: "'range(20, 27)'")
    let started = try Command.start(["run", "sweep"], in: workspace.path)
    var cleans: [Int32] = []
    while started.process.isRunning { cleans.append(try workspace.run("clean", "--all", "--yes").code) }
    let result = started.wait()
    #expect(cleans.allSatisfy { $0 == 0 })
    #expect(result.errors.contains("8 runs: 8 made in "), "\(result.errors)")
    #expect(result.code == (workspace.runs(of: "sweep").count == 8 ? 0 : 1), "\(result.errors)")
    #expect(
      result.code == 0
        || result.sentences.last?.contains("have been removed by another process in the meantime") == true,
      "\(result.errors)")
    #expect(try workspace.run("run", "sweep").code == 0)
    #expect(workspace.runs(of: "sweep").count == 8 && workspace.staged.isEmpty)
  }

  @Test("set-drops-whole-map-sweep") func setDropsWholeMapSweep() throws {
    let workspace = Workspace(sweepOver: "[20]") {
      $0.replacing(
        "{data.samples: [20]}", with: "{data: [{samples: 40, mean: 1}, {samples: 60, mean: 2}], solver.epsilon: [1, 2]}"
      )
      .replacing("x: data.samples", with: "x: solver.epsilon")
    }
    let plan = try workspace.run("plan", "sweep", "--set", "data.deviation=3")
    #expect(plan.output.split(separator: "\n").count == 4, "\(plan.output)\(plan.errors)")
    let both = try workspace.run("plan", "sweep", "--set", "solver.epsilon=0.1", "--sweep", "solver.epsilon=1,2")
    #expect(both.code == 65)
    #expect(
      both.sentences == [
        "error: --sweep solver.epsilon=1,2: 'solver.epsilon' is already given by --set solver.epsilon=0.1"
      ])
    #expect(try workspace.run("plan", "sweep", "--sweep", "seed=1,2", "--sweep", "seed=3").code == 65)
    let twice = try workspace.run("plan", "sweep", "--sweep", "solver.rho=1,2,1.0")
    #expect(
      twice.code == 65 && twice.sentences.first?.hasPrefix("error: --sweep solver.rho=1,2,1.0: the rows ") == true,
      "\(twice.errors)")
  }

  /// With few files to open, runs wait for each other instead of failing.
  @Test func fewFilesAreEnough() throws {
    let workspace = Workspace(sweepOver: "'range(20, 43)'")
    let result = try Command.shell("ulimit -n 24; exec \"$OTLAB\" run sweep -j 20", in: workspace.path)
    #expect(result.code == 0, "\(result.errors)")
    #expect(workspace.runs(of: "sweep").count == 24 && workspace.staged.isEmpty)
  }

  /// Results that cannot be looked at are not none.
  @Test func resultsOfAnotherUserAreNotNone() throws {
    let workspace = Workspace(sweepOver: "[20]")
    _ = try workspace.run("run", "sweep")
    let binary = workspace.path + "/ot"
    try FileManager.default.copyItem(atPath: Command.path, toPath: binary)
    for locked in ["results", "results/sweep", "results/sweep/runs"] {
      #expect(chmod("\(workspace.path)/\(locked)", 0) == 0)
      defer { chmod("\(workspace.path)/\(locked)", 0o755) }
      let other = getuid() == 0 ? "exec setpriv --reuid=65534 --regid=65534 --clear-groups " : "exec "
      for verb in ["list", "status", "status sweep", "plan sweep", "compare sweep", "clean --all --yes", "logs abcd"] {
        let result = try Command.shell(other + "./ot \(verb)", in: workspace.path)
        #expect(result.code == 66, "\(locked), \(verb): \(result.output)\(result.errors)")
        #expect(
          result.sentences.first?.contains("\(locked): cannot be read: no permission") == true,
          "\(locked), \(verb): \(result.errors)")
      }
    }
    try FileManager.default.moveItem(atPath: workspace.path + "/results", toPath: workspace.path + "/aside")
    workspace.folder.write("a file", to: "results")
    #expect(
      try workspace.run("list").sentences.first?.contains(
        "results: cannot be read: it is a file, but a folder was expected") == true)
  }
}
