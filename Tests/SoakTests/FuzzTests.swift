import Datasets
import Dispatch
import Documents
import Experiments
import Files
import Foundation
import LinearAlgebra
import Manifests
import Pipeline
import Runs
import TestSupport
import Testing

/// Every reader of our own on mutated files: a value or one error of the kinds we know; no trap, no hang, no memory
/// beyond reason.
///
/// A trap ends the tests, and the file that caused it is the newest one in the folder `otlab-fuzz` in memory.
@Suite(.serialized) struct FuzzTests {
  struct Reader: Sendable, CustomTestStringConvertible {
    let name: String
    let ending: String
    let seeds: @Sendable () throws -> [[UInt8]]
    let words: [String]
    let read: @Sendable (String) throws -> Void

    var testDescription: String { name }
  }

  private static func files(_ names: String...) -> @Sendable () throws -> [[UInt8]] {
    {
      try names.map {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(packageFolder)/Tests/DatasetsTests/Fixtures/\($0)")))
      }
    }
  }

  private static func texts(_ texts: String...) -> @Sendable () throws -> [[UInt8]] { { texts.map { Array($0.utf8) } } }

  private static func mesh(_ path: String) throws { _ = try Mesh(file: path) }
  private static func array(_ path: String) throws { _ = try NumericArray.read(path) }

  /// Reads manifests to the end: tiers, sweeps, rows, and each kind's own keys.
  private static func manifest(_ path: String) throws {
    let folder = ((path as NSString).deletingLastPathComponent as NSString)
    let source = try ManifestSource(name: folder.lastPathComponent, in: folder.deletingLastPathComponent)
    let planner = RunPlanner(.registered, dataFolder: "data", mirror: nil, digests: FileDigests())
    for tier in Tier.allCases { _ = try planner.check(try Manifest(source, tier: tier)) }
  }

  /// Reads the record of a run to the end, as lists and as `rerun` do.
  private static func record(_ path: String) throws {
    let folder = (path as NSString).deletingLastPathComponent
    guard rename(path, "\(folder)/run.json") == 0 else { return }
    _ = FileManager.default.createFile(atPath: "\(folder)/metrics.json", contents: Data("{}".utf8))
    _ = try? ListedRun(directory: folder)
    let run = try FinishedRun(directory: folder)
    _ = (run.outcome, run.key, run.ending.environment.processorSeconds, run.record.value)
    _ = try run.request()
  }

  private static let recordText: String = {
    let identity = RunIdentity(
      kind: "k", revision: 1, data: [:], params: ["a": [1, 2.5, "x"]], solver: ["epsilon": 1.0e-3], seed: 1, inputs: [])
    let record: Value = [
      "experiment": "e", "tier": "smoke", "label": "l", "title": "T", "repetition": 0, "outcome": "converged",
      "document": identity.document,
      "key": .string(identity.digest), "executableSHA256": "0f", "styling": ["names": ["A"]],
      "inputs": [["role": "r", "name": "n", "path": "p", "sha256": "0f"]],
      "rules": ["m": ["tolerance": ["relative": 1.0e-3]]],
      "environment": [
        "processorSeconds": 1.5, "peakMemoryBytes": 1_048_576, "started": "2020-01-01T00:00:00Z", "threads": 2,
      ],
    ]
    return record.json()
  }()

  static let all: [Reader] = [
    Reader(
      name: "npy", ending: "npy",
      seeds: files("c.npy", "fortran3.npy", "bigendian.npy", "bools.npy", "single.npy", "half.npy", "long.npy"),
      words: ["'<i8'", "'>f2'", "'<f16'", "'f12'", "True", "(9,", "-1", "descr"], read: array),
    Reader(name: "npz", ending: "npz", seeds: files("arrays.npz", "compressed.npz"), words: ["PK"], read: array),
    Reader(name: "idx", ending: "idx", seeds: files("images-idx3-ubyte", "floats.idx"), words: [], read: array),
    Reader(
      name: "gzip", ending: "csv.gz", seeds: files("images-idx3-ubyte.gz", "members.csv.gz"), words: ["\u{1f}\u{8b}"],
      read: array),
    Reader(
      name: "text", ending: "csv",
      seeds: texts(
        "a,b,c\n1,2.5,-3e4\n# no\n4,5,6\n", "1\t2\n3\tnan\n", "1 2 3\n4 5 6\n", ",0,1\n0,.5,1.5\n1,2.5,3.5\n",
        "cell,x\nAAAC-1,.5\nAAAG-1,1.5\n",
        "\"V1\" \"V2\"\n\"1\" 0.5 3\n\"2\" 1.5 4\n", "0,1,2\n1,0,1\n2,1,0\n", "0,5;1,5\n2,5;3,5\n"),
      words: ["nan", "NA", "inf", ",", ";", "\t", "\"", "0x1F", "1e999", "0,", "\r\n"], read: array),
    Reader(
      name: "png", ending: "png", seeds: files("grey16.png", "grey8.png", "palette.png", "rgba16.png"),
      words: ["IHDR", "IDAT", "PLTE", "tRNS", "IEND"], read: array),
    Reader(
      name: "off", ending: "off", seeds: files("square.off"), words: ["OFF", "-1", "1e300", "9223372036854775807"],
      read: mesh),
    Reader(
      name: "ply", ending: "ply",
      seeds: files("square-ascii.ply", "square-binary-big-endian.ply", "square-binary-little-endian.ply"),
      words: [
        "element vertex 9", "property list uchar int x", "element none 99999999999999", "format ascii 1.0", "1e300",
        "\n",
      ], read: mesh
    ),
    Reader(
      name: "json", ending: "json",
      seeds: texts("{\"a\": [1, 2.5e-3, null, true], \"b\": {\"c\": \"\\u00e9\\n\"}}", "[[[1]], \"x\", -0.0]"),
      words: ["\\ud800", "[[[[", "1e999", "nul", "{\"a\":"]
    ) { _ = try Value(jsonFile: $0) },
    Reader(
      name: "run record", ending: "json",
      seeds: { [Array(recordText.utf8)] },
      words: ["null", "1e999", "{}", "[]", "-1", "9223372036854775807", "\"environment\":", "\"document\":"],
      read: record),
    Reader(
      name: "baseline", ending: "json",
      seeds: {
        [
          [UInt8](
            try Data(contentsOf: URL(fileURLWithPath: "\(packageFolder)/experiments/gaussian-transport/baseline.json")))
        ]
      },
      words: ["null", "1e999", "{}", "[]"]
    ) { _ = try Baseline(path: $0) },
    Reader(
      name: "sources", ending: "yaml",
      seeds: texts(
        "schema: 1\nsets:\n  s:\n    title: T\n    licence: free\n    files:\n"
          + "      - {path: a/b.h5, bytes: 10, sha256: "
          + String(repeating: "0f", count: 32) + ", url: \"https://example.org/b\"}\n"),
      words: ["../", "mirrorOnly: true", "derive: x", "- {", "*a", "&a", "!!binary"]
    ) { _ = try SourceCatalogue(path: $0) },
    Reader(
      name: "manifest", ending: "yaml",
      seeds: { Registry.registered.kinds.map { Array(ManifestTemplate(name: "fuzzed", kind: $0).text.utf8) } },
      words: [
        ".inf", ".nan", "1e999", "log(1e-4, 1e-1, 4)", "- ", "{", "}", "*a", "&a", "tiers: {smoke: {",
        "sweep: {product: {",
        "9223372036854775807",
      ],
      read: manifest),
    Reader(
      name: "--set", ending: "txt",
      seeds: texts("solver.epsilon=1e-3", "data.first={source: a/b, dataset: x}", "params.graph.neighbors=[1, 2]"),
      words: ["=", ".", "[", "{", "log(1e-4,1e-1,4)", "..", "a.b.c", ".inf", "&a", "*a"]
    ) { path in
      let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
      _ = try? Override(text)
      _ = try SweepOption(text)
    },
  ]

  @Test(arguments: all) func survives(reader: Reader) throws {
    let count = Soak.count(1_000_000, sample: 1500)
    let started = Date()
    let seeds = try reader.seeds()
    let root = "\(Soak.fastFolder)/otlab-fuzz-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: root) }
    let before = Provenance.peakMemory
    let workers = ProcessInfo.processInfo.activeProcessorCount
    let read = Tally()
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      let folder = "\(root)/\(worker)/fuzzed"
      try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let path = "\(folder)/manifest.\(reader.ending)"
      var mutator = Mutator(seeds, words: reader.words, seed: 1000 + worker)
      for _ in 0..<count / workers {
        _ = FileManager.default.createFile(atPath: path, contents: Data(mutator.next()))
        do {
          try reader.read(path)
          read.note(nil)
        } catch {
          read.note(error)
        }
      }
    }
    #expect(read.unknown.isEmpty, "errors without a sentence of ours: \(read.unknown.prefix(3))")
    let grown = (Provenance.peakMemory - before) >> 20
    #expect(grown < 1500, "\(grown) MB more")
    Soak.report(
      "fuzz", reader.name, cases: count / workers * workers,
      outcome: "\(read.accepted) read, \(read.refused) refused; no crash, no hang, \(grown) MB more at most",
      since: started)
  }

  /// What came of the files, over all threads.
  private final class Tally: @unchecked Sendable {
    private let lock = NSLock()
    private(set) var accepted = 0
    private(set) var refused = 0
    private(set) var unknown: [String] = []

    func note(_ error: (any Error)?) {
      lock.lock()
      defer { lock.unlock() }
      switch error {
      case nil: accepted += 1
      case is DataError, is DocumentError: refused += 1
      case let other?: unknown.append("\(other)")
      }
    }
  }

  /// Files that once trapped, hung or asked for memory beyond reason; their names say which reader they are for, and
  /// why.
  @Test(
    arguments: try FileManager.default.contentsOfDirectory(atPath: packageFolder + "/Tests/SoakTests/Corpus").sorted())
  func theCorpusIsRefused(name: String) throws {
    let path = packageFolder + "/Tests/SoakTests/Corpus/" + name
    #expect(throws: (any Error).self) {
      if name.hasSuffix(".ply") || name.hasSuffix(".off") { try Self.mesh(path) } else { try Self.array(path) }
    }
  }
}
