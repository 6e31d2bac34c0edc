import Foundation
import TestSupport
import Testing

/// Files whose numbers do not fit into the memory that there is, of every format: one sentence and 65, and no crash.
@Suite struct ReaderMemoryTests {
  private static let folder: TemporaryFolder = {
    let folder = TemporaryFolder()
    /// A file of zeros after some first bytes; a disk keeps no blocks for them.
    func write(_ name: String, _ head: [UInt8], zeros: Int) {
      let path = folder.write(head, to: name)
      _ = truncate(path, head.count + zeros)
    }
    func npy(_ type: String, _ side: Int, isFortran: Bool = false) -> [UInt8] {
      let order = isFortran ? "True" : "False"
      let header = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': (\(side), \(side)), }\n"
      return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
    }
    write("bytes.npy", npy("|u1", 12_000), zeros: 144_000_000)
    write("fortran.npy", npy("|u1", 12_000, isFortran: true), zeros: 144_000_000)
    write("many.npy", npy("|u1", 40_000), zeros: 1_600_000_000)
    write("middle.npy", npy("|u1", 8_000), zeros: 64_000_000)
    write("big.idx", [0, 0, 8, 2, 0, 0, 0x2e, 0xe0, 0, 0, 0x2e, 0xe0], zeros: 144_000_000)
    let image: [UInt8] =
      [0x89] + Array("PNG\r\n".utf8) + [0x1a, 0x0a, 0, 0, 0, 13] + Array("IHDR".utf8)
      + [0, 0, 62, 128, 0, 0, 62, 128, 8, 0, 0, 0, 0, 100, 21, 128, 2] + [0, 0, 0, 0] + Array("IDAT".utf8)
    write("big.png", image, zeros: 1_000_000)
    let properties = ["x", "y", "z"].map { "property uchar \($0)\n" }.joined()
    let header = "ply\nformat binary_little_endian 1.0\nelement vertex 50000000\n\(properties)end_header\n"
    write("big.ply", Array(header.utf8), zeros: 150_000_000)
    return folder
  }()

  private func shell(_ line: String, limit: Int) throws -> Command.Result {
    // What the library's threads need would hang on the machine.
    try Command.shell(
      "export OPENBLAS_NUM_THREADS=2; ulimit -v \(limit); exec \"$OTLAB\" \(line)", in: Self.folder.path)
  }

  private func expectSentence(_ result: Command.Result, _ file: String) {
    #expect(
      result.code == 65 && result.sentences.count == 1 && result.output.isEmpty, "\(result.code) \(result.errors)")
    #expect(
      result.errors.contains("error: \(file)") && result.errors.contains("needs about ")
        && result.errors.contains("GB of memory, but this process may have (by ulimit -v)"), "\(result.errors)")
  }

  @Test(arguments: ["bytes.npy", "fortran.npy", "big.idx", "big.png", "big.ply"])
  func everyReaderAsks(file: String) throws {
    expectSentence(try shell("data inspect \(file)", limit: 1_300_000), file)
  }

  @Test func solversReadersAsk() throws {
    expectSentence(try shell("solve emd --threads 2 --input C=bytes.npy", limit: 1_300_000), "bytes.npy")
    expectSentence(
      try shell("solve gw --threads 2 --input D1=many.npy --input D2=middle.npy", limit: 4_000_000), "many.npy")
    // The file alone is too large.
    expectSentence(try shell("data inspect many.npy", limit: 1_300_000), "many.npy")
  }

  /// Small files that grow: texts, whose lines and numbers are held, and members of archives.
  @Test func whatIsDecompressedIsAskedFor() throws {
    let folder = Self.folder.path
    #expect(try Command.shell("yes 1 | head -c 60000000 | gzip -1 > lines.csv.gz", in: folder).code == 0)
    expectSentence(try shell("data inspect lines.csv.gz", limit: 1_300_000), "lines.csv.gz")
    #expect(try Command.shell("gzip -1 -c bytes.npy > bytes.npy.gz", in: folder).code == 0)
    expectSentence(try shell("data inspect bytes.npy.gz", limit: 1_300_000), "bytes.npy.gz")
  }

  /// Under whatever limit, a file is read or there is a sentence: nothing is held beside what was asked for.
  @Test func noLimitCrashes() throws {
    var codes: Set<Int32> = []
    for limit in stride(from: 650_000, through: 1_150_000, by: 25_000) {
      let result = try shell("data inspect middle.npy", limit: limit)
      codes.insert(result.code)
      #expect(
        [0, 65].contains(result.code) && !result.errors.contains("Fatal"), "\(limit): \(result.code) \(result.errors)")
    }
    #expect(codes == [0, 65])
  }
}
