import Foundation
import TestSupport
import Testing

/// The rules of the house, which the compiler does not know.
@Suite struct HouseTests {
  /// What each room may import of this package and of outside libraries; Foundation, Dispatch and C targets of the system aside.
  private static let arrows: [String: Set<String>] = [
    "Support": [],
    "LinearAlgebra": ["CKernels", "COpenBLAS"],
    "OptimalTransport": ["LinearAlgebra", "CKernels"],
    "Learning": ["Support", "LinearAlgebra"],
    "Alignment": ["Support", "LinearAlgebra", "OptimalTransport", "Learning", "CKernels"],
    "Processes": [],
    "Documents": ["Yams", "CYaml"],
    "Datasets": ["LinearAlgebra", "Documents", "Processes", "CGuard", "CHDF5", "CHDF5Filters", "CPNG", "CZlib"],
    "Figures": ["Support", "LinearAlgebra", "Processes"],
    "Manifests": ["Documents"],
    "Runs": ["Support", "Manifests", "Documents", "Processes"],
    "Pipeline": ["Support", "LinearAlgebra", "OptimalTransport", "Processes", "Documents", "Datasets", "Figures", "Manifests", "Runs"],
    "Reports": ["Support", "Pipeline", "Runs", "Manifests", "Documents", "Datasets", "Figures", "LinearAlgebra"],
    "Site": ["Reports", "Pipeline", "Runs", "Manifests", "Documents", "CMarkdown"],
    "Baselines": ["LinearAlgebra", "OptimalTransport", "Learning", "CGLPK"],
    "Experiments": [
      "Pipeline", "Baselines", "SolverCatalogue", "UserProblems", "Support", "LinearAlgebra", "OptimalTransport", "Learning", "Alignment",
      "Processes", "Documents", "Datasets", "Figures", "Runs",
    ],
    "SolverCatalogue": ["Support", "LinearAlgebra", "OptimalTransport", "Learning", "Alignment", "Documents"],
    "UserProblems": [
      "LinearAlgebra", "OptimalTransport", "Alignment", "Learning", "SolverCatalogue", "Documents", "Datasets", "Figures",
    ],
    "otlab": [
      "SolverCatalogue", "UserProblems", "Experiments", "Baselines", "Pipeline", "Site", "Reports", "Runs", "Processes", "Manifests",
      "Documents", "Datasets", "Figures", "LinearAlgebra", "OptimalTransport",
      "ArgumentParser",
    ],
  ]
  /// What the build itself runs; the product does not hold it.
  private static let tools: Set<String> = ["registrar"]
  private static let system: Set<String> = ["Foundation", "Dispatch", "SwiftGlibc", "Synchronization"]

  private static func files(_ folder: String, endings: Set<String>) -> [String] {
    let all = FileManager.default.enumerator(atPath: packageFolder + "/" + folder)?.compactMap { $0 as? String } ?? []
    return all.filter { endings.contains(($0 as NSString).pathExtension) }.map { "\(folder)/\($0)" }.sorted()
  }

  private static func text(_ file: String) throws -> String { try String(contentsOfFile: packageFolder + "/" + file, encoding: .utf8) }

  @Test func importsPointDown() throws {
    let files = Self.files("Sources", endings: ["swift"])
    #expect(files.count > 40)
    for file in files {
      let room = String(file.split(separator: "/")[1])
      if Self.tools.contains(room) { continue }
      let allowed = try #require(Self.arrows[room], "\(room) is no known room").union(Self.system)
      for line in try Self.text(file).split(separator: "\n") where line.hasPrefix("import ") || line.contains(" import ") {
        let words = line.split(separator: " ")
        guard let index = words.firstIndex(of: "import"), !line.hasPrefix("//"), !line.hasPrefix("  ") else { continue }
        let module = String(words[index + 1].prefix { $0 != "." })
        #expect(allowed.contains(module), "\(file) imports \(module)")
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
        #expect(FileManager.default.fileExists(atPath: "\(packageFolder)/experiments/\(name)/\(file)"), "\(name) has no \(file)")
      }
    }
  }
}
