import Datasets
import Foundation
import LinearAlgebra
import TestSupport
import Testing

/// `otlab align` as a user meets it; what it computes is tested in its room.
@Suite struct AlignTests {
  private let folder = TemporaryFolder()
  private let tree = TwoViews(.branchingTree, cells: 60, noise: 0.05, seed: 6)

  init() throws {
    try HDF5.write(
      [
        ("atac", NumericArray(tree.first)), ("rna", NumericArray(tree.second)),
        ("types", NumericArray(tree.labels.map(Double.init))),
        ("cube", NumericArray(shape: [2, 2, 2], elements: .init(repeating: 1, count: 8))),
      ],
      to: folder.path + "/cells.h5")
    let rows = (0..<60).map { i in tree.second[row: i].map { "\($0)" }.joined(separator: ",") }
    folder.write([UInt8]((rows.joined(separator: "\n") + "\n").utf8), to: "rna.csv")
  }

  private var files: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted() }

  private func run(_ arguments: String...) throws -> Command.Result {
    try Command.run(["align"] + arguments, in: folder.path)
  }

  @Test func alignsAndWrites() throws {
    let result = try run(
      "cells.h5:atac", "rna.csv", "--output", "aligned.h5", "--figure", "aligned.png", "--labels", "cells.h5:types",
      "--labels",
      "cells.h5:types")
    #expect(result.code == 0 && result.output.contains("status: converged") && result.output.contains("score: -"))
    #expect(!result.errors.contains("warning"))
    let path = folder.path + "/aligned.h5"
    let names = try HDF5.datasets(in: path)
    for name in [
      "plan", "first_in_second", "second_in_first", "score", "views/best", "trace/objective", "matches/index",
      "matches/weight",
      "matches/reverse/index", "matches/reverse/weight",
    ] { #expect(names.contains(name), "\(name)") }
    #expect(!names.contains("landmarks/plan") && result.output.contains("aligned: all 60 and 60 cells\n"))
    let images = try HDF5.read(path, dataset: "first_in_second").matrix
    #expect(images.rows == 60 && images.columns == tree.second.columns)
    let text = try HDF5.text(path, attribute: "otlab")
    #expect(text.contains("\"warnings\":[]") && text.contains("log-ratios, 0.2 n neighbors, distance, ranks"))
    #expect(try PixelImage(pngFile: folder.path + "/aligned.png").array.shape[1] > 600)
    // The same numbers on one thread.
    _ = try run("cells.h5:atac", "rna.csv", "--output", "again.h5", "--threads", "1")
    let (plan, again) = (
      try HDF5.read(path, dataset: "plan"), try HDF5.read(folder.path + "/again.h5", dataset: "plan")
    )
    #expect(absoluteDifference(plan.elements, again.elements) < 1e-4)
  }

  @Test func warnsOfSymmetry() throws {
    // Along a line, seen by bumps that its mirror image only exchanges.
    let line =
      (0..<40).map { i in
        [0.1, 0.35, 0.65, 0.9].map { "\(exp(-8 * (Double(i) / 39 - $0) * (Double(i) / 39 - $0)))" }.joined(
          separator: ",")
      }.joined(separator: "\n") + "\n"
    folder.write([UInt8](line.utf8), to: "line.csv")
    let result = try run("line.csv", "line.csv", "--json")
    #expect(result.code == 0 && result.errors.contains("warning: the margin of "), "\(result.errors)")
    #expect(result.errors.contains("warning: the geometry is nearly symmetric"))
    #expect(try run("line.csv", "line.csv", "--require-sure").code == 1)
  }

  /// A ring of even points, and a line seen with noise: whichever way round they are laid, they fit.
  @Test("align_ring") func ringsAreNotSure() throws {
    var random = SeededGenerator(seed: 1)
    let order = random.permutation(60)
    for noise in [0, 1e-3, 1e-2] {
      let ring = Matrix(rows: 60, columns: 2) { i, k in
        let angle = 2 * Double.pi * Double(i) / 60
        return (k == 0 ? cos(angle) : sin(angle)) + noise * random.normal()
      }
      try HDF5.write(
        [("x", NumericArray(ring)), ("y", NumericArray(ring.selectingRows(order)))], to: folder.path + "/ring.h5")
      let result = try run("ring.h5:x", "ring.h5:y", "--output", "a.h5", "--require-sure")
      #expect(result.code == 1 && result.errors.contains("warning: "), "\(noise): \(result.output) \(result.errors)")
    }
    let line = Matrix(rows: 60, columns: 2) { i, k in k == 0 ? Double(i) : 0.1 * random.normal() }
    try HDF5.write([("line", NumericArray(line))], to: folder.path + "/line.h5")
    let result = try run("line.h5:line", "line.h5:line", "--output", "b.h5", "--require-sure")
    #expect(result.code == 1 && result.errors.contains("warning: "), "\(result.output) \(result.errors)")
  }

  @Test func figuresAreDrawnAgainFromTheAnswer() throws {
    _ = try run(
      "cells.h5:atac", "rna.csv", "--output", "aligned.h5", "--labels", "cells.h5:types", "--labels", "cells.h5:types")
    let drawn = try Command.run(["figure", "aligned.h5"], in: folder.path)
    #expect(drawn.code == 0 && drawn.output == "figures/alignment.png\n", "\(drawn.errors)")
    #expect(try PixelImage(pngFile: folder.path + "/figures/alignment.png").array.shape[1] > 600)
    // The labels are what colours it.
    #expect(try String(contentsOfFile: folder.path + "/figures/alignment.gp", encoding: .utf8).contains("4, second"))
    let other = try Command.run(
      ["solve", "gw", "--input", "X=cells.h5:atac", "--input", "Y=cells.h5:atac", "--output", "gw.h5"], in: folder.path)
    #expect(other.code == 0)
    let others = try Command.run(["figure", "gw.h5", "-o", "gw"], in: folder.path)
    #expect(
      others.code == 0 && others.output == "gw/solution.png\ngw/potentials.png\ngw/trace.png\n",
      "\(others.output)\(others.errors)")
  }

  @Test func badInputEndsInOneSentence() throws {
    let before = files
    func expect(_ code: Int32, _ fragment: String, _ arguments: String...) throws {
      let result = try Command.run(["align"] + arguments, in: folder.path)
      #expect(result.code == code && result.errors.contains(fragment), "\(result.errors)")
      #expect(files == before)
    }
    try expect(66, "absent.csv: there is no such file", "cells.h5:atac", "absent.csv", "--output", "a.h5")
    try expect(66, "holds no dataset 'X'", "cells.h5:X", "rna.csv", "--output", "a.h5")
    try expect(65, "cells × features were expected", "cells.h5:cube", "rna.csv", "--output", "a.h5")
    try expect(65, "ending with .h5 was expected", "cells.h5:atac", "rna.csv", "--output", "a.txt")
    try expect(73, "cannot be written", "cells.h5:atac", "rna.csv", "--output", "none/a.h5")
    try expect(65, "the number of landmarks is 3", "cells.h5:atac", "rna.csv", "--landmarks", "3", "--output", "a.h5")
    try expect(65, "ρ is 0.0", "cells.h5:atac", "rna.csv", "--rho", "0", "--output", "a.h5")
    try expect(65, " is -1.0, but a number from 0", "cells.h5:atac", "rna.csv", "--rho", "-1", "--output", "a.h5")
    try expect(
      65, "8 to 2500 (the largest number of cells that are aligned)", "cells.h5:atac", "rna.csv", "--landmarks",
      "100000", "--output",
      "a.h5")
    // Before the work: nothing else is said.
    for labels in ["absent.txt", "cells.h5:atac"] {
      let result = try run(
        "cells.h5:atac", "rna.csv", "--figure", "a.png", "--labels", "cells.h5:types", "--labels", labels)
      #expect(result.code != 0 && !result.errors.contains("views are built"), "\(result.errors)")
    }
    try expect(
      64, "--labels must be given twice", "cells.h5:atac", "rna.csv", "--figure", "a.png", "--labels", "cells.h5:types")
    folder.write([UInt8]("1\n2\n3\n4\n5\n6\n7\n8\n9\n".utf8), to: "one.csv")
    #expect(
      try run("one.csv", "rna.csv").errors.contains("error: one.csv: has one feature, but at least 2 were expected"))
  }
}
