import Foundation
import Testing

@testable import LinearAlgebra

@Suite struct MachineMemoryTests {
  @Test func theLeastBoundDecidesAndIsNamed() {
    let bounds = [
      MachineMemory.Bound(bytes: 24e9, holder: "this machine has"), .init(bytes: 2e9, holder: "this process may have"),
    ]
    #expect(MachineMemory.shortfall(bytes: 1.9e9, within: bounds) == nil)
    #expect(
      MachineMemory.shortfall(bytes: 30e9, within: bounds)
        == "about 30.0 GB of memory, but this process may have 2.0 GB")
    #expect(
      MachineMemory.shortfall(bytes: 30e9, within: [bounds[0]])
        == "about 30.0 GB of memory, but this machine has 24.0 GB")
    #expect(
      MachineMemory.shortfall(bytes: 3e8, within: [.init(bytes: -1, holder: "this has")])
        == "about 300 MB of memory, but this has 0 MB")
    #expect(MachineMemory.shortfall(bytes: 1e15)?.hasPrefix("about 1000000.0 GB of memory, but this ") == true)
    #expect(MachineMemory.shortfall(bytes: .infinity) != nil && MachineMemory.shortfall(bytes: 1e6) == nil)
    // What is held counts as part of the need.
    #expect(
      MachineMemory.shortfall(bytes: 1e15, held: 1e14)?.hasPrefix("about 1000000.0 GB of memory, but this ") == true)
  }

  /// Groups of version 2 and of version 1, of which the least limit on the way up counts.
  @Test func controlGroupsLimitWhatThereIs() throws {
    let root = NSTemporaryDirectory() + "control-groups-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    func write(_ text: String, to path: String) throws {
      let path = "\(root)/\(path)"
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
    func limit(_ groups: String) throws -> Double? {
      try write(groups, to: "list")
      return MachineMemory.controlGroupLimit(list: root + "/list", root: root + "/fs")
    }
    #expect(try limit("0::/user/job\n") == nil)
    try write("max\n", to: "fs/user/job/memory.max")
    #expect(try limit("0::/user/job\n") == nil)
    try write("3000000000\n", to: "fs/user/memory.max")
    #expect(try limit("0::/user/job\n") == 3e9)
    #expect(try limit("0::/elsewhere\n") == nil)
    try write("2000000000\n", to: "fs/memory.max")
    #expect(try limit("0::/elsewhere\n") == 2e9)
    try write("1000000000\n", to: "fs/memory/docker/memory.limit_in_bytes")
    #expect(try limit("12:cpu:/docker\n7:memory:/docker\n0::/elsewhere\n") == 1e9)
    #expect(MachineMemory.controlGroupLimit(list: root + "/absent", root: root) == nil)
  }
}
