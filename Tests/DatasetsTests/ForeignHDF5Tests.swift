import Datasets
import Foundation
import LinearAlgebra
import TestSupport
import Testing

/// HDF5 files as other programs write them; see make_foreign_fixtures.py.
@Suite struct ForeignHDF5Tests {
  private static let foreign = fixture("foreign.h5")
  private static let tables = fixture("tables.h5ad")
  /// Of the sparse groups; it is not its own transpose.
  private static let square = NumericArray(shape: [3, 3], elements: [0, 1, 2, 0, 0, 3, 0, 0, 0])

  private func read(_ path: String, _ name: String) throws -> (array: NumericArray, notes: [String]) {
    let notes = Notes()
    return (try NumericArray.read(path, dataset: name, notes: notes), notes.all)
  }

  private func problem(_ path: String, _ name: String?) -> String {
    do {
      return "read: \(try NumericArray.read(path, dataset: name).shapeText)"
    } catch { return error.problem }
  }

  @Test(
    "csc_fixed_string",
    arguments: [
      "sparse/fixed", "sparse/array", "sparse/variable", "sparse/old", "sparse/wide-indices", "sparse/silent",
    ])
  func columnsAreNeverTakenForRows(name: String) throws {
    let (array, notes) = try read(Self.foreign, name)
    #expect(array == Self.square)
    #expect(notes.isEmpty != (name == "sparse/silent"), "\(notes)")
  }

  @Test func whatCannotBeUnderstoodIsRefused() throws {
    #expect(
      problem(Self.foreign, "sparse/number") == "'sparse/number' has an attribute 'encoding-type' that is not text")
    #expect(
      problem(Self.foreign, "sparse/unknown").contains(
        "has the encoding 'coo_matrix', but csr_matrix or csc_matrix was expected"))
    #expect(try read(Self.foreign, "sparse/tall").array == NumericArray(shape: [3, 2], elements: [0, 1, 2, 3, 4, 5]))
  }

  /// What was never written has the fill value; a dataset of which nothing was written is only a claim.
  @Test func chunksThatWereNotWrittenAreRead() throws {
    let few = try read(fixture("unwritten.h5"), "few").array
    #expect(
      few.shape == [3000, 4000] && few.elements[0] == 2.5 && few.elements[150 * 4000] == 1
        && few.elements[200 * 4000] == 2.5)
    #expect(problem(fixture("unwritten.h5"), "none").contains("claims 3000×4000 elements, but 0 bytes are stored"))
    #expect(
      problem(fixture("unwritten.h5"), "sparse").contains(
        "claims the shape 2×2000000000, which is too large as a dense matrix"))
    #expect("\(try read(fixture("unwritten.h5"), "half").array.elements)" == "[nan, 1.0]")
  }

  @Test(arguments: ["matrix", "hard", "soft"]) func linksOfAllKindsLead(name: String) throws {
    #expect(try HDF5.read(Self.foreign, dataset: name) == ramp(4, 5))
    let names = try HDF5.datasets(in: Self.foreign)
    for name in ["hard", "soft", "external", "group/inside", "linked/inside"] { #expect(names.contains(name)) }
    #expect(!names.contains { $0.contains("above/") })
  }

  @Test func linksLeadIntoOtherFilesOrNowhere() throws {
    #expect(try HDF5.read(Self.foreign, dataset: "external") == ramp(3, 2))
    #expect(try HDF5.read(Self.foreign, dataset: "group/above/linked/inside") == ramp(7))
    #expect(problem(Self.foreign, "broken/soft") == "'broken/soft' is a link to /nothing, which is not there")
    #expect(
      problem(Self.foreign, "broken/external")
        == "'broken/external' is a link to /x in the file absent.h5, which is not there")
  }

  @Test func numbersOfEveryKind() throws {
    #expect(try read(Self.foreign, "booleans") == (NumericArray(shape: [2, 2], elements: [1, 0, 0, 1]), []))
    let codes = try read(Self.foreign, "codes")
    #expect(
      codes.array == NumericArray([2, 0, 1]) && codes.notes.count == 1
        && codes.notes[0].contains("RED (0), GREEN (1), BLUE (2)"))
    for name in ["half", "long"] { #expect(try read(Self.foreign, name) == (ramp(4, 5), [])) }
    #expect(try read(Self.foreign, "unsigned").array == NumericArray([0, 1, 0x1p40]))
    #expect(problem(Self.foreign, "empty").contains("is empty (it has no shape)"))
    #expect(problem(Self.foreign, "complex").contains("compound or other values"))
    #expect(problem(Self.foreign, "texts").contains("holds texts"))
  }

  @Test("lzf", arguments: ["lzf", "blosc", "blosc-zstd", "lz4", "bzip2", "zstd", "zstd-shuffled"])
  func everyUsualCompressionIsRead(name: String) throws {
    #expect(try HDF5.read(fixture("filters.h5"), dataset: name) == ramp(40, 30))
  }

  @Test func otherCompressionIsNamed() throws {
    #expect(try HDF5.read(fixture("filters.h5"), dataset: "sparse") == Self.square)
    #expect(
      problem(fixture("filters.h5"), "blosc2").hasSuffix(
        "is compressed by blosc2 (filter 32026), which is not installed"))
    let about = try HDF5.contents(of: fixture("filters.h5")).first { $0.name == "blosc2" }
    #expect(about?.about == "40×30 numbers, compressed by blosc2 (filter 32026), which is not installed")
  }

  @Test func tenXKeepsFeaturesThatNoCellHas() throws {
    let (array, notes) = try read(fixture("tenx.h5"), "matrix")
    #expect(array.shape == [4, 12])
    #expect(array.matrix[0, 0] == 5 && array.matrix[1, 9] == 1 && array.matrix[2, 3] == 2 && array.matrix[3, 9] == 7)
    #expect(array.elements.reduce(0, +) == 15)
    #expect(
      notes.count == 1
        && notes[0].hasSuffix("'matrix' is a matrix as 10x writes it and is read as 4 cells × 12 features"))
  }

  @Test func columnsOfTablesAreReadByName() throws {
    let type = try read(Self.tables, "obs/type")
    #expect(type.array == NumericArray([0, 2, -1, 0, 1, 2]))
    #expect(
      type.notes.count == 1 && type.notes[0].hasSuffix("1 of 6 in 'obs/type' have no category and are read as -1"))
    #expect(try HDF5.categories(Self.tables, dataset: "obs/type") == ["B", "NK", "T"])
    #expect(try HDF5.categories(Self.tables, dataset: "obs/depth") == nil)
    #expect(try read(Self.tables, "obs/depth").array == ramp(6))
    #expect(try read(Self.tables, "obs/good").array == NumericArray([1, 0, 1, 1, 0, 0]))
    let rank = try read(Self.tables, "obs/rank").array.elements
    #expect(rank[1].isNaN && rank[0] == 1 && Array(rank[2...]) == [3, 4, 5, 6])
    #expect(
      try read(Self.tables, "obsm/X_frame").array.elements == (0..<6).flatMap { [0.5 * Double($0) - 3, Double($0)] })
    #expect(problem(Self.tables, "obsm/mixed").contains("has the column 't', which holds no numbers"))
    #expect(problem(Self.tables, "obs/typ").contains("it holds obs/"))
    #expect(problem(Self.tables, "obs").contains("'type', which holds no numbers; name one column"))
  }

  @Test func contentsAreListed() throws {
    let contents = try HDF5.contents(of: Self.tables).map { "\($0.name): \($0.about)" }
    for line in [
      "X: 6×4 numbers", "layers/counts: 6×4 numbers, sparse by rows", "obs/type: 6 categories (B, NK, T)",
      "obs/depth: 6 numbers",
      "obs/good: 6 booleans", "obs/rank: 6 numbers, some of them missing", "obsm/X_frame: a data frame (second, first)",
      "obsm/X_pca: 6×2 numbers",
    ] { #expect(contents.contains(line), "\(contents)") }
  }

  @Test func modalitiesAreReadByPath() throws {
    let path = fixture("modalities.h5mu")
    #expect(try NumericArray.read(path, dataset: "mod/rna/X") == ramp(6, 4))
    #expect(try NumericArray.read(path, dataset: "mod/atac/X") == Self.square)
    #expect(problem(path, nil).contains("mod/atac/X, mod/rna/X"))
    #expect(try ArrayFile(path).names().contains("mod/atac/X"))
  }

  @Test func aFileThatIsBeingWrittenSaysSo() throws {
    #expect(problem(fixture("unclosed.h5"), "x").contains("is marked as being written to"))
    let folder = TemporaryFolder()
    let path = folder.path + "/held.h5"
    try HDF5.write([("x", ramp(2))], to: path)
    // A lock as a writer has it; the reader's own would be of another opening of the file.
    let descriptor = open(path, O_RDWR)
    defer { close(descriptor) }
    #expect(flock(descriptor, LOCK_EX) == 0)
    #expect(problem(path, "x").contains("is held open by a program that writes to it"))
    #expect(flock(descriptor, LOCK_UN) == 0)
    #expect(try HDF5.read(path, dataset: "x") == ramp(2))
  }

  /// A chain of groups with two links each to the next has 2ⁿ names.
  @Test func aWebOfLinksIsRefused() throws {
    #expect(problem(fixture("web.h5"), nil).contains("more than 50000 names"))
  }
}
