import Datasets
import Foundation
import LinearAlgebra
import TestSupport
import Testing

/// Damaged HDF5 files through the binary: its library is not ours, and a crash of it must end in a sentence and exit
/// code 66.
@Suite(.serialized) struct HDF5FuzzTests {
  private static let batch = 200

  /// A plain, a compressed, and an AnnData file; then what other programs write, array by array: links, booleans, fixed
  /// texts, tables, 10x, and each kind of compression.
  private static func seeds() throws -> [(ending: String, dataset: String?, bytes: [UInt8])] {
    let fixtures = packageFolder + "/Tests/DatasetsTests/Fixtures/"
    let compressed = NSTemporaryDirectory() + "otlab-seed-\(getpid()).h5"
    defer { try? FileManager.default.removeItem(atPath: compressed) }
    try HDF5.write([("x", NumericArray((0..<5000).map { Double($0 % 7) }))], texts: [("otlab", "{}")], to: compressed)
    let foreign: [(name: String, datasets: [String?])] = [
      ("foreign.h5", ["booleans", "codes", "half", "soft", "sparse/fixed", "sparse/old", nil]),
      ("tables.h5ad", ["obs/type", "obs/rank", "obsm/X_frame", "layers/counts", nil]), ("tenx.h5", ["matrix"]),
      ("filters.h5", ["lzf", "blosc", "lz4", "bzip2", "zstd", "sparse"]), ("modalities.h5mu", ["mod/atac/X"]),
    ]
    var files: [(path: String, dataset: String?)] = [
      (fixtures + "one.h5", nil), (compressed, nil), (fixtures + "cells.h5ad", nil),
    ]
    for (name, datasets) in foreign { files += datasets.map { (fixtures + name, $0) } }
    return try files.map { path, dataset in
      ((path as NSString).pathExtension, dataset, [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
    }
  }

  @Test func damagedFilesEndInASentence() throws {
    let count = Soak.count(100_000, sample: 600)
    let started = Date()
    let seeds = try Self.seeds()
    let folder = "\(Soak.fastFolder)/otlab-hdf5-\(getpid())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var mutators = seeds.enumerated().map {
      Mutator([$1.bytes], words: ["HDF", "OHDR", "TREE", "SNOD", "HEAP", "FRHP", "\u{89}HDF"], seed: 300 + $0)
    }
    var (read, refused, crashes, hangs) = (0, 0, 0, 0)
    // A command reads one array of each of its files: every kind of seed has its turn.
    let batch = min(Self.batch, max(1, count / seeds.count))
    for (turn, start) in stride(from: 0, to: count, by: batch).enumerated() {
      let kind = turn % seeds.count
      var names: [String] = []
      for number in 0..<min(batch, count - start) {
        names.append("\(number).\(seeds[kind].ending)")
        try Data(mutators[kind].next()).write(to: URL(fileURLWithPath: "\(folder)/\(names[number])"))
      }
      while !names.isEmpty {
        let running = try Command.start(
          ["data", "inspect"] + names + (seeds[kind].dataset.map { ["--dataset", $0] } ?? []), in: folder)
        let deadline = Date().addingTimeInterval(240)
        while running.process.isRunning, Date() < deadline { usleep(2000) }
        if running.process.isRunning {
          hangs += 1
          kill(running.process.processIdentifier, SIGKILL)
        }
        let result = running.wait()
        let sentences = result.sentences
        refused += sentences.count
        #expect([0, 65, 66].contains(result.code), "exit code \(result.code): \(result.errors.suffix(300))")
        // What comes after the file at which the process ended is another process's.
        let culprit = sentences.first { $0.contains("the HDF5 library crashed") }
        if culprit != nil { crashes += 1 }
        let done = names.firstIndex { name in culprit?.contains("error: \(name):") == true }
        // Lines about files that were read are lost with a process that crashes; what is not refused was read.
        read += (done.map { $0 + 1 } ?? names.count) - sentences.count
        names = done.map { Array(names[($0 + 1)...]) } ?? []
      }
    }
    #expect(hangs == 0, "\(hangs) hung")
    Soak.report(
      "hdf5", "damaged files, in processes of their own", cases: count,
      outcome:
        """
        \(read) read, \(refused) refused, \(crashes) of them crashes and endless loops of the library that ended in a \
        sentence; \(hangs) hung
        """,
      since: started)
  }
}
