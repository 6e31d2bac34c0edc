import Foundation
import TestSupport
import Testing

/// The rules of the house, which the compiler does not know.
@Suite struct HouseTests {
  /// What each room may import of this package and of outside libraries; what comes with the compiler aside.
  private static let arrows: [String: Set<String>] = [
    "Support": [],
    "LinearAlgebra": ["CKernels", "COpenBLAS", "CLBFGS"],
    "OptimalTransport": ["LinearAlgebra", "CKernels"],
    "Learning": ["Support", "LinearAlgebra", "HeapModule"],
    "Alignment": ["Support", "LinearAlgebra", "OptimalTransport", "Learning", "CKernels"],
    "Processes": [],
    "Documents": [],
    "Files": ["Documents", "CCrypto"],
    "YAML": ["Documents", "Files", "Yams", "CYaml"],
    "Datasets": [
      "LinearAlgebra", "Documents", "Files", "YAML", "Processes", "CGuard", "CHDF5", "CHDF5Filters", "CPNG", "CZlib",
    ],
    "Figures": ["Support", "LinearAlgebra", "Processes"],
    "Manifests": ["Documents", "Files", "YAML"],
    "Runs": ["Support", "Manifests", "Documents", "Files", "Processes"],
    "Pipeline": [
      "Support", "LinearAlgebra", "OptimalTransport", "Processes", "Documents", "Files", "Datasets", "Figures",
      "Manifests", "Runs",
    ],
    "Reports": [
      "Support", "Pipeline", "Runs", "Manifests", "Documents", "Files", "Datasets", "Figures", "LinearAlgebra",
    ],
    "Site": ["Reports", "Pipeline", "Runs", "Manifests", "Documents", "Files", "CMarkdown"],
    "Baselines": ["LinearAlgebra", "OptimalTransport", "Learning", "CClp"],
    "Experiments": [
      "Pipeline", "Baselines", "SolverCatalogue", "UserProblems", "Support", "LinearAlgebra", "OptimalTransport",
      "Learning", "Alignment",
      "Processes", "Documents", "Datasets", "Figures", "Runs",
    ],
    "SolverCatalogue": ["Support", "LinearAlgebra", "OptimalTransport", "Learning", "Alignment", "Documents"],
    "UserProblems": [
      "LinearAlgebra", "OptimalTransport", "Alignment", "Learning", "SolverCatalogue", "Documents", "YAML", "Datasets",
      "Figures",
    ],
    "otlab": [
      "SolverCatalogue", "UserProblems", "Experiments", "Baselines", "Pipeline", "Site", "Reports", "Runs", "Processes",
      "Manifests",
      "Documents", "Files", "Datasets", "Figures", "LinearAlgebra", "OptimalTransport",
      "ArgumentParser",
    ],
  ]
  /// What the build itself runs; the product does not hold it.
  private static let tools: Set<String> = ["registrar"]
  /// What comes with the compiler.
  private static let system: Set<String> = ["Foundation", "Dispatch", "SwiftGlibc", "Synchronization"]

  /// The rooms that a program in another language can load as one small library: without Foundation, and so without
  /// ICU, and without files.
  private static let core: Set<String> = [
    "Support", "LinearAlgebra", "OptimalTransport", "Learning", "Alignment", "Documents", "SolverCatalogue",
  ]
  /// What these may import of what comes with the compiler, and of C.
  private static let systemOfCore: Set<String> = ["FoundationEssentials", "Dispatch", "Glibc", "Synchronization"]
  private static let librariesOfCore: Set<String> = ["CKernels", "COpenBLAS", "CLBFGS", "HeapModule"]
  /// Asks the kernel what memory there is, which tells it by files of its own.
  private static let asksTheKernel = "Sources/LinearAlgebra/MachineMemory.swift"

  private static func files(_ folder: String, endings: Set<String>) -> [String] {
    let all = FileManager.default.enumerator(atPath: packageFolder + "/" + folder)?.compactMap { $0 as? String } ?? []
    return all.filter { endings.contains(($0 as NSString).pathExtension) }.map { "\(folder)/\($0)" }.sorted()
  }

  private static func text(_ file: String) throws -> String {
    try String(contentsOfFile: packageFolder + "/" + file, encoding: .utf8)
  }

  @Test func importsPointDown() throws {
    let files = Self.files("Sources", endings: ["swift"])
    #expect(files.count > 40)
    for file in files {
      let room = String(file.split(separator: "/")[1])
      if Self.tools.contains(room) { continue }
      let allowed = try #require(Self.arrows[room], "\(room) is no known room").union(
        Self.core.contains(room) ? Self.systemOfCore : Self.system)
      for line in try Self.text(file).split(separator: "\n")
      where line.hasPrefix("import ") || line.contains(" import ") {
        let words = line.split(separator: " ")
        guard let index = words.firstIndex(of: "import"), !line.hasPrefix("//"), !line.hasPrefix("  ") else { continue }
        let module = String(words[index + 1].prefix { $0 != "." })
        #expect(allowed.contains(module), "\(file) imports \(module)")
      }
    }
  }

  @Test func coreRoomsNeedNoOthers() throws {
    for room in Self.core {
      let outside = try #require(Self.arrows[room]).subtracting(Self.core).subtracting(Self.librariesOfCore)
      #expect(outside.isEmpty, "\(room) needs \(outside.sorted().joined(separator: ", "))")
    }
  }

  /// Readers of bytes and texts are no readers of files.
  @Test func filesStayOutsideOfCoreRooms() throws {
    let marks =
      #/
      \b(?:f?open|opendir|mkdir|unlink|rename|l?stat|puts|print)\(
      | FileHandle | FileManager | contentsOfFile | \btoFile\b | \bstd(?:out|err)\b
      /#
    for file in Self.core.flatMap({ Self.files("Sources/\($0)", endings: ["swift"]) }) where file != Self.asksTheKernel
    {
      for line in try Self.text(file).split(separator: "\n") where !line.drop(while: { $0 == " " }).hasPrefix("//") {
        #expect(line.firstMatch(of: marks) == nil, "\(file): \(line)")
      }
    }
  }

  @Test func filesAreShort() throws {
    var lengths: [Int] = []
    for file in Self.files("Sources", endings: ["swift", "c", "h"]) + Self.files("Tests", endings: ["swift"]) {
      let count = try Self.text(file).split(separator: "\n", omittingEmptySubsequences: false).count
      #expect(count <= 500, "\(file) has \(count) lines")
      lengths.append(count)
    }
    let long = lengths.count { $0 > 350 }
    #expect(Double(long) <= 0.05 * Double(lengths.count), "\(long) files have more than 350 lines")
  }

  /// As the formatter keeps it, and what it leaves alone: comments, texts, and C.
  @Test func linesAreShort() throws {
    for file in Self.files("Sources", endings: ["swift", "c", "h", "inc"]) + Self.files("Tests", endings: ["swift"]) {
      for (number, line) in try Self.text(file).split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        #expect(line.count <= 120, "\(file):\(number + 1) has \(line.count) columns")
      }
    }
  }

  @Test func nothingIsForcedOrUnfinished() throws {
    let marks = ["try" + "!", "fatal" + "Error(", "TO" + "DO", "FIX" + "ME"]
    for file in Self.files("Sources", endings: ["swift", "c", "h"]) {
      let text = try Self.text(file)
      for mark in marks { #expect(!text.contains(mark), "\(file) contains \(mark)") }
    }
  }

  /// CPU-dependent code lives in CKernels alone, and nothing forbids use as a versioned dependency.
  @Test func thePackageNeedsNoUnsafeFlags() throws {
    #expect(try !Self.text("Package.swift").contains("unsafeFlags"))
  }

  /// Every experiment has a manifest, a README and a baseline.
  @Test func experimentsAreComplete() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: packageFolder + "/experiments")
    for name in names {
      for file in ["manifest.yaml", "README.md", "baseline.json"] {
        #expect(
          FileManager.default.fileExists(atPath: "\(packageFolder)/experiments/\(name)/\(file)"),
          "\(name) has no \(file)")
      }
    }
  }
}
