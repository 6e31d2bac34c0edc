import Documents
import Foundation
import TestSupport
import Testing

/// What could last for ever ends, with a sentence and a code.
@Suite struct HangTests {
  @Test("billion-laughs") func billionLaughs() throws {
    let workspace = Workspace(sweepOver: "[10]")
    for (name, key) in [("bomb", "x: *j"), ("key", "*j : x"), ("list", "[*j]: x")] {
      var text =
        "schema: 1\nname: \(name)\ntitle: t\nkind: gaussian-transport\nparams:\n  a: &a [x, x, x, x, x, x, x, x, x]\n"
      for (before, letter) in zip("abcdefghi", "bcdefghij") {
        text += "  \(letter): &\(letter) [" + Array(repeating: "*\(before)", count: 9).joined(separator: ", ") + "]\n"
      }
      workspace.folder.write(text + "  \(key)\n", to: "experiments/\(name)/manifest.yaml")
    }
    for verb in ["list", "status", "check"] {
      let result = try workspace.run(verb)
      #expect(result.code == 65, "\(verb) \(result.errors)")
      #expect(result.sentences.count == 3 && result.output.contains("sweep"), "\(verb) \(result.errors)")
      #expect(
        result.errors.contains("bomb/manifest.yaml:10:") && result.errors.contains("with its aliases written out"),
        "\(result.errors)")
    }
  }

  /// A pipe that nobody writes into, in the place of everything that is read.
  @Test func pipesAndDevicesAreNoFiles() throws {
    let workspace = try Workspace()
    for name in ["pipe.h5", "pipe.csv", "pipe.npy", "pipe.png", "pipe.npz", "pipe-ubyte.gz", "pipe"] {
      try #require(mkfifo(workspace.path + "/" + name, 0o600) == 0)
      for arguments in [
        ["run", "cells", "--set", "data.first={file: \(name)}"], ["data", "inspect", name],
        ["solve", "emd", "--input", "C=\(name)"],
      ] {
        let result = try Command.run(arguments, in: workspace.path)
        #expect(
          [65, 66].contains(result.code) && result.sentences.count == 1, "\(arguments) \(result.code) \(result.errors)")
        #expect(result.errors.contains("is a pipe, but a file was expected"), "\(arguments) \(result.errors)")
      }
    }
    for (name, kind) in [("/dev/zero", "a device"), (workspace.path, "a folder")] {
      let result = try workspace.run("run", "cells", "--set", "data.first={file: \(name)}")
      #expect(
        [65, 66].contains(result.code) && result.errors.contains("is \(kind), but a file was expected"),
        "\(result.errors)")
    }
    for file in ["experiments/piped/manifest.yaml", "experiments/cells/baseline.json"] {
      workspace.folder.write("", to: file)
      unlink(workspace.path + "/" + file)
      try #require(mkfifo(workspace.path + "/" + file, 0o600) == 0)
      let listed = try workspace.run(
        file.contains("piped") ? "list" : "compare", file.contains("piped") ? "--json" : "cells")
      #expect([65, 66].contains(listed.code), "\(listed.errors)")
      #expect(listed.errors.contains("\(file): is a pipe, but a file was expected"), "\(listed.errors)")
    }
  }

  @Test("logs-follow-never-ends") func logsFollowNeverEnds() throws {
    let workspace = Workspace(sweepOver: "[1500]") {
      $0.replacing("solver: {epsilon: 0.5}", with: "solver: {epsilon: 1.0e-4}\nlimits: {time: 120s, threads: 1}")
    }
    let running = try Command.start(["run", "sweep"], in: workspace.path)
    try #require(running.children().count == 1)
    let key = try #require(workspace.staged.first { $0.contains("-") }).prefix(12)
    let following = try Command.start(["logs", String(key), "--follow"], in: workspace.path)
    usleep(500_000)
    kill(running.process.processIdentifier, SIGKILL)
    _ = running.wait()
    let result = following.wait()
    #expect(
      result.code == 1 && result.sentences.count == 1 && result.errors.contains("is unfinished"), "\(result.errors)")
    #expect(result.output.contains("seed "))
  }

  /// A gnuplot that goes to sleep, and leaves another asleep behind it.
  @Test func aGnuplotThatHangsIsStopped() throws {
    let workspace = Workspace(sweepOver: "[10]")
    workspace.folder.write("#!/bin/sh\nsleep 7919 & sleep 7919\n", to: "bin/gnuplot")
    chmod(workspace.path + "/bin/gnuplot", 0o755)
    let path = workspace.path + "/bin:" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
    let result = try Command.run(["run", "sweep"], in: workspace.path, environment: ["PATH": path])
    #expect(result.code == 1 && result.sentences.count == 1, "\(result.errors)")
    #expect(result.errors.contains("'gnuplot --version' did not finish within 20 s"), "\(result.errors)")
    let processes = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }
    let sleeping = processes.filter { process in
      let command = FileManager.default.contents(atPath: "/proc/\(process)/cmdline").map {
        String(decoding: $0, as: UTF8.self)
      }
      return command == "sleep\07919\0" && isAtWork(process)
    }
    #expect(sleeping.isEmpty)
  }

  /// A picture that cannot be drawn takes no numbers with it.
  @Test func aRunOutlivesItsPictures() throws {
    let workspace = Workspace(sweepOver: "[10]")
    workspace.folder.write(
      "#!/bin/sh\n[ \"$1\" = --version ] && echo 'gnuplot 5.4 patchlevel 4' && exit 0\nexit 1\n", to: "bin/gnuplot")
    chmod(workspace.path + "/bin/gnuplot", 0o755)
    let path = workspace.path + "/bin:" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
    let result = try Command.run(["run", "sweep"], in: workspace.path, environment: ["PATH": path])
    #expect(
      result.code == 1 && result.errors.contains("its metrics are kept, but its figures could not be drawn"),
      "\(result.errors)")
    let key = try #require(
      try FileManager.default.contentsOfDirectory(atPath: workspace.path + "/results/sweep/runs").first)
    #expect(workspace.folder.exists("results/sweep/runs/\(key)/metrics.json"))
    #expect(try workspace.run("figure", key).code == 0)
  }

  @Test(arguments: [250_000, 300_000, 350_000])
  func tooLittleAddressSpaceIsSaid(kilobytes: Int) throws {
    let workspace = Workspace(sweepOver: "[10]")
    for verb in ["run sweep", "list", "solve emd --list"] {
      let result = try Command.shell("cd '\(workspace.path)' && ulimit -v \(kilobytes) && exec \"$OTLAB\" \(verb)")
      #expect(result.code == 1 && result.sentences.count == 1, "\(verb) \(result.code) \(result.errors)")
      #expect(
        result.errors.contains("'ulimit -v' leaves \(kilobytes / 1024) MiB of address space, but OpenBLAS with"),
        "\(result.errors)")
    }
  }
}
