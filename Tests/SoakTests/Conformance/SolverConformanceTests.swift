import Foundation
import TestSupport
import Testing

@testable import UserProblems

/// Every solver has a conformance of its own, which says of POT what the page for its users says.
@Suite struct SolverConformanceTests {
  @Test func everySolverHasOne() {
    #expect(conformances.map { $0.name }.sorted() == SolverEntry.all.map(\.name).sorted())
    for conformance in conformances {
      #expect(String(describing: conformance) == conformance.wantedTypeName)
      let known = Set(conformance.inputs.map(\.name))
      #expect(
        !conformance.choices.isEmpty && conformance.choices.allSatisfy { !$0.isEmpty && known.isSuperset(of: $0) },
        "\(conformance)")
    }
  }

  /// What an oracle throws is a fault; nothing may take its place.
  @Test func noCertificatePassesOverItsOracle() throws {
    for folder in ["Certificates", "Conformance"] {
      let path = "\(packageFolder)/Tests/SoakTests/\(folder)"
      for file in try FileManager.default.contentsOfDirectory(atPath: path) {
        #expect(try !String(contentsOfFile: "\(path)/\(file)", encoding: .utf8).contains("try" + "?"), "\(file)")
      }
    }
  }

  @Test func thePageForUsersOfPOTNamesTheSameFunctions() throws {
    let rows = try Self.rows()
    #expect(rows.count > 20)
    for row in rows {
      let conformance = conformances.first { $0.name == row.solver }
      #expect(conformance?.pot.contains(row.function) == true, "the page has \(row.function) beside \(row.solver)")
    }
    for conformance in conformances {
      #expect(Set(conformance.pot).count == conformance.pot.count)
      for function in conformance.pot {
        let isThere = rows.contains { $0.function == function && $0.solver == conformance.name }
        #expect(isThere, "the page has no row of \(function) beside \(conformance.name)")
      }
    }
  }

  /// The rows of all tables of the page whose last column is "equal to": the function that the first column calls, and
  /// the solver of the fourth.
  private static func rows() throws -> [(function: String, solver: String)] {
    let page = packageFolder + "/Sources/OptimalTransport/OptimalTransport.docc/ForPOTUsers.md"
    var rows: [(String, String)] = []
    var isInside = false
    for line in try String(contentsOfFile: page, encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false)
    {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard line.hasPrefix("|"), cells.count == 5 else {
        isInside = false
        continue
      }
      if cells[4] == "equal to" { isInside = true }
      guard isInside, cells[0].hasPrefix("`") else { continue }
      // Around it may stand what numpy and Python have.
      let calls = cells[0].matches(of: /([A-Za-z_][\w.]*)\(/).map { String($0.output.1) }
      let function = try #require(calls.first { !$0.hasPrefix("np.") && $0 != "min" }, "\(line)")
      let words = cells[3].split { $0 == "`" || $0 == " " }
      rows.append((function, try #require(words.first.map(String.init), "\(line)")))
    }
    return rows
  }
}
