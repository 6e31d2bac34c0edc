import Foundation
import LinearAlgebra
import Processes
import TestSupport
import Testing

@testable import Reports

/// Tables as LaTeX reads them.
///
/// In `make soak` pdflatex of texlive-latex-base and -recommended compiles them.
@Suite struct LaTeXTests {
  @Test func committedTablesCompile() throws {
    let started = Date()
    let root = packageFolder + "/results/tables"
    let files = (FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []).filter {
      $0.hasSuffix(".tex")
    }.sorted()
    #expect(files.count > 20)
    let tables = try files.map { try String(contentsOfFile: "\(root)/\($0)", encoding: .utf8) }
    for (file, table) in zip(files, tables) {
      #expect(
        !table.contains(#/(\\\\|rule)\s*\n[\[*]/#), "\(file): a row begins with what the end of a row takes for its own"
      )
    }
    if let complaint = try compile(tables) { Issue.record("\(complaint)") }
    Soak.report("latex", "committed tables by pdflatex", cases: files.count, outcome: "all compile", since: started)
  }

  /// Rows of odd texts: each is refused, or is ASCII that compiles.
  @Test func oddTextsCompileOrAreRefused() throws {
    let started = Date()
    let count = Soak.count(2000, sample: 500)
    var (tables, refused): ([String], Int) = ([], 0)
    for number in 0..<count {
      var source = OddText(seed: number)
      let texts = (0..<2).map { _ in source.next(canary: "canary") }
      let table = Table(
        name: "t", title: texts[0],
        columns: [.init(title: texts[1], isNumeric: false), .init(title: "n", isNumeric: true)],
        rows: [[.text(texts[1]), .number(-1, digits: 1)], [.empty, .empty]], notes: [texts[1]])
      do {
        let text = try TableFormat.latex.render(table)
        tables.append(text)
        #expect(
          text.split(separator: "\n").dropFirst().allSatisfy { $0.unicodeScalars.allSatisfy(\.isASCII) }, "\(text)")
      } catch {
        refused += 1
        #expect(error.description.utf8.starts(with: "the table 't' cannot be written as LaTeX: '".utf8))
      }
    }
    #expect(tables.count > count / 20 && refused > count / 20)
    // All that LaTeX has a form for, in one table.
    let known = (0x20..<0x3000).compactMap(Unicode.Scalar.init).map { String($0) }.filter {
      (try? LaTeXText.of($0)) != nil
    }
    #expect(known.count > 400)
    for start in stride(from: 0, to: known.count, by: 40) {
      let rows = known[start..<min(start + 40, known.count)].map { [$0] }
      tables.append(
        try TableFormat.latex.render(
          Table(name: "all", title: "all", columns: [.init(title: "c", isNumeric: false)], rows: rows)))
    }
    if let complaint = try compile(tables) { Issue.record("\(complaint)") }
    Soak.report(
      "latex", "tables of odd texts by pdflatex", cases: count,
      outcome: "\(tables.count) compile, \(refused) are refused", since: started)
  }

  /// What pdflatex says against tables; nil when all compile, or when it is not asked.
  private func compile(_ tables: [String]) throws -> String? {
    guard Soak.isFull else { return nil }
    let folder = TemporaryFolder()
    let body = tables.map { "{\\tiny\n\($0)\n}\\clearpage\n" }.joined()
    folder.write(
      "\\documentclass{article}\n\\usepackage{booktabs}\n\\hfuzz=\\maxdimen\n\\vfuzz=\\maxdimen\n"
        + "\\begin{document}\n\(body)\\end{document}\n",
      to: "t.tex")
    let output = try ProgramOutput(
      of: ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "t.tex"], in: folder.path,
      seconds: 300)
    if output.succeeded { return nil }
    return "pdflatex: "
      + output.text.split(separator: "\n").drop { !$0.hasPrefix("!") }.prefix(8).joined(separator: " ")
  }
}
