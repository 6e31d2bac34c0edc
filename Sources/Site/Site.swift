import Files
import Foundation
import Reports

/// A report as a folder of files for a browser: an index, a style sheet, and a page for each experiment.
public struct Site: Sendable {
  /// The pages in the order of the index.
  public let pages: [ExperimentPage]
  /// The text below the title of the index.
  public let preface: String

  /// Creates a site from its pages and the text of its index.
  public init(pages: [ExperimentPage], preface: String) {
    self.pages = pages
    self.preface = preface
  }

  /// Writes the pages into a folder that may already hold their figures, or throws an error if a file cannot be
  /// written.
  public func write(into folder: String) throws {
    let names = Set(pages.map(\.name))
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    func put(_ text: String, _ name: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
    try put(siteStyle, "style.css")
    for each in pages {
      let place = "\(folder)/\(Self.folder(of: each.name))"
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
      try put(each.html(experiments: names), "\(Self.folder(of: each.name))/index.html")
      for table in each.tables {
        try put(try TableFormat.csv.render(table), "\(Self.folder(of: each.name))/\(table.name.asFileName()).csv")
      }
    }
    try put(index, "index.html")
  }

  /// Returns the name of an experiment's folder in the site.
  public static func folder(of name: String) -> String { name.asFileName { ["index.html", "style.css"].contains($0) } }

  private var index: String {
    let counts = Dictionary(grouping: pages) { $0.verdict.word }.mapValues(\.count).sorted {
      ($1.value, $0.key) < ($0.value, $1.key)
    }
    let verdicts = counts.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    let cards = pages.map { page in
      let folder = HTML.reference(to: Self.folder(of: page.name))
      let link = "\(folder)/index.html"
      let shot: HTML =
        page.thumbnail.map {
          .void("img", ["src": "\(folder)/\(HTML.reference(to: $0.path))", "alt": $0.caption, "loading": "lazy"])
        } ?? "no figure yet"
      return HTML.element(
        "li", ["class": "card"],
        .element("a", ["href": link, "class": "shot", "aria-label": page.title], shot),
        .element(
          "div", ["class": "words"],
          .element("h2", [:], .element("a", ["href": link], .text(page.title))),
          .element("p", [:], page.verdict.badge),
          .element(
            "p", ["class": "source"], .text([page.name, page.source].filter { !$0.isEmpty }.joined(separator: " · "))),
          .element("p", ["class": "source"], .text(page.runs))))
    }
    let body = HTML.joined([
      .element("h1", [:], "otlab: experiments and results"), .element("p", [:], .text(preface)),
      .element("p", ["class": "source"], .text("\(pages.count) experiments: \(verdicts).")),
      .element("ul", ["class": "cards"], .joined(cards, by: "\n")),
    ])
    return page(title: "otlab report", style: "style.css", body: body)
  }
}
