import Datasets
import Documents
import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import UserProblems

/// Every solver asks for its memory before it takes any: inputs of a few megabytes that describe problems of terabytes
/// end in a sentence.
@Suite struct MemoryTests {
  private static let folder: TemporaryFolder = {
    let folder = TemporaryFolder()
    let points = NumericArray(shape: [1_000_000, 2], elements: (0..<2_000_000).map { Double($0 % 1009) })
    let arrays: [(String, NumericArray)] = [
      ("points", points), ("few", NumericArray(shape: [10, 2], elements: (0..<20).map(Double.init))),
      ("row", NumericArray(shape: [2, 1_000_000], elements: [Double](repeating: 1, count: 2_000_000))),
      ("images", NumericArray(shape: [2, 1000, 1000], elements: [Double](repeating: 1, count: 2_000_000))),
      ("edges", NumericArray(shape: [2, 2], elements: [0, 1, 1, 2e9])),
      ("wide", NumericArray(shape: [2, 1_000_000], elements: points.elements)),
    ]
    for (name, array) in arrays { try? HDF5.write([("array", array)], to: "\(folder.path)/\(name).h5") }
    return folder
  }()

  /// Values for the settings that have none.
  private static func settings(_ entry: SolverEntry) -> [String] {
    entry.settings.filter { !$0.isOptional && $0.fallback == nil }.map {
      $0.path.dropFirst().joined(separator: ".") + "=1"
    }
  }

  private static func solve(_ entry: SolverEntry, _ inputs: [String]) throws {
    _ = try entry.solve(
      InputFiles(inputs.map { $0.replacing("=", with: "=\(folder.path)/") + ".h5:array" }), settings: settings(entry))
  }

  private static func expectSentence(_ entry: SolverEntry, _ inputs: [String]) {
    #expect("\(entry.name) \(inputs)") {
      try solve(entry, inputs)
    } throws: { error in
      guard let error = error as? DataError, error.kind == .unfit else { return false }
      return "\(error)".contains(" needs about ") && "\(error)".contains("GB of memory, but this")
    }
  }

  @Test(arguments: SolverEntry.all.map(\.name)) func everySolverAsksBeforeItAllocates(name: String) throws {
    let entry = try SolverEntry.named(name)
    let names = Set(entry.inputs.map(\.name))
    if name.hasPrefix("sliced") {
      // What slices hold grows with the points alone.
      return
    } else if name.hasPrefix("gaussian") {
      Self.expectSentence(entry, names.contains("X") ? ["X=wide", "Y=wide"] : ["X0=wide", "X1=wide"])
    } else if names.isSuperset(of: ["X", "Y"]) {
      Self.expectSentence(entry, ["X=points", "Y=points"])
    } else if names.contains("E1") {
      Self.expectSentence(entry, ["E1=edges", "E2=edges"])
    } else if names.contains("X1") {
      Self.expectSentence(entry, ["X0=points", "X1=points"])
    } else if names.contains("D") {
      Self.expectSentence(entry, ["D=points"])
    } else if names.contains("C0") {
      // What it holds is five times its costs, which are in memory by then: no file here is that large.
      return
    } else {
      let shape = try #require(entry.inputs.first { $0.name == "A" }).shape
      Self.expectSentence(entry, [shape.contains("N") ? "A=row" : "A=images"])
    }
  }

  /// Where one side is small, and what is formed of the other is not; and where columns are many.
  @Test(arguments: [
    ("divergence", ["X=few", "Y=points"]), ("fot", ["X=few", "Y=points"]), ("coot", ["X=wide", "Y=wide"]),
    ("ucoot", ["X=wide", "Y=wide"]),
    ("ccot", ["X=wide", "Y=wide"]),
  ]) func lopsidedSizesAreCountedAsWell(name: String, inputs: [String]) throws {
    Self.expectSentence(try SolverEntry.named(name), inputs)
  }

  /// What fits is not refused: a million points on a line in closed form, two small clouds.
  @Test func whatFitsIsSolved() throws {
    let entry = try SolverEntry.named("emd")
    let folder = TemporaryFolder()
    let line = NumericArray((0..<100_000).map { Double($0 * 7919 % 100_003) })
    try HDF5.write([("X", line), ("Y", line)], to: folder.path + "/line.h5")
    #expect(try entry.solve(InputFiles([folder.path + "/line.h5"]), settings: []).answer.isConverged)
    #expect(
      try SolverEntry.named("divergence").solve(
        InputFiles(["X=\(Self.folder.path)/few.h5:array", "Y=\(Self.folder.path)/few.h5:array"]),
        settings: ["epsilon=1"]
      ).answer.isConverged)
  }
}
