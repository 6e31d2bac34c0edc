import Foundation
import Reports
import TestSupport
import Testing

@testable import Site

@Suite struct SiteTests {
  @Test func textIsEscapedAndMarkupIsNot() {
    let element = HTML.element("p", ["title": "a\"b"], "1 < 2 & \("<script>")", .void("br"))
    #expect(element.source == "<p title=\"a&quot;b\">1 &lt; 2 &amp; &lt;script&gt;<br></p>")
  }

  @Test func referencesKeepNothingWithAMeaning() {
    #expect(HTML.reference(to: "figures/λ=1 #2?.png") == "figures/%CE%BB%3D1%20%232%3F.png")
  }

  @Test func markdownHasTablesAndNoRawMarkup() {
    let html = Markdown.html("| a | b |\n| --- | ---: |\n| *x* | 2 |\n\n<script>alert(1)</script>\n") { $0 }.source
    #expect(html.contains("<div class=\"wide\"><table>"))
    #expect(html.contains("<em>x</em>"))
    #expect(!html.contains("<script>"))
  }

  @Test func headingsStandBelowThePages() {
    #expect(Markdown.html("## Data\n") { $0 }.source == "<h3>Data</h3>\n")
  }

  @Test func linksThatLeadNowhereLoseOnlyTheLink() {
    let text =
      "See [the other *one*](../other/README.md), [a guide](../../GUIDE.md) and [the web](https://example.org)."
    let html = Markdown.html(text) { target in
      target.hasPrefix("https:") ? target : target == "../other/README.md" ? "../other/index.html" : nil
    }.source
    #expect(
      html.contains(
        """
        <a href=\"../other/index.html\">the other <em>one</em></a>, a guide and <a href=\"https://example.org\">the \
        web</a>.
        """
      ))
  }

  /// Nothing of a README is carried out, and no picture asks a network for itself.
  @Test func readmesAreInert() {
    let text = """
      ![seen](https://example.org/seen.png) [a](javascript:alert(1)) <javascript:b> [c](data:text/html,x) <img src=x \
      onerror=y> `<script>`

      <iframe src="https://example.org"></iframe>
      """
    let html = Markdown.html(text) { $0.hasPrefix("https://") ? $0 : nil }.source
    for word in ["src=", "href=", "<script", "<iframe", "onerror"] { #expect(!html.contains(word), "\(html)") }
    #expect(html.contains("seen") && html.contains("<code>&lt;script&gt;</code>"))
    #expect(HTML.text("a\u{0}\u{1B}[31m\n").source == "a\u{FFFD}\u{FFFD}[31m\n")
  }

  @Test func pagesHaveFoldersOfTheirOwn() {
    let names = ["index.html", "style.css", "..", "a/b", "a-b", "plain", ".otlab-report"]
    let folders = names.map(Site.folder)
    #expect(
      Set(folders).count == names.count
        && !folders.contains { ["index.html", "style.css"].contains($0) || $0.hasPrefix(".") })
    #expect(Site.folder(of: "plain") == "plain")
  }

  @Test func aSiteIsWhole() throws {
    let folder = TemporaryFolder()
    let table = Table(
      name: "t", title: "T <1>",
      columns: [.init(title: "row", isNumeric: false), .init(title: "value", isNumeric: true)],
      rows: [[.text("a & b"), .number(0.5, digits: 2, isFlagged: true)]], notes: ["† not converged"])
    let page = ExperimentPage(
      name: "mine", title: "Mine", source: "someone2020", tier: "smoke",
      verdict: .init(word: "moved", sentence: "It moved.", tone: .bad),
      runs: "1 of 1 runs", tables: [table], overview: [], rows: [.init(caption: "a: plan", path: "figures/row 1.png")],
      explanation: "# Mine\n\nWhat it says.\n", commands: ["otlab run mine"],
      facts: [.init(title: "Inputs", lines: [("x", "0f")])],
      details: [])
    try Site(pages: [page], preface: "Of today.").write(into: folder.path)
    let index = try String(contentsOfFile: folder.path + "/index.html", encoding: .utf8)
    let own = try String(contentsOfFile: folder.path + "/mine/index.html", encoding: .utf8)
    #expect(index.contains("1 experiments: 1 moved.") && index.contains("mine/figures/row%201.png"))
    #expect(
      own.contains("T &lt;1&gt;") && own.contains("<td class=\"number\">0.50†</td>") && own.contains("† not converged"))
    #expect(own.contains("What it says.") && own.components(separatedBy: "<h1>").count == 2)
    #expect(try String(contentsOfFile: folder.path + "/mine/t.csv", encoding: .utf8).hasPrefix("row,value"))
    #expect(FileManager.default.fileExists(atPath: folder.path + "/style.css"))
  }
}
