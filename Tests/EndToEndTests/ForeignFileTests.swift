import Datasets
import Foundation
import LinearAlgebra
import TestSupport
import Testing

/// Files of other programs, through the binary.
@Suite struct ForeignFileTests {
  private let folder = TemporaryFolder()
  private let fixtures = packageFolder + "/Tests/DatasetsTests/Fixtures/"

  private func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Command.Result {
    try Command.run(arguments, in: folder.path, environment: environment)
  }

  @Test("h5-locked-by-writer") func aFileHeldByAWriterSaysSo() throws {
    let path = folder.path + "/c.h5"
    try HDF5.write([("x", NumericArray([1, 2]))], to: path)
    let descriptor = open(path, O_RDWR)
    defer { close(descriptor) }
    #expect(flock(descriptor, LOCK_EX) == 0)
    let held = try run("data", "inspect", "c.h5")
    #expect(held.code == 66 && held.sentences.count == 1)
    #expect(
      held.errors.contains("c.h5: is held open by a program that writes to it") && !held.errors.contains("damaged"))
    let free = try run("data", "inspect", "c.h5", environment: ["HDF5_USE_FILE_LOCKING": "FALSE"])
    #expect(free.code == 0 && free.output.contains("2 numbers, from 1.0 to 2.0"))
  }

  /// Two clouds as pandas writes them give what they give without header and index, and it is said what was left out.
  @Test func tablesOfPandasAreTheirNumbers() throws {
    let points = { (offset: Double) in (0..<6).map { i in "\(Double(i * i) / 8 + offset),\(Double(i) / 3)" } }
    func write(_ name: String, _ rows: [String]) { folder.write(rows.joined(separator: "\n") + "\n", to: name) }
    for (name, rows) in [("x", points(0)), ("y", points(0.7))] {
      write("\(name).csv", rows)
      write("\(name)-header.csv", ["0,1"] + rows)
      write("\(name)-index.csv", [",u,v"] + rows.enumerated().map { "\($0),\($1)" })
    }
    let plain = try run("solve", "emd", "--input", "X=x.csv", "--input", "Y=y.csv", "--json")
    #expect(plain.code == 0 && plain.errors.isEmpty && plain.output.contains("\"notes\": []"))
    let value = try #require(plain.output.split(separator: "\n").first { $0.contains("\"value\"") })
    for kind in ["header", "index"] {
      let result = try run("solve", "emd", "--input", "X=x-\(kind).csv", "--input", "Y=y-\(kind).csv", "--json")
      #expect(result.code == 0 && result.output.contains(value), "\(result.errors)")
      #expect(result.errors.contains("note: x-\(kind).csv: line 1 was taken as a header"))
      #expect(result.errors.contains("the first column counts the rows and was left out") == (kind == "index"))
      #expect(result.output.contains("y-\(kind).csv: line 1 was taken as a header"))
    }
    let inspected = try run("data", "inspect", "x-index.csv")
    #expect(inspected.output.hasPrefix("x-index.csv: 6×2 numbers") && inspected.errors.contains("note: x-index.csv: "))
  }

  @Test func aTableOfCellsIsListed() throws {
    let tables = try run("data", "inspect", fixtures + "tables.h5ad")
    #expect(tables.code == 0 && tables.output.contains("tables.h5ad: 6×4 numbers, from -3.0 to 8.5"))
    for line in [
      "\n  layers/counts: 6×4 numbers, sparse by rows\n", "\n  obs/type: 6 categories (B, NK, T)\n",
      "\n  obsm/X_pca: 6×2 numbers\n",
    ] {
      #expect(tables.output.contains(line), "\(tables.output)")
    }
    let type = try run("data", "inspect", fixtures + "tables.h5ad", "--dataset", "obs/type")
    #expect(type.output.contains("6 numbers, from -1.0 to 2.0, 0 not finite; codes from 0 of B, NK, T"))
    #expect(type.errors.contains("1 of 6 in 'obs/type' have no category and are read as -1"))
    let modalities = try run("data", "inspect", fixtures + "modalities.h5mu")
    #expect(modalities.code == 0 && modalities.output.contains("\n  mod/rna/X: 6×4 numbers\n"))
    #expect(
      try run("data", "inspect", fixtures + "arrays.npz").output.contains(
        "2 arrays\n  matrix: 4×5 numbers\n  vector: 7 numbers"))
  }

  /// Every plugin is found without a word in the environment, and one that is named there does not hide the others.
  @Test(arguments: ["lzf", "blosc", "lz4", "bzip2", "zstd"]) func compressionIsRead(name: String) throws {
    for environment in [[:], ["HDF5_PLUGIN_PATH": "/nowhere"]] {
      let result = try Command.run(
        ["data", "inspect", fixtures + "filters.h5", "--dataset", name], in: folder.path, environment: environment)
      #expect(result.code == 0 && result.output.contains("40×30 numbers, from -3.0 to 596.5"), "\(result.errors)")
    }
  }

  @Test func aPluginThatIsNotThereIsNamed() throws {
    let result = try Command.run(
      ["data", "inspect", fixtures + "filters.h5", "--dataset", "blosc"], in: folder.path,
      environment: ["HDF5_PLUGIN_PRELOAD": "::"])
    #expect(result.code == 66)
    #expect(
      result.errors.contains(
        """
        'blosc' is compressed by blosc (filter 32001), which is not installed; Debian's package \
        hdf5-filter-plugin-blosc-serial has it
        """
      ))
  }
}
