import Documents
import Foundation
import TestSupport
import Testing

@Suite struct FileDigestTests {
  @Test func rememberedDigestsFollowTheFile() throws {
    let folder = TemporaryFolder()
    let (file, memory) = (folder.write("one", to: "x"), folder.path + "/digests.json")
    func age(_ seconds: Double) throws {
      try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSinceNow: -seconds)], ofItemAtPath: file)
    }
    try age(100)
    #expect(FileDigests(path: memory).digest(of: file) == SHA256.hex(of: "one"))
    #expect(try Value(jsonFile: memory)[file] != nil)
    // What is remembered is used: a doctored memory shows through, until the file changes.
    let doctored = try String(contentsOfFile: memory, encoding: .utf8).replacing(SHA256.hex(of: "one"), with: "doctored")
    try doctored.write(toFile: memory, atomically: true, encoding: .utf8)
    #expect(FileDigests(path: memory).digest(of: file) == "doctored")
    folder.write("two", to: "x")
    try age(50)
    #expect(FileDigests(path: memory).digest(of: file) == SHA256.hex(of: "two"))
  }

  @Test func youngFilesAreNotRemembered() {
    let folder = TemporaryFolder()
    let digests = FileDigests(path: folder.path + "/digests.json")
    #expect(digests.digest(of: folder.write("one", to: "x")) == SHA256.hex(of: "one"))
    #expect(!folder.exists("digests.json"))
    #expect(digests.digest(of: folder.path + "/absent") == nil)
  }
}

@Suite struct FileLockTests {
  @Test func onlyOneHoldsIt() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/a.lock"
    #expect(!FileLock.isHeld(path: path))
    var first = try FileLock.attempt(path: path)
    #expect(first != nil && FileLock.isHeld(path: path))
    #expect(try FileLock.attempt(path: path) == nil)
    first = nil
    #expect(!FileLock.isHeld(path: path))
    // Nothing is left, and it can be had again.
    #expect(!folder.exists("a.lock"))
    #expect(try FileLock.attempt(path: path) != nil)
  }

  /// Many threads count with a file that only the lock protects; its removal at each release must let nobody in beside another.
  @Test func noTwoAreInsideAtOnce() throws {
    let folder = TemporaryFolder()
    let counter = folder.write("0", to: "counter")
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      for _ in 0..<50 {
        guard let lock = try? FileLock(path: folder.path + "/b.lock") else { return }
        withExtendedLifetime(lock) {
          let count = (try? String(contentsOfFile: counter, encoding: .utf8)).flatMap { Int($0) } ?? -1000
          try? "\(count + 1)".write(toFile: counter, atomically: false, encoding: .utf8)
        }
      }
    }
    #expect(try String(contentsOfFile: counter, encoding: .utf8) == "400")
  }
}
