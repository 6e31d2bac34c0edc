import Datasets
import Foundation
import LinearAlgebra
import TestSupport
import Testing

/// Bad input of every kind, through the binary: one sentence, the right exit code, nothing half-written.
@Suite struct BadInputTests {
  private func expect(
    _ result: Command.Result, code: Int32, _ fragments: String..., in workspace: Workspace,
    location: SourceLocation = #_sourceLocation
  ) {
    #expect(result.code == code, "\(result.errors)", sourceLocation: location)
    #expect(result.sentences.count == 1, "\(result.errors)", sourceLocation: location)
    for fragment in fragments {
      #expect(result.errors.contains(fragment), "\(result.errors)", sourceLocation: location)
    }
    #expect(workspace.runs.isEmpty && workspace.staged.isEmpty, sourceLocation: location)
  }

  @Test func aMissingFile() throws {
    let workspace = try Workspace()
    expect(
      try workspace.run("run", "cells", "--set", "data.first.file=absent.h5"), code: 66,
      "absent.h5: there is no such file", "data.first",
      in: workspace)
  }

  @Test(arguments: [
    "arrays.h5", "c.npy", "images-idx3-ubyte.gz", "images-idx3-ubyte", "grey16.png", "square.off", "square-ascii.ply",
  ])
  func aTruncatedFile(name: String) throws {
    let workspace = try Workspace()
    let bytes = try #require(
      FileManager.default.contents(atPath: packageFolder + "/Tests/DatasetsTests/Fixtures/" + name))
    workspace.folder.write([UInt8](bytes.prefix(bytes.count / 2)), to: name)
    let inspected = try workspace.run("data", "inspect", name, "--dataset", "matrix")
    expect(inspected, code: 66, "error: \(name): ", in: workspace)
    if !name.hasPrefix("square") {
      expect(
        try workspace.run("run", "cells", "--set", "data.first={file: \(name), dataset: matrix}"), code: 66,
        "error: \(name): ",
        in: workspace)
    }
  }

  @Test func rowsThatDoNotPair() throws {
    let workspace = try Workspace()
    try HDF5.write(
      [("x", NumericArray(shape: [59, 2], elements: (0..<118).map(Double.init)))], to: workspace.path + "/short.h5")
    expect(
      try workspace.run("run", "cells", "--set", "data.second={file: short.h5, dataset: x}"), code: 65,
      "short.h5: has 59 rows, but cells.h5 has 60", in: workspace)
  }

  @Test(arguments: ["nan", "inf"])
  func numbersThatAreNotFinite(text: String) throws {
    let workspace = try Workspace()
    workspace.folder.write((0..<60).map { $0 == 7 ? "1,\(text)\n" : "\($0),2\n" }.joined(), to: "x.csv")
    expect(
      try workspace.run("run", "cells", "--set", "data.first={file: x.csv}"), code: 65,
      "x.csv: holds \(text) in row 7, column 1",
      in: workspace)
  }

  @Test func labelsOfAnotherLength() throws {
    let workspace = try Workspace()
    workspace.folder.write("1\n2\n3\n", to: "few.txt")
    expect(
      try workspace.run("run", "cells", "--set", "data.firstLabels.file=few.txt"), code: 65,
      "few.txt: has 3 labels, but there are 60 cells",
      in: workspace)
  }

  @Test func aFileThatIsNotTheCatalogued() throws {
    let digest = String(repeating: "0", count: 64)
    let workspace = try Workspace {
      $0.replacing("first: {file: cells.h5, dataset: x}", with: "first: {source: set/x.csv}")
    }
    workspace.folder.write(
      "schema: 1\nsets: {set: {title: t, licence: l, files: "
        + "[{path: x.csv, bytes: 2, sha256: \"\(digest)\", mirrorOnly: true}]}}",
      to: "data/sources.yaml")
    workspace.folder.write("1\n", to: "mirror/set/x.csv")
    let fetched = try Command.run(["run", "cells"], in: workspace.path, environment: ["OTLAB_DATA_MIRROR": "mirror"])
    expect(fetched, code: 66, "mirror/set/x.csv: is not the file that the catalogue lists as set/x.csv", in: workspace)
    #expect(!workspace.folder.exists("data/cache/set/x.csv"))
    workspace.folder.write("1\n", to: "data/cache/set/x.csv")
    expect(try workspace.run("run", "cells"), code: 66, "is not the catalogued file: its SHA-256 is", in: workspace)
    #expect(try workspace.run("data", "verify").code == 66)
    #expect(try workspace.run("check").code == 66)
  }

  @Test func tooManyNeighbours() throws {
    let workspace = try Workspace()
    expect(
      try workspace.run("run", "cells", "--set", "params.graph.neighbors=60"), code: 65,
      "60 neighbors were asked for among 60 points; a number in 1…59 was expected", in: workspace)
  }

  @Test func aDisconnectedGraphAndItsFallback() throws {
    let workspace = try Workspace()
    // Three far clusters of twenty points.
    workspace.folder.write(
      (0..<60).map { "\(Double($0 / 20) * 100 + Double($0 % 20)),\($0 % 7)\n" }.joined(), to: "x.csv")
    let data = "data.first={file: x.csv}"
    expect(
      try workspace.run("run", "cells", "--set", data), code: 65,
      "x.csv: the neighborhood graph falls into 3 components",
      "unreachable pairs count as the largest finite length", in: workspace)
    let fallback = try workspace.run(
      "run", "cells", "--set", data, "--set", "params.graph.unreachable=largest-finite", "--set", "solver.epsilon=2e-2")
    #expect(fallback.code == 0, "\(fallback.errors)")
  }

  @Test func anUnknownManifestKey() throws {
    let workspace = try Workspace { $0.replacing("solver: {epsilon", with: "solver: {epsilom") }
    expect(
      try workspace.run("run", "cells"), code: 65,
      "experiments/cells/manifest.yaml:12:10: unknown key 'epsilom' in 'solver'; did you mean 'epsilon'?", in: workspace
    )
  }

  @Test func checkNamesAllRulesThatAreBroken() throws {
    let workspace = try Workspace {
      $0.replacing("{metric: foscttm, digits: 4}", with: "{metric: foscttn}, {row: methods}")
    }
    let result = try workspace.run("check")
    #expect(result.code == 65 && result.output.isEmpty)
    #expect(result.sentences.count == 2, "\(result.errors)")
    #expect(
      result.errors.contains("manifest.yaml:17:") && result.errors.contains("did you mean 'foscttm'?")
        && result.errors.contains("'methods'"))
  }

  @Test(arguments: ["0", "-1e-3", ".inf", "small"])
  func anEpsilonThatIsNotPositive(value: String) throws {
    let workspace = try Workspace()
    expect(
      try workspace.run("run", "cells", "--set", "solver.epsilon=\(value)"), code: 65, "epsilon", "was expected",
      in: workspace)
  }

  @Test func aResultsFolderThatCannotBeWritten() throws {
    let workspace = try Workspace()
    workspace.folder.write("a file", to: "occupied")
    expect(
      try workspace.run("run", "cells", "--results", "occupied/results"), code: 73,
      "occupied is a file, but a folder was expected",
      in: workspace)
  }

  /// A disk that fills up in the middle of a run, played by a limit on the size of files.
  @Test func aFullDisk() throws {
    let workspace = Workspace(sweepOver: "[80]")
    let result = try Command.shell("trap '' XFSZ; ulimit -f 10; \"$OTLAB\" run sweep", in: workspace.path)
    expect(
      result, code: 73, "arrays.h5: cannot be written (no such folder, no permission, or the disk is full)",
      in: workspace)
    #expect(workspace.runs(of: "sweep").isEmpty && workspace.staged.isEmpty)
    #expect(try workspace.run("run", "sweep").code == 0)
  }

  /// There is no room for the sentence of a command, of a run in its log, or for the results that a command prints.
  @Test func aFullDiskUnderTheOutput() throws {
    let workspace = try Workspace()
    let result = { (line: String) in try Command.shell("\"$OTLAB\" \(line)", in: workspace.path) }
    #expect(try result("run cell 2> /dev/full").code == 65)
    #expect(try result("run cells > /dev/null 2> /dev/full").code == 0)
    let key = try #require(workspace.runs.first.map { ($0 as NSString).lastPathComponent })
    for verb in ["list", "table cells", "logs \(key)", "--help"] {
      let lost = try result("\(verb) > /dev/full")
      #expect(lost.code == 73, "\(verb)")
      #expect(lost.errors == "error: standard output: cannot be written: the disk is full\n")
    }
  }

  @Test func namesThatDoNotExist() throws {
    let workspace = try Workspace()
    expect(
      try workspace.run("run", "cell"), code: 65, "there is no experiment 'cell'; did you mean 'cells'?", in: workspace)
    expect(
      try workspace.run("run", "cells", "--set", "data.first={source: set/x}"), code: 65,
      "'data.first' has both source and file",
      in: workspace)
    #expect(try workspace.run("run", "cells", "--tier", "huge").code == 64)
    #expect(try workspace.run("rnu").code == 64)
    #expect(try workspace.run("run", "cells", "--memory", "8").code == 64)
    #expect(try workspace.run("run").code == 64)
  }

  @Test func anUnknownKindOrTool() throws {
    let workspace = try Workspace { $0.replacing("modality-alignment", with: "modality-alignmet") }
    expect(try workspace.run("check"), code: 65, "did you mean 'modality-alignment'?", in: workspace)
  }

  @Test func anEmptyFolder() throws {
    let folder = TemporaryFolder()
    let result = try Command.run(["list"], in: folder.path)
    #expect(result.code == 65)
    #expect(result.errors.contains("experiments: there is no such folder"))
  }
}

@Suite struct DataCommandTests {
  @Test func fetchesFromAServerOnceAndFromAMirror() throws {
    let content = Array("1,2\n3,4\n".utf8)
    let server = try FileServer(["x.csv": content])
    defer { server.stop() }
    let digest = "d1a4e9ecfbf9fc70ef1a8d6db72cda9a3ddeee3d0f5a2f6ee2dd0b4ae40c8c1f"
    let workspace = try Workspace()
    func catalogue(_ digest: String) {
      workspace.folder.write(
        "schema: 1\nsets: {set: {title: t, licence: l, files: "
          + "[{path: x.csv, bytes: 8, sha256: \"\(digest)\", url: \"\(server.url("x.csv"))\"}]}}",
        to: "data/sources.yaml")
    }
    catalogue(digest)
    let refused = try workspace.run("data", "fetch", "set")
    #expect(refused.code == 66)
    let actual = try #require(refused.errors.split(separator: " ").first { $0.count == 64 && $0 != digest })
    catalogue(String(actual))
    #expect(try workspace.run("data", "fetch").output == "set/x.csv: fetched, verified\n")
    #expect(try workspace.run("data", "fetch", "set").output == "set/x.csv: already local, verified\n")
    #expect(try workspace.run("data", "verify").output == "1 verified, 0 not local, 0 different\n")
    #expect(server.bytesSent(of: "x.csv") == 16)
    #expect(try workspace.run("data", "fetch", "sett").errors.contains("did you mean 'set'?"))
  }

  /// A manifest that is a link to nothing is not left out of lists.
  @Test func aManifestThatIsALinkToNothing() throws {
    let workspace = Workspace(sweepOver: "[20]")
    for (name, target) in [("dead", "/absent/manifest.yaml"), ("circle", "manifest.yaml")] {
      let folder = workspace.path + "/experiments/" + name
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(atPath: folder + "/manifest.yaml", withDestinationPath: target)
    }
    for verb in ["list", "check"] {
      let result = try workspace.run(verb)
      #expect(result.code == 65 && result.sentences.count == 2 && result.output.contains("sweep"), "\(result.errors)")
      let sentences = [
        "dead/manifest.yaml: is a link to '/absent/manifest.yaml', where there",
        "circle/manifest.yaml: is a link that leads back",
      ]
      for sentence in sentences { #expect(result.errors.contains(sentence), "\(result.errors)") }
    }
    #expect(try workspace.run("check", "dead").errors.contains("is a link to '/absent/manifest.yaml'"))
  }

  @Test func aFolderWithoutExperiments() throws {
    let folder = TemporaryFolder()
    folder.write("x", to: "experiments/readme")
    let result = try Command.run(["check", "mine"], in: folder.path)
    #expect(
      result.code == 65 && result.errors.contains("there is no experiment 'mine'; this folder holds none"),
      "\(result.errors)")
  }

  @Test func inspectsEveryFormat() throws {
    let fixtures = packageFolder + "/Tests/DatasetsTests/Fixtures"
    for (name, text) in [
      ("c.npy", "4×5 numbers, from -3.0 to 6.5"), ("grey8.png", "2×3 numbers"),
      ("images-idx3-ubyte.gz", "2×3×4 numbers"),
      ("square.off", "a mesh of 4 vertices and 3 triangles"),
    ] {
      #expect(try Command.run(["data", "inspect", "\(fixtures)/\(name)"]).output.contains(text))
    }
  }

  @Test func theProjectsOwnManifestsAreValid() throws {
    let result = try Command.run(["check"])
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("foscttm-alignment: valid"))
    #expect(try Command.run(["--help"]).output.contains("SUBCOMMANDS"))
    #expect(try Command.run(["--version"]).output.hasPrefix("otlab "))
    #expect(try Command.run(["doctor"]).code == 0)
  }
}
