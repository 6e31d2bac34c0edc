import Datasets
import Documents
import Files
import Foundation
import LinearAlgebra
import TestSupport
import Testing

/// What a command writes takes the place of nothing that is a user's, and what is asked for is never passed over in
/// silence.
@Suite struct CarefulOutputTests {
  private let folder = TemporaryFolder()
  private let cells = TwoViews(.branchingTree, cells: 40, noise: 0.05, seed: 6)

  private func run(_ arguments: String...) throws -> Command.Result { try Command.run(arguments, in: folder.path) }

  private func text(_ matrix: Matrix) -> String {
    (0..<matrix.rows).map { i in matrix[row: i].map { "\($0)" }.joined(separator: ",") + "\n" }.joined()
  }

  @Test func inputsAreNotReplaced() throws {
    let cost = Matrix(rows: 3, columns: 3) { Double(abs($0 - $1)) }
    try HDF5.write(
      [("C", NumericArray(cost)), ("x", NumericArray(cells.first)), ("y", NumericArray(cells.second))],
      to: folder.path + "/all.h5")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/link.h5", withDestinationPath: folder.path + "/all.h5")
    let before = SHA256.hex(ofFile: folder.path + "/all.h5")
    for output in ["all.h5", "./all.h5", "link.h5"] {
      let solved = try run("solve", "emd", "--input", "all.h5", "--other-inputs", "--output", output)
      let aligned = try run("align", "all.h5:x", "all.h5:y", "--output", output)
      for result in [solved, aligned] {
        #expect(
          result.code == 65 && result.sentences.count == 1
            && result.errors.contains("is the input all.h5, which would be overwritten"),
          "\(result.errors)")
      }
    }
    #expect(SHA256.hex(ofFile: folder.path + "/all.h5") == before)
  }

  @Test func aPictureComesAlone() throws {
    folder.write(text(cells.first), to: "cells-1.csv")
    folder.write(text(cells.second), to: "cells-2.csv")
    let result = try run("align", "cells-1.csv", "cells-2.csv", "--figure", "cells.png")
    #expect(result.code == 0, "\(result.errors)")
    #expect(try String(contentsOfFile: folder.path + "/cells-1.csv", encoding: .utf8) == text(cells.first))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
        "cells-1.csv", "cells-2.csv", "cells.png",
      ])
  }

  /// Also where depths vary so much that rows are scaled to unit length for the alignment itself.
  @Test func projectionsAreInTheFeaturesThatWereGiven() throws {
    var random = SeededGenerator(seed: 3)
    let depths = (0..<40).map { _ in exp(1.5 * random.normal()) }
    let deep = Matrix(rows: 40, columns: cells.second.columns) { depths[$0] * cells.second[$0, $1] }
    folder.write(text(cells.first), to: "x.csv")
    folder.write(text(deep), to: "y.csv")
    #expect(try run("align", "x.csv", "y.csv", "--output", "aligned.h5").code == 0)
    let plan = try HDF5.read(folder.path + "/aligned.h5", dataset: "plan").matrix
    let images = try HDF5.read(folder.path + "/aligned.h5", dataset: "first_in_second").matrix
    for i in 0..<plan.rows {
      for k in 0..<deep.columns {
        let expected = (0..<plan.columns).reduce(0) { $0 + plan[i, $1] * deep[$1, k] } / plan[row: i].reduce(0, +)
        #expect(abs(images[i, k] - expected) < 1e-9 * (1 + abs(expected)))
      }
    }
  }

  @Test func emptyNamesAreRefused() throws {
    let workspace = Workspace(sweepOver: "[10]")
    for arguments in [
      ["table", "sweep", "-o", ""], ["figure", "sweep", "-o", ""], ["report", "-o", ""],
      ["run", "sweep", "--results", ""],
    ] {
      let result = try Command.run(arguments, in: workspace.path)
      #expect(
        result.code == 64 && result.errors.contains("is empty; a name was expected"), "\(arguments): \(result.errors)")
    }
    #expect(try run("solve", "emd", "--input", "").code == 65)
    #expect(try run("solve", "emd", "--input", "C=").code == 65)
    folder.write("1,2\n", to: "c.csv")
    #expect(
      try run("solve", "emd", "--input", "C=c.csv:cost").errors.contains(
        "holds a single array without a name, but 'cost' was asked for"))
  }

  @Test func aPartIsNotReplacedByANumber() throws {
    let workspace = Workspace(sweepOver: "[10]")
    for key in ["solver", "data", "params"] {
      let result = try workspace.run("plan", "sweep", "--set", "\(key)=3")
      #expect(
        result.code == 65 && result.errors.contains("'\(key)' is 3, but a mapping was expected"), "\(result.errors)")
    }
    #expect(try workspace.run("plan", "sweep", "--set", "solver={epsilon: 2}").code == 0)
  }

  @Test func changedRowsHavePicturesOfTheirOwn() throws {
    let workspace = Workspace(sweepOver: "[10, 20]")
    #expect(try workspace.run("run", "sweep").code == 0)
    let picture = workspace.path + "/results/sweep/figures/smoke/f.csv"
    let before = try String(contentsOfFile: picture, encoding: .utf8)
    #expect(try workspace.run("run", "sweep", "--set", "solver.epsilon=2").code == 0)
    #expect(try String(contentsOfFile: picture, encoding: .utf8) == before)
    #expect(
      try String(contentsOfFile: workspace.path + "/results/sweep/figures/smoke-changed/f.csv", encoding: .utf8)
        != before)
  }

  @Test func damagedMetricsAreNamed() throws {
    let workspace = Workspace(sweepOver: "[10, 20]")
    #expect(try workspace.run("run", "sweep").code == 0)
    #expect(try workspace.run("accept", "sweep", "--yes", "--by", "a test", "--reason", "first").code == 0)
    try "garbage".write(toFile: workspace.runs(of: "sweep")[0] + "/metrics.json", atomically: true, encoding: .utf8)
    for verb in ["table", "compare", "report"] {
      let result = try workspace.run(verb, "sweep")
      #expect(
        result.code == 66 && result.errors.contains("metrics.json") && result.errors.contains("repeats it"),
        "\(verb): \(result.errors)")
    }
    #expect(try workspace.run("run", "sweep").code == 0)
    #expect(try workspace.run("compare", "sweep").code == 0)
  }

  @Test func severalTablesAreOneDocument() throws {
    let workspace = Workspace(sweepOver: "[10]") {
      $0.replacing(
        "tables: [",
        with: "tables: [{name: s, title: S, columns: [{metric: error, title: e}, {metric: value, title: e}]}, ")
    }
    #expect(try workspace.run("run", "sweep").code == 0)
    workspace.folder.write(try workspace.run("table", "sweep", "--format", "json").output, to: "tables.json")
    let tables = try Value(jsonFile: workspace.path + "/tables.json").array ?? []
    #expect(tables.count == 2)
    // Columns of one title are told apart by their metrics.
    #expect(tables.first?["columns"]?.array?.compactMap(\.string) == ["error e", "value e", "converged"])
    workspace.folder.write(try workspace.run("compare", "sweep", "sweep", "--json").output, to: "compared.json")
    #expect(try Value(jsonFile: workspace.path + "/compared.json").array?.count == 2)
  }

  @Test func oneBadManifestKeepsNoOtherBack() throws {
    let workspace = Workspace(sweepOver: "[10]")
    #expect(try workspace.run("run", "sweep").code == 0)
    workspace.folder.write("schema: 1\nname: bad\n  title: [\n", to: "experiments/bad/manifest.yaml")
    for arguments in [["list"], ["status"], ["status", "--costs"], ["check"], ["report"]] {
      let result = try Command.run(arguments, in: workspace.path)
      #expect(
        result.code == 65 && result.sentences.count == 1 && result.errors.contains("experiments/bad/manifest.yaml"),
        "\(arguments): \(result.errors)")
      #expect(
        result.output.contains(arguments == ["report"] ? "index.html" : "sweep"), "\(arguments): \(result.output)")
    }
    #expect(workspace.folder.exists("results/report/sweep/index.html"))
    #expect(try workspace.run("report", "nothing").sentences.count == 1)
  }
}
