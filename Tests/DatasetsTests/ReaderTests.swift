import Datasets
import Foundation
import LinearAlgebra
import TestSupport
import Testing

/// A file written by the format's own Python library; see make_fixtures.py.
func fixture(_ name: String) -> String { packageFolder + "/Tests/DatasetsTests/Fixtures/" + name }

/// The content that most fixtures have.
func ramp(_ shape: Int...) -> NumericArray {
  NumericArray(shape: shape, elements: (0..<shape.reduce(1, *)).map { 0.5 * Double($0) - 3 })
}

/// The first `fraction` of a fixture, as a new file of the same name.
func truncated(_ name: String, to fraction: Double, in folder: TemporaryFolder) throws -> String {
  let bytes = try #require(FileManager.default.contents(atPath: fixture(name)))
  return folder.write([UInt8](bytes.prefix(Int(Double(bytes.count) * fraction))), to: name)
}

@Suite struct HDF5Tests {
  @Test func filesCarryTexts() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/t.h5"
    try HDF5.write([("x", NumericArray([1, 2]))], texts: [("note", "é → \"quoted\""), ("none", "")], to: path)
    #expect(try HDF5.text(path, attribute: "note") == "é → \"quoted\"")
    #expect(try HDF5.text(path, attribute: "none") == "")
    #expect(throws: DataError.self) { try HDF5.text(path, attribute: "other") }
    let long = String(repeating: "x", count: 300_000)
    try HDF5.write([], texts: [("long", long)], to: path)
    #expect(try HDF5.text(path, attribute: "long") == long)
  }

  @Test(arguments: [
    ("vector", ramp(7)), ("matrix", ramp(4, 5)), ("cube", ramp(2, 3, 4)), ("single", ramp(4, 5)),
    ("bigendian", ramp(4, 5)),
    ("/group/compressed", ramp(40, 30)),
    ("integers", NumericArray(shape: [3, 4], elements: (0..<12).map { Double($0) - 5 })),
    ("bytes", NumericArray(shape: [2, 3], elements: (0..<6).map(Double.init))),
    ("scalar", NumericArray(shape: [], elements: [4.25])),
  ])
  func readsEveryKindOfDataset(name: String, expected: NumericArray) throws {
    #expect(try HDF5.read(fixture("arrays.h5"), dataset: name) == expected)
  }

  @Test func aLoneDatasetNeedsNoName() throws {
    #expect(try HDF5.read(fixture("one.h5")) == ramp(3, 2))
    let error = #expect(throws: DataError.self) { try HDF5.read(fixture("arrays.h5")) }
    #expect(error?.description.contains("holds 11 datasets") == true)
  }

  @Test(arguments: [
    ("absent", "holds no dataset 'absent'; it holds bigendian, bytes"),
    ("text", "holds texts, but numbers were expected"),
    ("four", "has rank 4, but 0 to 3 was expected"),
  ])
  func saysWhatIsWrongWithADataset(name: String, sentence: String) {
    let error = #expect(throws: DataError.self) { try HDF5.read(fixture("arrays.h5"), dataset: name) }
    #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: [0.0, 0.1, 0.5, 0.95])
  func aTruncatedFileIsAnError(fraction: Double) throws {
    let folder = TemporaryFolder()
    let path = try truncated("arrays.h5", to: fraction, in: folder)
    #expect(throws: DataError.self) { try HDF5.read(path, dataset: "group/compressed") }
  }

  @Test func writesWhatItReadsAndTheSameBytesTwice() throws {
    let folder = TemporaryFolder()
    let arrays = [
      ("a/b/matrix", ramp(120, 90)), ("vector", ramp(5)), ("empty", NumericArray(shape: [0, 3], elements: [])),
    ]
    try HDF5.write(arrays.map { (name: $0.0, array: $0.1) }, to: folder.path + "/first.h5")
    try HDF5.write(arrays.map { (name: $0.0, array: $0.1) }, to: folder.path + "/second.h5")
    for (name, array) in arrays { #expect(try HDF5.read(folder.path + "/first.h5", dataset: name) == array) }
    let contents = ["first.h5", "second.h5"].map { FileManager.default.contents(atPath: folder.path + "/" + $0) }
    #expect(contents[0] == contents[1])
    #expect(try HDF5.datasets(in: folder.path + "/first.h5") == ["a/b/matrix", "empty", "vector"])
  }

  @Test func anUnwritablePlaceIsAnErrorAndLeavesNothing() {
    let folder = TemporaryFolder()
    folder.write("a file", to: "occupied")
    let error = #expect(throws: DataError.self) { try HDF5.write([("x", ramp(2))], to: folder.path + "/occupied/x.h5") }
    #expect(error?.kind == .unwritable)
  }
}

@Suite struct NPYTests {
  @Test(arguments: [
    ("c.npy", ramp(4, 5)), ("fortran.npy", ramp(4, 5)), ("fortran3.npy", ramp(2, 3, 4)), ("single.npy", ramp(4, 5)),
    ("bigendian.npy", ramp(4, 5)),
    ("integers.npy", NumericArray(shape: [3, 4], elements: (0..<12).map { Double($0) - 5 })),
    ("bools.npy", NumericArray([1, 0, 1])),
  ])
  func readsEveryKind(name: String, expected: NumericArray) throws {
    #expect(try NumericArray.read(fixture(name)) == expected)
  }

  @Test(arguments: ["arrays.npz", "compressed.npz"])
  func readsArraysOfAnArchive(name: String) throws {
    #expect(try NumericArray.read(fixture(name), dataset: "matrix") == ramp(4, 5))
    #expect(try NumericArray.read(fixture(name), dataset: "vector") == ramp(7))
    #expect(try ArrayFile(fixture(name)).names().sorted() == ["matrix", "vector"])
    let unnamed = #expect(throws: DataError.self) { try NumericArray.read(fixture(name)) }
    #expect(unnamed?.problem == "holds 2 arrays (matrix, vector); name one of them")
    let absent = #expect(throws: DataError.self) { try NumericArray.read(fixture(name), dataset: "C") }
    #expect(absent?.problem == "holds no array 'C'; it holds matrix, vector")
    #expect(try NumericArray.read(fixture("one.npz")) == ramp(4, 5))
  }

  /// Every archive cut short or with one byte changed is read or refused; none traps.
  @Test(arguments: ["arrays.npz", "compressed.npz"])
  func damagedArchivesAreRefused(name: String) throws {
    let bytes = [UInt8](try #require(FileManager.default.contents(atPath: fixture(name))))
    let folder = TemporaryFolder()
    for length in stride(from: 0, to: bytes.count, by: 7) {
      let path = folder.write(Array(bytes.prefix(length)), to: "cut.npz")
      #expect(throws: DataError.self) { try NumericArray.read(path, dataset: "matrix") }
    }
    var random = SeededGenerator(seed: 1)
    for _ in 0..<2000 {
      var changed = bytes
      changed[random.integer(below: bytes.count)] = UInt8(random.integer(below: 256))
      _ = try? NumericArray.read(folder.write(changed, to: "changed.npz"), dataset: "matrix")
    }
  }

  @Test func complexNumbersAreRefused() {
    let error = #expect(throws: DataError.self) { try NumericArray.read(fixture("complex.npy")) }
    #expect(error?.description.contains("<c16") == true)
  }

  @Test(arguments: [0.01, 0.2, 0.9])
  func aTruncatedFileIsAnError(fraction: Double) throws {
    let path = try truncated("c.npy", to: fraction, in: TemporaryFolder())
    #expect(throws: DataError.self) { try NumericArray.read(path) }
  }

  @Test func aHostileShapeIsRefusedBeforeAllocation() {
    let folder = TemporaryFolder()
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999, 9999999999), }\n"
    let path = folder.write(
      [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8), to: "x.npy")
    let error = #expect(throws: DataError.self) { try NumericArray.read(path) }
    #expect(error?.description.contains("no valid shape") == true)
  }
}

@Suite struct IDXTests {
  private let images = NumericArray(shape: [2, 3, 4], elements: (0..<24).map(Double.init))

  @Test func readsPlainAndCompressed() throws {
    #expect(try NumericArray.read(fixture("images-idx3-ubyte")) == images)
    #expect(try NumericArray.read(fixture("images-idx3-ubyte.gz")) == images)
    #expect(try NumericArray.read(fixture("floats.idx")) == NumericArray([1.5, -2, 0.25]))
  }

  @Test(arguments: ["images-idx3-ubyte", "images-idx3-ubyte.gz"], [0.05, 0.3, 0.9])
  func aTruncatedFileIsAnError(name: String, fraction: Double) throws {
    let path = try truncated(name, to: fraction, in: TemporaryFolder())
    #expect(throws: DataError.self) { try NumericArray.read(path) }
  }
}

@Suite struct DelimitedTextTests {
  @Test(arguments: [
    "1,2.5\n3,-4e2\n", "a,b\r\n1,2.5\r\n3,-4e2\r\n", "1;2.5\n3;-4e2", "1\t2.5\n\n3\t-4e2\n", "# note\n 1  2.5 \n3 -4e2",
  ])
  func readsEverySeparator(text: String) throws {
    let path = TemporaryFolder()
    #expect(
      try NumericArray.read(path.write(text, to: "t.csv")) == NumericArray(shape: [2, 2], elements: [1, 2.5, 3, -400]))
  }

  /// As spreadsheets write them.
  @Test func aByteOrderMarkIsPassedOver() throws {
    let folder = TemporaryFolder()
    let path = folder.write([0xef, 0xbb, 0xbf] + Array("1,2\n3,4\n".utf8), to: "t.csv")
    #expect(try NumericArray.read(path) == NumericArray(shape: [2, 2], elements: [1, 2, 3, 4]))
  }

  @Test func oneColumnIsAVector() throws {
    let folder = TemporaryFolder()
    #expect(try NumericArray.read(folder.write("1\r\n2\r\n3\r\n", to: "labels.txt")) == NumericArray([1, 2, 3]))
  }

  @Test(arguments: [
    ("1,2\n3\n", "has 1 columns in line 2, but 2 in the lines before"), ("1,2\n3,x\n", "holds 'x' in line 2, column 2"),
    ("a,b\n", "holds no numbers"), ("", "holds no numbers"), ("1,2\n3,\n", "holds '' in line 2, column 2"),
  ])
  func saysWhereItIsWrong(text: String, sentence: String) {
    let folder = TemporaryFolder()
    let path = folder.write(text, to: "t.csv")
    let error = #expect(throws: DataError.self) { try NumericArray.read(path) }
    #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
  }

  @Test func missingFilesFoldersAndUnknownEndings() {
    let folder = TemporaryFolder()
    #expect(throws: DataError.self) { try NumericArray.read(folder.path + "/absent.csv") }
    #expect(throws: DataError.self) { try NumericArray.read(folder.path) }
    #expect(throws: DataError.self) { try NumericArray.read(folder.write("1", to: "x.xyz")) }
  }
}

@Suite struct PixelImageTests {
  @Test(arguments: [
    ("grey8.png", 1, 8, 6, 11), ("grey16.png", 1, 16, 6, 5003), ("rgb8.png", 3, 8, 18, 11), ("rgba8.png", 4, 8, 24, 11),
    ("rgba16.png", 4, 16, 8, 5003),
  ])
  func readsAndWritesEveryKind(name: String, channels: Int, depth: Int, count: Int, step: Int) throws {
    let image = try PixelImage(pngFile: fixture(name))
    #expect(image.channels == channels && image.depth == depth)
    #expect(image.samples == (0..<count).map { UInt16(depth == 8 ? step * $0 % 256 : step * $0) })
    let folder = TemporaryFolder()
    try image.write(pngFile: folder.path + "/copy.png")
    try image.write(pngFile: folder.path + "/again.png")
    #expect(try PixelImage(pngFile: folder.path + "/copy.png") == image)
    #expect(
      FileManager.default.contents(atPath: folder.path + "/copy.png")
        == FileManager.default.contents(atPath: folder.path + "/again.png"))
  }

  @Test func palettesAreExpanded() throws {
    let image = try PixelImage(pngFile: fixture("palette.png"))
    #expect(image.channels == 3)
    #expect(image.samples == [40, 50, 60, 10, 20, 30])
    #expect(try NumericArray.read(fixture("palette.png")).shape == [1, 2, 3])
  }

  @Test(arguments: [0.05, 0.4, 0.9])
  func aTruncatedFileIsAnError(fraction: Double) throws {
    let path = try truncated("rgb8.png", to: fraction, in: TemporaryFolder())
    #expect(throws: DataError.self) { try PixelImage(pngFile: path) }
  }

  @Test func aHostileSizeIsRefusedBeforeAllocation() throws {
    var bytes = [UInt8](try #require(FileManager.default.contents(atPath: fixture("grey8.png"))))
    bytes.replaceSubrange(16..<24, with: [0, 15, 66, 64, 0, 15, 66, 64])
    let folder = TemporaryFolder()
    #expect(throws: DataError.self) { try PixelImage(pngFile: folder.write(bytes, to: "huge.png")) }
  }
}

@Suite struct MeshTests {
  @Test(arguments: [
    "square.off", "square-ascii.ply", "square-binary-little-endian.ply", "square-binary-big-endian.ply",
  ])
  func readsEveryForm(name: String) throws {
    let mesh = try Mesh(file: fixture(name))
    #expect(mesh.vertices.rows == 4)
    #expect(Array(mesh.vertices[row: 3]) == [0, 1, 0.5])
    #expect(mesh.triangles == [[0, 1, 2], [0, 1, 2], [0, 2, 3]])
  }

  @Test(arguments: ["square.off", "square-ascii.ply", "square-binary-little-endian.ply"], [0.02, 0.5, 0.85])
  func aTruncatedFileIsAnError(name: String, fraction: Double) throws {
    let path = try truncated(name, to: fraction, in: TemporaryFolder())
    #expect(throws: DataError.self) { try Mesh(file: path) }
  }

  @Test func aFaceBeyondTheVerticesIsAnError() {
    let folder = TemporaryFolder()
    let path = folder.write("OFF\n1 1 0\n0 0 0\n3 0 0 1\n", to: "x.off")
    let error = #expect(throws: DataError.self) { try Mesh(file: path) }
    #expect(error?.description.contains("names vertex 1, but there are only 1") == true)
  }
}
