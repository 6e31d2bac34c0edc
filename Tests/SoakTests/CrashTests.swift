import Datasets
import Documents
import Files
import Foundation
import LinearAlgebra
import TestSupport
import Testing

/// What is left when otlab, or one of its runs, is killed at any moment, the disk fills up, or the clock runs
/// backwards: every finished run as it was, none half-written, and in the end the tables of an undisturbed sweep.
@Suite(.serialized) struct CrashTests {
  private static let rows = 16
  private static let reference = Result { try Sweep(in: TemporaryFolder().path, rows: rows).finished() }

  @Test func killedAtRandomMoments() throws {
    let expected = try Self.reference.get()
    let count = Soak.count(200, sample: 6)
    let started = Date()
    var random = SeededGenerator(seed: 20)
    var (kills, sweeps, ofRuns, kept) = (0, 0, 0, 0)
    while kills < count {
      let folder = TemporaryFolder()
      let sweep = Sweep(in: folder.path, rows: Self.rows)
      sweeps += 1
      var known: [String: [String: String]] = [:]
      while kills < count, known.count < Self.rows {
        let running = try Command.start(["run", "sweep", "-j", "2"], in: folder.path)
        usleep(UInt32(random.integer(below: 2_000_000)))
        // The command itself, or one of its runs.
        let children = processes(below: running.process.processIdentifier)
        let victim = random.uniform() < 0.3 ? children.first : nil
        kill(victim ?? running.process.processIdentifier, SIGKILL)
        let result = running.wait()
        kills += 1
        ofRuns += victim == nil ? 0 : 1
        #expect([-SIGKILL, 0, 1].contains(result.code), "\(result.errors)")
        let now = try sweep.contents()
        for (run, files) in known { #expect(now[run] == files, "\(run) was finished and is lost or changed") }
        for (run, files) in now {
          #expect(files.keys.contains("run.json") && files.keys.contains("metrics.json"), "\(run) is half-written")
        }
        kept = max(kept, now.count)
        known = now
      }
      #expect(try sweep.finished() == expected)
    }
    #expect(kept > 0)
    Soak.report(
      "crash", "kill -9", cases: kills,
      outcome:
        """
        \(sweeps) sweeps of \(Self.rows) runs, \(ofRuns) kills of a run, the others of the command: no run lost or \
        half-written, tables as undisturbed
        """,
      since: started)
  }

  @Test func killedWhileRunsAreReplaced() throws {
    let expected = try Self.reference.get()
    let kills = Soak.count(100, sample: 3)
    let started = Date()
    var random = SeededGenerator(seed: 21)
    let folder = TemporaryFolder()
    let sweep = Sweep(in: folder.path, rows: Self.rows)
    #expect(try sweep.finished() == expected)
    for _ in 0..<kills {
      let running = try Command.start(["run", "sweep", "-j", "2", "--force"], in: folder.path)
      usleep(UInt32(random.integer(below: 900_000)))
      kill(running.process.processIdentifier, SIGKILL)
      _ = running.wait()
      // What lies aside at the moment of the kill is put back by whoever runs next.
      let result = try Command.run(["run", "sweep", "-j", "2"], in: folder.path)
      #expect(result.code == 0 && !result.errors.contains("made in"), "\(result.errors)")
      #expect(try sweep.finished() == expected)
    }
    Soak.report(
      "crash", "kill -9 of --force", cases: kills,
      outcome: "each run always there, the older or the newer; tables as undisturbed",
      since: started)
  }

  /// Needs the right to mount.
  @Test(.enabled(if: Soak.isFull)) func theDiskFillsUp() throws {
    let expected = try Self.reference.get()
    let started = Date()
    var refused = 0
    let sizes = (0..<100).map { 60 + 20 * $0 }
    for size in sizes {
      let folder = TemporaryFolder()
      let disk = folder.path + "/results"
      let sweep = Sweep(in: folder.path, rows: Self.rows)
      try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
      #expect(try Command.shell("mount -t tmpfs -o size=\(size)k tmpfs '\(disk)'").code == 0, "tmpfs cannot be mounted")
      defer { _ = try? Command.shell("umount '\(disk)'") }
      let result = try Command.run(["run", "sweep", "-j", "2"], in: folder.path)
      if result.code != 0 {
        refused += 1
        #expect(result.code == 73, "\(size) KiB: \(result.code): \(result.errors)")
        #expect(result.errors.contains("disk is full"), "\(size) KiB: \(result.errors)")
      }
      let before = try sweep.contents()
      #expect(try Command.shell("mount -o remount,size=200m '\(disk)'").code == 0)
      #expect(try sweep.finished() == expected)
      let after = try sweep.contents()
      for (run, files) in before { #expect(after[run] == files) }
    }
    #expect(refused > 5)
    Soak.report(
      "crash", "disk full", cases: sizes.count,
      outcome: "\(refused) ended with exit code 73 and a sentence; all resumed", since: started)
  }

  /// By libfaketime, for the one process: the clock jumps back by a year in the middle of a sweep.
  @Test(.enabled(if: Soak.isFull)) func theClockIsSetBack() throws {
    let expected = try Self.reference.get()
    let started = Date()
    let library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
    try #require(FileManager.default.fileExists(atPath: library), "libfaketime is missing")
    for jump in ["-1d", "-400d", "+400d"] {
      let folder = TemporaryFolder()
      let sweep = Sweep(in: folder.path, rows: Self.rows)
      let clock = folder.path + "/clock"
      folder.write("+0d\n", to: "clock")
      let running = try Command.start(
        ["run", "sweep", "-j", "2"], in: folder.path,
        environment: [
          "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": clock, "FAKETIME_NO_CACHE": "1",
          "FAKETIME_DONT_FAKE_MONOTONIC": "1",
          "DONT_FAKE_MONOTONIC": "1",
        ])
      usleep(400_000)
      folder.write(jump + "\n", to: "clock")
      let result = running.wait()
      #expect(result.code == 0, "\(result.errors)")
      #expect(try sweep.finished() == expected)
      for (run, _) in try sweep.contents() {
        let record = try Value(jsonFile: "\(folder.path)/results/sweep/runs/\(run)/run.json")
        #expect((record["environment"]?["secondsElapsed"]?.number ?? -1) >= 0)
      }
    }
    Soak.report(
      "crash", "clock set back and forth", cases: 3, outcome: "finished, tables as undisturbed, no negative times",
      since: started)
  }

  @Test func resultsAreCopiedElsewhere() throws {
    let expected = try Self.reference.get()
    let started = Date()
    let (here, there) = (TemporaryFolder(), TemporaryFolder())
    let sweep = Sweep(in: here.path, rows: Self.rows)
    #expect(try sweep.finished() == expected)
    let copy = there.path + "/elsewhere"
    try FileManager.default.copyItem(atPath: here.path, toPath: copy)
    let moved = Sweep(at: copy)
    let stamps = try moved.contents()
    #expect(try moved.finished() == expected)
    #expect(try moved.contents() == stamps, "runs were made anew")
    let plan = try Command.run(["plan", "sweep"], in: copy).output
    #expect(!plan.contains("to run"))
    Soak.report(
      "crash", "results copied to another place", cases: 1, outcome: "all runs taken as they are", since: started)
  }

  /// A sweep of quick runs in a folder.
  private struct Sweep {
    let folder: String

    init(at folder: String) { self.folder = folder }

    init(in folder: String, rows: Int) {
      self.folder = folder
      let manifest = """
        schema: 1
        name: sweep
        title: A sweep to be disturbed
        kind: gaussian-transport
        seed: 3
        solver: {epsilon: 0.5}
        sweep: {product: {data.samples: [\((0..<rows).map { "\(40 + $0)" }.joined(separator: ", "))]}}
        metrics: {value: {tolerance: {relative: 1.0e-9}}, converged: {require: true}, seconds: {gate: false}}
        tables: [{name: t, title: T, columns: [{row: data.samples}, {metric: value, digits: 12}, {metric: status}]}]

        """
      for (name, text) in [
        ("experiments/sweep/manifest.yaml", manifest), ("data/sources.yaml", "schema: 1\nsets: {}\n"),
      ] {
        let path = "\(folder)/\(name)"
        try? FileManager.default.createDirectory(
          atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try? text.write(toFile: path, atomically: true, encoding: .utf8)
      }
    }

    /// Resumes to the end; the table in full precision.
    func finished() throws -> String {
      let result = try Command.run(["run", "sweep", "-j", "2"], in: folder)
      #expect(result.code == 0, "\(result.errors)")
      let staging = ((try? FileManager.default.contentsOfDirectory(atPath: folder + "/results/.staging")) ?? []).filter
      {
        !$0.hasPrefix(".")
      }
      #expect(staging.isEmpty, "left in the making: \(staging)")
      return try Command.run(["table", "sweep", "--format", "json"], in: folder).output
    }

    /// The digests of all files of finished runs.
    func contents() throws -> [String: [String: String]] {
      let runs = folder + "/results/sweep/runs"
      let names = (try? FileManager.default.contentsOfDirectory(atPath: runs)) ?? []
      return Dictionary(
        uniqueKeysWithValues: names.map { name in
          let files = FileManager.default.enumerator(atPath: "\(runs)/\(name)")?.compactMap { $0 as? String } ?? []
          return (
            name,
            Dictionary(uniqueKeysWithValues: files.map { ($0, SHA256.hex(ofFile: "\(runs)/\(name)/\($0)") ?? "") })
          )
        })
    }
  }

  /// The processes that another has started.
  private func processes(below parent: Int32) -> [Int32] {
    let text = (try? String(contentsOfFile: "/proc/\(parent)/task/\(parent)/children", encoding: .utf8)) ?? ""
    return text.split(separator: " ").compactMap { Int32($0) }
  }
}
