import Foundation
import TestSupport
import Testing

/// The folders of OptimalTransport, which is one module to the compiler: what is declared in one may be used in those
/// above it alone.
@Suite struct FolderTests {
  /// From the bottom up, each with the folders that it may use.
  private static let order: [(folder: String, uses: Set<String>)] = [
    ("Core", []),
    ("Operators", ["Core"]),
    ("Linear", ["Core", "Operators"]),
    ("Quadratic", ["Core", "Operators", "Linear"]),
    // Conic solvers start from the anchored matchings of two tables.
    ("Conic", ["Core", "Operators", "Linear", "Quadratic"]),
    ("Tree", ["Core", "Operators", "Linear"]),
    ("Maps", ["Core", "Linear"]),
  ]

  private struct File {
    let name: String
    let folder: String
    /// Without comments and strings.
    let code: String
    /// Types, functions and constants at top level that other files can see.
    let declared: [String]
  }

  @Test func noFolderNeedsOneAboveIt() throws {
    let root = packageFolder + "/Sources/OptimalTransport"
    let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
    let files = try names.filter { $0.hasSuffix(".swift") }.sorted().map { name in
      let code = Self.stripped(try String(contentsOfFile: "\(root)/\(name)", encoding: .utf8))
      return File(
        name: name, folder: (name as NSString).deletingLastPathComponent, code: code,
        declared: code.matches(of: Self.declaration).map { String($0.output.1) })
    }
    #expect(files.count > 80)
    #expect(Set(files.map(\.folder)) == Set(Self.order.map(\.folder)), "every file lies in a known folder")
    for (position, (folder, uses)) in Self.order.enumerated() {
      #expect(uses.isSubset(of: Self.order[..<position].map(\.folder)), "\(folder) uses folders below it alone")
    }
    var homes: [String: Set<String>] = [:]
    for file in files { for name in file.declared { homes[name, default: []].insert(file.folder) } }
    #expect(homes.count > 100)
    for file in files {
      let allowed = Self.order.first { $0.folder == file.folder }?.uses ?? []
      for word in Set(file.code.matches(of: Self.word).map { String($0.output.1) }) {
        guard let home = homes[word], !home.contains(file.folder) else { continue }
        #expect(home.isSubset(of: allowed), "\(file.name) uses \(word) of \(home.sorted().joined(separator: ", "))")
      }
    }
  }

  /// A declaration that begins a line, and is not private to its file.
  private static var declaration: Regex<(Substring, Substring)> {
    #/
    (?m)^ (?:@\w+\ )* (?:public\ |package\ |final\ |indirect\ )*
    (?:struct|class|enum|protocol|typealias|actor|func|let|var)\ (\w+)
    /#
  }

  /// A name that is no member of another.
  private static var word: Regex<(Substring, Substring)> { /(?:^|[^.\w])([A-Za-z_]\w*)/ }

  private static func stripped(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let bare = line.replacing(/"(?:\\.|[^"\\])*"/, with: "\"\"")
      return bare.firstRange(of: "//").map { String(bare[..<$0.lowerBound]) } ?? String(bare)
    }.joined(separator: "\n")
  }
}
