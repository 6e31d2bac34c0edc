import Foundation
import TestSupport
import Testing

/// The report as a user meets it: a folder that leads nowhere outside itself.
@Suite struct ReportTests {
  /// The targets of all links and pictures of a page that are files.
  private static func targets(of page: String) throws -> [String] {
    let text = try String(contentsOfFile: page, encoding: .utf8)
    let folder = (page as NSString).deletingLastPathComponent
    return text.matches(of: /(?:href|src)="([^"]*)"/).map { String($0.1) }.filter {
      !$0.hasPrefix("data:") && !$0.hasPrefix("https:")
    }
    .map { "\(folder)/\($0.removingPercentEncoding ?? $0)" }
  }

  @Test func everyLinkLeadsToAFile() throws {
    let workspace = Workspace(sweepOver: "[20, 30]")
    #expect(try workspace.run("run", "sweep").code == 0)
    #expect(try workspace.run("accept", "sweep", "--by", "a test", "--reason", "first", "--yes").code == 0)
    let result = try workspace.run("report")
    #expect(result.code == 0 && result.output.contains("results/report/index.html"))
    let site = workspace.path + "/results/report"
    var pages = ["\(site)/index.html"]
    var seen: Set<String> = []
    while let page = pages.popLast() {
      guard seen.insert((page as NSString).standardizingPath).inserted else { continue }
      for target in try Self.targets(of: page) {
        #expect(FileManager.default.fileExists(atPath: target), "\(page) leads to \(target)")
        if target.hasSuffix(".html") { pages.append(target) }
      }
    }
    #expect(seen.count == 2)
    let page = try String(contentsOfFile: "\(site)/sweep/index.html", encoding: .utf8)
    #expect(page.contains("matches the baseline") && page.contains("otlab run sweep") && page.contains("data.samples"))
    #expect(!page.contains("<script") && !page.contains("http://"))
    let files = try FileManager.default.contentsOfDirectory(atPath: "\(site)/sweep/figures")
    #expect(files.contains("f.png") && files.allSatisfy { $0.hasSuffix(".png") || $0 == "rows" })
    // Nothing is left beside it.
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: workspace.path + "/results").sorted() == [
        ".staging", "report", "sweep",
      ])
  }

  @Test func aReportReplacesAReportAndNothingElse() throws {
    let workspace = Workspace(sweepOver: "[20]")
    #expect(try workspace.run("report", "-o", "site").code == 0)
    #expect(try String(contentsOfFile: workspace.path + "/site/index.html", encoding: .utf8).contains("not run"))
    #expect(try workspace.run("run", "sweep").code == 0)
    #expect(try workspace.run("report", "-o", "site").code == 0)
    #expect(try String(contentsOfFile: workspace.path + "/site/index.html", encoding: .utf8).contains("no baseline"))
    workspace.folder.write("dear", to: "letters/aunt.txt")
    let refused = try workspace.run("report", "-o", "letters")
    #expect(refused.code == 73 && refused.sentences.count == 1 && refused.errors.contains("letters"))
    #expect(FileManager.default.fileExists(atPath: workspace.path + "/letters/aunt.txt"))
  }
}
