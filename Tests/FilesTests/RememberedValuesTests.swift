import Documents
import Files
import Foundation
import TestSupport
import Testing

@Suite struct RememberedValuesTests {
  private let folder = TemporaryFolder()

  private func memory(settling: Double = -2) -> RememberedValues {
    RememberedValues(path: folder.path + "/memory.json", settling: settling)
  }

  /// The contents of the known file and of one more that only the work names, and how often they were worked out.
  private func look(_ memory: inout RememberedValues, _ count: inout Int, others: [String] = []) -> Value {
    let files = [folder.path + "/a", folder.path + "/b"]
    return memory.value("both", of: files) {
      count += 1
      let texts = (files + others).map { (try? String(contentsOfFile: $0, encoding: .utf8)) ?? "none" }
      return (.string(texts.joined(separator: " ")), others)
    }
  }

  @Test func valuesAreWorkedOutAnewWhenAFileChangesAppearsOrGoes() throws {
    let other = folder.write("other", to: "c")
    _ = folder.write("one", to: "a")
    var count = 0
    for (change, expected) in [
      ({}, "one none other"), ({ _ = folder.write("three", to: "a") }, "three none other"),
      ({ _ = folder.write("two", to: "b") }, "three two other"),
      ({ _ = folder.write("changed", to: "c") }, "three two changed"),
      ({ try? FileManager.default.removeItem(atPath: folder.path + "/a") }, "none two changed"),
    ] {
      change()
      for isFirst in [true, false] {
        var memory = memory()
        let before = count
        #expect(look(&memory, &count, others: [other]) == .string(expected))
        #expect(count - before == (isFirst ? 1 : 0), "\(expected)")
        memory.save()
      }
    }
  }

  @Test func nothingIsRememberedOfFilesThatChangedJustNow() {
    _ = folder.write("one", to: "a")
    var count = 0
    var memory = memory(settling: 60)
    for expected in 1...2 {
      #expect(look(&memory, &count) == "one none")
      #expect(count == expected)
    }
    memory.save()
    #expect(!folder.exists("memory.json"))
  }

  @Test func errorsAndDamagedMemoriesAreNotRemembered() {
    _ = folder.write("{\"both\": {\"value\": 1}}", to: "memory.json")
    var memory = memory()
    var count = 0
    #expect(look(&memory, &count) == "none none")
    #expect(throws: CocoaError.self) { try memory.value("error", of: []) { throw CocoaError(.fileNoSuchFile) } }
    #expect(memory.value("error", of: []) { ("fine", []) } == "fine")
  }
}
