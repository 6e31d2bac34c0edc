import Datasets
import Foundation
import LinearAlgebra
import TestSupport
import Testing

/// Problems that no machine holds, and problems that a limit forbids, as a user meets them: one sentence and 65.
@Suite struct MemoryTests {
  private static let folder: TemporaryFolder = {
    let folder = TemporaryFolder()
    func write(_ name: String, _ rows: Int, _ columns: Int, _ number: (Int) -> Double) {
      let array = NumericArray(shape: [rows, columns], elements: (0..<rows * columns).map(number))
      try? HDF5.write([("array", array)], to: "\(folder.path)/\(name).h5")
    }
    write("x", 10, 2) { Double($0 * 7 % 11) }
    write("y", 200_000, 2) { Double($0 % 1013) }
    write("middle", 10_000, 2) { Double($0 % 1013) }
    write("square", 4, 2) { Double([0, 0, 1, 0, 0, 1, 1, 1][$0]) }
    write("A", 2, 200_000) { _ in 1 }
    write("edges", 2, 2) { [0, 1, 1, 2e9][$0] }
    return folder
  }()

  private static func expectSentence(_ result: Command.Result, _ holder: String = "this ") {
    #expect(
      result.code == 65 && result.sentences.count == 1 && result.output.isEmpty, "\(result.code) \(result.errors)")
    #expect(
      result.errors.contains(" needs about ") && result.errors.contains("GB of memory, but \(holder)"),
      "\(result.errors)")
  }

  @Test(
    "memory_crash",
    arguments: [
      "divergence --input X=x.h5:array --input Y=y.h5:array --set epsilon=1",
      "divergence --input X=y.h5:array --input Y=y.h5:array --set epsilon=1",
      "coot --input X=y.h5:array --input Y=y.h5:array",
      "ucoot --input X=y.h5:array --input Y=y.h5:array --set epsilon=1 --set rho1=1 --set rho2=1",
      "ccot --input X=y.h5:array --input Y=y.h5:array --set delta=1",
      "fot --input X=x.h5:array --input Y=y.h5:array --set bandwidth=1",
      "fot --input X=y.h5:array --input Y=y.h5:array --set bandwidth=1", "gw --input X=y.h5:array --input Y=y.h5:array",
      "barycenter --input A=A.h5:array --set epsilon=1",
      "cgw --input E1=edges.h5:array --input E2=edges.h5:array --set delta=1",
    ]) func memoryCrash(line: String) throws
  {
    let arguments = ["solve"] + line.split(separator: " ").map(String.init)
    Self.expectSentence(try Command.run(arguments, in: Self.folder.path))
  }

  /// Nothing between all points of the larger side is formed, though the smaller one is symmetric.
  @Test func aFewSymmetricPointsAgainstVeryMany() throws {
    let line =
      "entropic-gw --input X=square.h5:array --input Y=y.h5:array --set metric=squared-euclidean --set epsilon=1e7"
    let arguments = ["solve"] + line.split(separator: " ").map(String.init)
    let result = try Command.run(arguments, in: Self.folder.path)
    #expect(result.code == 0, "\(result.code) \(result.errors.prefix(400))")
  }

  /// What this machine has, a limit of the process may forbid: the sentence says so.
  @Test func aLimitOfTheProcessCountsAsItsMemory() throws {
    let line = "solve divergence --input X=middle.h5:array --input Y=middle.h5:array --set epsilon=1"
    let result = try Command.shell("ulimit -v 3000000; exec \"$OTLAB\" \(line)", in: Self.folder.path)
    Self.expectSentence(result, "this process may have (by ulimit -v)")
  }

  /// A run asks as well, and says so where `run` ends: of sizes that no machine holds, and under a limit.
  @Test func experimentsAskForTheirMemory() throws {
    let workspace = Workspace(sweepOver: "[20000]")
    Self.expectFailure(
      try Command.shell("ulimit -v 3000000; exec \"$OTLAB\" run sweep", in: workspace.path),
      "transport between 20000 samples needs about ")
    let cells = try Workspace(cells: 8) { manifest in
      guard let start = manifest.range(of: "  first:"), let end = manifest.range(of: "params:") else { return manifest }
      return manifest.replacingCharacters(
        in: start.lowerBound..<end.lowerBound, with: "  generator: {name: branching-tree, cells: 100000}\n")
    }
    Self.expectFailure(try cells.run("run", "cells"), "an alignment of 100000 cells needs about ")
  }

  private static func expectFailure(_ result: Command.Result, _ sentence: String) {
    #expect(result.code == 65 || result.code == 1, "\(result.code) \(result.errors)")
    #expect(result.errors.contains(sentence) && result.errors.contains("GB of memory, but this "), "\(result.errors)")
  }
}
