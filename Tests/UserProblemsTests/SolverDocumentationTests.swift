import Foundation
import SolverCatalogue
import TestSupport
import Testing
import UserProblems

/// What the documentation says of solvers comes from the catalogue.
@Suite struct SolverDocumentationTests {
  private let pages = SolverDocumentation.pages

  @Test(arguments: SolverEntry.all.map(\.name)) func eachSolverStandsOnOnePage(name: String) throws {
    let entry = try SolverEntry.named(name)
    let own = pages.filter { $0.text.contains("manifests: \(name)\n") }
    #expect(own.count == 1)
    let text = try #require(own.first).text
    for setting in entry.settings where setting.kind != .mapping {
      #expect(text.contains("\n| `\(setting.path.dropFirst().joined(separator: "."))` | "), "\(setting.path)")
    }
    for input in entry.inputs { #expect(text.contains("\n| `\(input.name)` | \(input.shape) | "), "\(input.name)") }
  }

  /// The pages add to types of modules whose documentation is built.
  @Test func pagesBelongToDocumentedModules() {
    for page in pages {
      #expect(
        FileManager.default.fileExists(atPath: "\(packageFolder)/Sources/\(page.module)/\(page.module).docc"),
        "\(page.module)")
      #expect(page.text.hasPrefix("# ``\(page.module)/\(page.type)``\n"))
    }
  }
}
