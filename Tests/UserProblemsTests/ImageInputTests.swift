import Datasets
import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import SolverCatalogue
@testable import UserProblems

/// Pictures as measures, which both barycenters read alike.
@Suite struct ImageInputTests {
  private let problems: ProblemFolder

  init() throws {
    problems = try ProblemFolder()
    // Ink in the middle of white paper, in grey and in colours.
    for (name, channels, spot) in [("grey", 1, 0), ("colours", 3, 1)] {
      let samples = (0..<8 * 8 * channels).map { index in
        let (row, column) = (index / channels / 8, index / channels % 8)
        return (3...4).contains(row - spot) && (3...4).contains(column) ? UInt16(20) : 255
      }
      try PixelImage(width: 8, height: 8, channels: channels, samples: samples).write(
        pngFile: "\(problems.folder.path)/\(name).png")
    }
  }

  private var folder: String { problems.folder.path }

  private func solve(_ solver: String, _ inputs: [String], _ settings: [String]) throws -> SolverAnswer {
    let fast = solver == "barycenter" ? ["epsilon=0.01", "tolerance=1e-4"] : ["epsilon=1e-2", "iterations=3"]
    return try SolverEntry.named(solver).solve(InputFiles(inputs), settings: fast + settings).answer
  }

  private var pictures: [String] { ["image0=\(folder)/grey.png", "image1=\(folder)/colours.png"] }

  @Test(arguments: ["barycenter", "barycenter-gw"]) func paperIsNoted(solver: String) throws {
    let white = try solve(solver, pictures, [])
    #expect(white.notes.count == 2 && white.notes.allSatisfy { $0.contains("inverted=true") }, "\(white.notes)")
    let ink = try solve(solver, pictures, ["inverted=true"])
    #expect(ink.notes.isEmpty, "\(ink.notes)")
  }

  @Test func aBarycenterOfInkIsInk() throws {
    let answer = try solve("barycenter", pictures, ["inverted=true"])
    let barycenter = try #require(answer.arrays.first { $0.name == "barycenter" }).array
    #expect(barycenter.shape == [8, 8] && abs(barycenter.elements.reduce(0, +) - 1) < 1e-3)
    // Between a spot in rows 3 and 4 and one in rows 4 and 5.
    let rows = (0..<8).map { row in barycenter.elements[8 * row..<8 * row + 8].reduce(0, +) }
    #expect(rows.firstIndex(of: rows.max() ?? 0) == 4)
    // The same as from one array of both.
    let array = NumericArray(
      shape: [2, 8, 8],
      elements: (0..<128).map { index in
        let (image, row, column) = (index / 64, index / 8 % 8, index % 8)
        return (3...4).contains(row - image) && (3...4).contains(column) ? 235 : 0
      })
    try problems.write("both", [("A", array)])
    let other = try solve("barycenter", ["\(folder)/both.h5"], [])
    #expect(other.notes.isEmpty && other.arrays.first { $0.name == "barycenter" }?.array == barycenter)
  }

  @Test(arguments: ["barycenter", "barycenter-gw"], ["grey", "colours"])
  func onePictureIsNotManyMeasures(solver: String, name: String) {
    let error = #expect(throws: DataError.self) { try solve(solver, ["A=\(folder)/\(name).png"], []) }
    #expect(
      error?.problem.contains("is a single image of 8×8 pixels") == true && error?.problem.contains("image0=") == true)
  }

  @Test func onlyImagesAreInverted() throws {
    try problems.write("rows", [("A", NumericArray(shape: [2, 4], elements: [1, 0, 0, 1, 0, 1, 1, 0]))])
    #expect(throws: DataError.self) { try solve("barycenter", ["\(folder)/rows.h5"], ["inverted=true"]) }
    #expect(try solve("barycenter", ["\(folder)/rows.h5"], []).isConverged)
  }

  @Test func filesOfUnknownKindsAndModalities() throws {
    problems.folder.write("", to: "x.zarr")
    let error = #expect(throws: DataError.self) { try InputFiles.split("\(folder)/x.zarr:X") }
    #expect(error?.problem.contains("has the unknown extension .zarr") == true)
    let (path, name) = try InputFiles.split(packageFolder + "/Tests/DatasetsTests/Fixtures/modalities.h5mu:mod/rna/X")
    #expect(path.hasSuffix(".h5mu") && name == "mod/rna/X")
  }

  /// A sparse matrix is one array of a whole file, and what was taken for granted about a file is in the answer.
  @Test func wholeFilesAndNotes() throws {
    let sparse = packageFolder + "/Tests/DatasetsTests/Fixtures/tenx.h5"
    let files = try InputFiles([sparse])
    #expect(files.names.contains("matrix") && !files.names.contains("matrix/data"))
    problems.folder.write("x,y\n0.5,1\n1.5,2\n", to: "x.csv")
    let answer = try SolverEntry.named("emd").solve(
      InputFiles(["X=\(folder)/x.csv", "Y=\(folder)/x.csv"]), settings: []
    ).answer
    #expect(answer.notes.count == 1 && answer.notes[0].hasSuffix("x.csv: line 1 was taken as a header (x, y)"))
  }
}
