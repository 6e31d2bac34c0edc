import Documents
import Files
import Foundation
import TestSupport
import Testing

@Suite struct FileDigestTests {
  @Test func rememberedDigestsFollowTheFile() throws {
    let folder = TemporaryFolder()
    let (file, memory) = (folder.write("one", to: "x"), folder.path + "/digests.json")
    func digest() -> String? { FileDigests(path: memory, settling: -2).digest(of: file) }
    #expect(digest() == SHA256.hex(of: "one"))
    #expect(try Value(jsonFile: memory)[file] != nil)
    // What is remembered is used: a doctored memory shows through, until the file changes.
    let doctored = try String(contentsOfFile: memory, encoding: .utf8).replacing(
      SHA256.hex(of: "one"), with: "doctored")
    try doctored.write(toFile: memory, atomically: true, encoding: .utf8)
    #expect(digest() == "doctored")
    folder.write("two more", to: "x")
    #expect(digest() == SHA256.hex(of: "two more"))
  }

  /// A copy that keeps the size and the time of what it replaces, in its place or beside it and renamed.
  @Test(arguments: [false, true]) func aCopyOfEqualSizeAndTimeIsSeen(isRenamed: Bool) throws {
    let folder = TemporaryFolder()
    let (file, memory) = (folder.write("version 1", to: "x"), folder.path + "/digests.json")
    let old = Date(timeIntervalSince1970: 1_000_000_000)
    try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: file)
    #expect(FileDigests(path: memory, settling: -2).digest(of: file) == SHA256.hex(of: "version 1"))
    // Clocks of file systems tick every few milliseconds.
    usleep(50_000)
    let copy = folder.write("version 2", to: isRenamed ? "y" : "x")
    try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: copy)
    if isRenamed { #expect(rename(copy, file) == 0) }
    #expect(FileDigests(path: memory, settling: -2).digest(of: file) == SHA256.hex(of: "version 2"))
  }

  /// Several processes remember in one file; none forgets what another has learnt.
  @Test func whatOthersRememberStays() throws {
    let folder = TemporaryFolder()
    let memory = folder.path + "/digests.json"
    let (first, second) = (FileDigests(path: memory, settling: -2), FileDigests(path: memory, settling: -2))
    _ = first.digest(of: folder.write("one", to: "x"))
    _ = second.digest(of: folder.write("two", to: "y"))
    #expect(try Value(jsonFile: memory).object?.count == 2)
  }

  @Test func youngFilesAreNotRemembered() {
    let folder = TemporaryFolder()
    let digests = FileDigests(path: folder.path + "/digests.json")
    #expect(digests.digest(of: folder.write("one", to: "x")) == SHA256.hex(of: "one"))
    #expect(!folder.exists("digests.json"))
    #expect(digests.digest(of: folder.path + "/absent") == nil)
  }
}

@Suite struct WholeFileTests {
  @Test func digestsAreReadInPieces() {
    let folder = TemporaryFolder()
    let path = folder.write(String(repeating: "a", count: 1_000_000), to: "a")
    #expect(SHA256.hex(ofFile: path) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    #expect(SHA256.hex(ofFile: folder.path + "/absent") == nil)
  }

  @Test func jsonIsReadAndWhatIsNoFileIsNamed() throws {
    let folder = TemporaryFolder()
    #expect(
      try Value(jsonFile: folder.write(#"{"a": [1], "b": 2}"#, to: "v.json"), skipping: ["a"]) == ["a": .null, "b": 2])
    for (path, problem) in [("/absent.json", "there is no such file"), ("", "is a folder, but a file was expected")] {
      let error = #expect(throws: DocumentError.self) { try Value(jsonFile: folder.path + path) }
      #expect(error == DocumentError(place: .file(folder.path + path), problem: problem))
    }
  }
}

@Suite struct RegularFileTests {
  /// Links that lead nowhere are named as such.
  @Test func linksAreFollowedOrNamed() throws {
    let folder = TemporaryFolder()
    func link(_ name: String, to target: String) throws -> String {
      try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/\(name)", withDestinationPath: target)
      return "\(folder.path)/\(name)"
    }
    folder.write("x", to: "file")
    let (good, dead) = (try link("good", to: "file"), try link("dead", to: "absent"))
    let circle = try link("a", to: "b")
    _ = try link("b", to: "a")
    #expect(RegularFile.obstacle(to: good) == nil)
    #expect(RegularFile.obstacle(to: dead) == "is a link to 'absent', where there is no file")
    #expect(RegularFile.obstacle(to: circle) == "is a link that leads back to itself")
    #expect(RegularFile.obstacle(to: folder.path + "/none") == "there is no such file")
    #expect([good, dead, circle].allSatisfy(RegularFile.isNamed) && !RegularFile.isNamed(folder.path + "/none"))
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

  /// Who asks whether a lock is held keeps nobody away from it, not even for a moment.
  @Test func askingNeverTakesIt() throws {
    let folder = TemporaryFolder()
    let path = folder.write("", to: "c.lock")
    let asking = Thread {
      while !Thread.current.isCancelled { _ = FileLock.isHeld(path: path) }
    }
    asking.start()
    defer { asking.cancel() }
    for _ in 0..<2000 {
      folder.write("", to: "c.lock")
      let lock = try FileLock.attempt(path: path)
      #expect(lock != nil)
      withExtendedLifetime(lock) {}
    }
  }

  /// Many threads count with a file that only the lock protects; its removal at each release must let nobody in beside
  /// another.
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
