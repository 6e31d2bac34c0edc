import Datasets
import Documents
import Files
import Foundation
import LinearAlgebra
import TestSupport
import Testing

@Suite struct SourceCatalogueTests {
  @Test func theProjectsCatalogueIsComplete() throws {
    let catalogue = try SourceCatalogue(path: packageFolder + "/data/sources.yaml")
    #expect(
      catalogue.sets.map(\.name) == [
        "snare", "scgem", "mnist", "fashion_mnist", "umgw", "citeseq", "humans", "usps", "colour_transfer", "shapes2d",
        "etth1", "latents",
      ])
    #expect(catalogue.names.count == 194)
    let file = try #require(catalogue.file(named: "snare/SNAREseq_atac_feat.npy"))
    #expect(file.bytes == 159_272)
  }

  @Test(arguments: [
    ("../x", "would leave the folder"), ("../\u{301}x", "would leave the folder"),
    ("/\u{301}x", "would leave the folder"),
    ("/etc/x", "would leave the folder"), ("a/../../x", "would leave the folder"), ("", "would leave"),
  ])
  func pathsCannotLeaveTheirSet(path: String, sentence: String) {
    let folder = TemporaryFolder()
    let digest = String(repeating: "0", count: 64)
    let yaml = """
      schema: 1
      sets:
        s: {title: t, license: l, files: [{path: "\(path)", bytes: 1, sha256: "\(digest)", mirrorOnly: true}]}
      """
    let error = #expect(throws: DocumentError.self) {
      try SourceCatalogue(path: folder.write(yaml, to: "sources.yaml"))
    }
    #expect(error?.description.contains(sentence) == true)
  }
}

@Suite struct SourceCacheTests {
  private let content = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }

  private func file(_ origin: SourceFile.Origin, content: [UInt8]) -> SourceFile {
    var hash = SHA256()
    hash.update(content)
    return SourceFile(
      set: "set", path: "deep/file.bin", bytes: content.count, sha256: hash.finish(), license: "none", origin: origin)
  }

  @Test func downloadsVerifiesAndDoesNotDownloadTwice() throws {
    let server = try FileServer(["file.bin": content])
    defer { server.stop() }
    let folder = TemporaryFolder()
    let cache = SourceCache(folder: folder.path)
    let file = file(.url(server.url("file.bin")), content: content)
    #expect(cache.state(of: file, computingDigest: true) == .absent)
    #expect(try cache.fetch(file))
    #expect(cache.state(of: file, computingDigest: true) == .verified)
    #expect(try !cache.fetch(file))
    #expect(server.bytesSent(of: "file.bin") == content.count)
  }

  @Test func twoAtOnceBringItOnce() throws {
    let server = try FileServer(["file.bin": content])
    defer { server.stop() }
    let folder = TemporaryFolder()
    let file = file(.url(server.url("file.bin")), content: content)
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      #expect(throws: Never.self) { try SourceCache(folder: folder.path).fetch(file) }
    }
    #expect(server.bytesSent(of: "file.bin") == content.count)
  }

  @Test func resumesAnInterruptedDownload() throws {
    let server = try FileServer(["file.bin": content])
    defer { server.stop() }
    let folder = TemporaryFolder()
    folder.write(Array(content.prefix(60_000)), to: "set/deep/file.bin.part")
    let file = file(.url(server.url("file.bin")), content: content)
    try SourceCache(folder: folder.path).fetch(file)
    #expect(server.bytesSent(of: "file.bin") == 40_000)
    #expect(FileManager.default.contents(atPath: folder.path + "/set/deep/file.bin") == Data(content))
    #expect(!folder.exists("set/deep/file.bin.part"))
  }

  /// Curl's settings are of the user's own downloads: here they would send the file elsewhere.
  @Test func theUsersCurlSettingsAreNotRead() throws {
    let server = try FileServer(["file.bin": content])
    defer { server.stop() }
    let folder = TemporaryFolder()
    folder.write(Array("output = \"\(folder.path)/elsewhere\"\n".utf8), to: "home/.curlrc")
    let before = getenv("CURL_HOME").map { String(cString: $0) }
    setenv("CURL_HOME", folder.path + "/home", 1)
    defer { if let before { setenv("CURL_HOME", before, 1) } else { unsetenv("CURL_HOME") } }
    try SourceCache(folder: folder.path + "/cache").fetch(file(.url(server.url("file.bin")), content: content))
    #expect(!folder.exists("elsewhere"))
  }

  /// What an earlier attempt left behind may be of another version.
  @Test func aWrongBeginningIsDownloadedAnew() throws {
    let server = try FileServer(["file.bin": content])
    defer { server.stop() }
    let folder = TemporaryFolder()
    folder.write([UInt8](repeating: 9, count: 500), to: "set/deep/file.bin.part")
    try SourceCache(folder: folder.path).fetch(file(.url(server.url("file.bin")), content: content))
    #expect(FileManager.default.contents(atPath: folder.path + "/set/deep/file.bin") == Data(content))
  }

  @Test func aDifferentFileIsRefusedAndLeavesNothing() throws {
    let server = try FileServer(["file.bin": content.reversed()])
    defer { server.stop() }
    let folder = TemporaryFolder()
    let error = #expect(throws: DataError.self) {
      try SourceCache(folder: folder.path).fetch(file(.url(server.url("file.bin")), content: content))
    }
    #expect(error?.description.contains("is not the file that the catalogue lists") == true)
    #expect(!folder.exists("set/deep/file.bin") && !folder.exists("set/deep/file.bin.part"))
  }

  @Test func anAbsentPageIsAnError() throws {
    let server = try FileServer([:])
    defer { server.stop() }
    let error = #expect(throws: DataError.self) {
      try SourceCache(folder: TemporaryFolder().path).fetch(file(.url(server.url("file.bin")), content: content))
    }
    #expect(error?.description.contains("404") == true)
  }

  /// A link in a mirror gives its content: nothing in the cache leads out of it.
  @Test func aLinkInAMirrorIsFollowedOnce() throws {
    let (folder, mirror) = (TemporaryFolder(), TemporaryFolder())
    try FileManager.default.createDirectory(atPath: mirror.path + "/set/deep", withIntermediateDirectories: true)
    try Data(content).write(to: URL(fileURLWithPath: mirror.path + "/elsewhere"))
    try FileManager.default.createSymbolicLink(
      atPath: mirror.path + "/set/deep/file.bin", withDestinationPath: mirror.path + "/elsewhere")
    let cache = SourceCache(folder: folder.path)
    let file = file(.mirrorOnly, content: content)
    #expect(try cache.fetch(file, mirror: mirror.path))
    let attributes = try FileManager.default.attributesOfItem(atPath: cache.path(of: file))
    #expect(attributes[.type] as? FileAttributeType == .typeRegular)
  }

  @Test func copiesFromAMirrorAndVerifies() throws {
    let (mirror, folder) = (TemporaryFolder(), TemporaryFolder())
    mirror.write(content, to: "set/deep/file.bin")
    let cache = SourceCache(folder: folder.path)
    let good = file(.derived("made by hand"), content: content)
    #expect(throws: DataError.self) { try cache.fetch(good) }
    #expect(try cache.fetch(good, mirror: mirror.path))
    #expect(cache.state(of: good, computingDigest: true) == .verified)
    mirror.write([1, 2, 3], to: "set/deep/file.bin")
    folder.write([0], to: "set/deep/file.bin")
    let error = #expect(throws: DataError.self) { try cache.fetch(good, mirror: mirror.path) }
    #expect(error?.description.contains("SHA-256") == true)
  }
}

@Suite struct TwoViewsTests {
  @Test func isSeededAndLabelled() {
    let tree = TwoViews(.branchingTree, cells: 200, noise: 0.05, seed: 1)
    #expect(tree.first.rows == 200 && tree.first.columns == 12)
    #expect(tree.second.rows == 200 && tree.second.columns == 9)
    #expect(Set(tree.labels) == [1, 2, 3, 4])
    #expect(TwoViews(.branchingTree, cells: 200, noise: 0.05, seed: 1).second == tree.second)
    #expect(TwoViews(.branchingTree, cells: 200, noise: 0.05, seed: 2).second != tree.second)
  }
}
