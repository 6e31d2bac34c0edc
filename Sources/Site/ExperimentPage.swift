import Files
import Reports

/// The page of the report about one experiment in one tier.
public struct ExperimentPage: Sendable {
  /// The comparison of an experiment's metrics with the baseline.
  public struct Verdict: Sendable {
    /// The verdict in one or two words, for lists.
    public let word: String
    /// The verdict in one sentence.
    public let sentence: String
    /// The color of the verdict.
    public let tone: Tone

    /// The color of a verdict: good if all is as expected, bad if something is wrong, open if nothing can be said
    /// yet.
    public enum Tone: String, Sendable { case good, bad, open }

    /// Creates a verdict from a word, a sentence, and a color.
    public init(word: String, sentence: String, tone: Tone) {
      self.word = word
      self.sentence = sentence
      self.tone = tone
    }
  }

  /// A figure of the page.
  public struct Picture: Sendable {
    /// The caption, which is also the alternative text.
    public let caption: String
    /// The path relative to the page.
    public let path: String

    /// Creates a figure from its caption and its path.
    public init(caption: String, path: String) {
      self.caption = caption
      self.path = path
    }
  }

  /// A heading with a list of named facts.
  public struct Facts: Sendable {
    /// The heading above the facts.
    public let title: String
    /// The facts as pairs of a name and a text.
    public let lines: [(name: String, text: String)]

    /// Creates a list of facts.
    public init(title: String, lines: [(name: String, text: String)]) {
      self.title = title
      self.lines = lines
    }
  }

  /// The name of the experiment.
  public var name: String
  /// The title of the experiment.
  public var title: String
  /// The paper with the tables and figures that are reproduced.
  public var source: String
  /// The name of the tier whose runs the page shows.
  public var tier: String
  /// The comparison with the baseline.
  public var verdict: Verdict
  /// A sentence about the number of runs and their time.
  public var runs: String
  /// The tables of the experiment.
  public var tables: [Table]
  /// The figures about several rows.
  public var overview: [Picture]
  /// The figures of single rows.
  public var rows: [Picture]
  /// The README of the experiment as Markdown.
  public var explanation: String
  /// The commands that repeat the experiment.
  public var commands: [String]
  /// The parameters and the provenance of the runs.
  public var facts: [Facts]
  /// Tables of parameters that differ between rows and of metrics out of tolerance.
  public var details: [Table]

  /// Creates the page of an experiment in one tier.
  public init(
    name: String, title: String, source: String, tier: String, verdict: Verdict, runs: String, tables: [Table],
    overview: [Picture],
    rows: [Picture], explanation: String, commands: [String], facts: [Facts], details: [Table]
  ) {
    self.name = name
    self.title = title
    self.source = source
    self.tier = tier
    self.verdict = verdict
    self.runs = runs
    self.tables = tables
    self.overview = overview
    self.rows = rows
    self.explanation = explanation
    self.commands = commands
    self.facts = facts
    self.details = details
  }

  /// The figure that represents the experiment in the index.
  var thumbnail: Picture? { overview.first ?? rows.first }

  /// Renders the page.
  ///
  /// - Parameter names: the names of all experiments in the report, to which READMEs may link.
  /// - Returns: The page as HTML.
  func html(experiments names: Set<String>) -> String {
    let readme = Markdown.html(Self.withoutTitle(explanation)) { target in Self.place(of: target, names) }
    let numbers = tables.map { table in
      let file = HTML.element(
        "a", ["href": HTML.reference(to: "\(table.name.asFileName()).csv")], "in full precision, as CSV")
      return table.html + .element("p", ["class": "note"], file)
    }
    var sections: [HTML] = [section("tables", "Tables", numbers)]
    sections.append(
      section(
        "figures", "Figures",
        overview.map(\.html) + [
          folded("Figures of single rows (\(rows.count))", rows.map(\.html), isOpen: overview.isEmpty)
        ]))
    sections.append(section("about", "About", [.element("div", ["class": "readme"], readme)]))
    sections.append(
      section(
        "again", "Run it again", [.element("pre", [:], .element("code", [:], .text(commands.joined(separator: "\n"))))])
    )
    sections.append(
      section(
        "facts", "Parameters and provenance",
        facts.map(\.html) + details.map { folded("\($0.title)", [$0.html(withTitle: false)]) }))
    let head = HTML.joined([
      .element("p", [:], .element("a", ["href": "../index.html"], "← all experiments")),
      .element("h1", [:], .text(title)),
      .element("p", ["class": "source"], .text(source.isEmpty ? name : "\(name) · \(source)")),
      .element("p", [:], verdict.badge, " ", .text(verdict.sentence)),
      .element("p", ["class": "source"], .text(runs)),
    ])
    return page(title: "\(title) – otlab", style: "../style.css", body: head + .joined(sections))
  }

  private func section(_ anchor: String, _ title: String, _ content: [HTML]) -> HTML {
    let content = HTML.joined(content)
    return content.source.isEmpty ? "" : .element("section", ["id": anchor], .element("h2", [:], .text(title)), content)
  }

  private func folded(_ title: String, _ content: [HTML], isOpen: Bool = false) -> HTML {
    content.isEmpty
      ? "" : .element("details", isOpen ? ["open": ""] : [:], .element("summary", [:], .text(title)), .joined(content))
  }

  /// Removes the first heading, since the page has a title of its own.
  private static func withoutTitle(_ markdown: String) -> String {
    guard markdown.hasPrefix("# "), let end = markdown.firstIndex(of: "\n") else { return markdown }
    return String(markdown[end...])
  }

  /// Returns the target of a link on the site: links between READMEs lead to pages, and links into the source code
  /// are dropped.
  private static func place(of target: String, _ names: Set<String>) -> String? {
    if target.hasPrefix("https://") || target.hasPrefix("#") { return target }
    let parts = target.split(separator: "/")
    guard parts.count == 3, parts[0] == "..", parts[2] == "README.md", names.contains(String(parts[1])) else {
      return nil
    }
    return "../\(HTML.reference(to: Site.folder(of: String(parts[1]))))/index.html"
  }
}

extension ExperimentPage.Verdict {
  var badge: HTML { .element("span", ["class": "badge \(tone.rawValue)"], .text(word)) }
}

extension ExperimentPage.Picture {
  var html: HTML {
    let path = HTML.reference(to: path)
    return .element(
      "figure", [:],
      .element("a", ["href": path], .void("img", ["src": path, "alt": caption, "loading": "lazy"])),
      .element("figcaption", [:], .text(caption)))
  }
}

extension ExperimentPage.Facts {
  var html: HTML {
    guard !lines.isEmpty else { return "" }
    let list = lines.map {
      HTML.element("tr", [:], .element("th", ["scope": "row"], .text($0.name)), .element("td", [:], .text($0.text)))
    }
    return .element("h3", [:], .text(title))
      + .element("div", ["class": "wide facts"], .element("table", [:], .joined(list)))
  }
}

extension Table {
  var html: HTML { html(withTitle: true) }

  func html(withTitle: Bool) -> HTML {
    // Columns without content would push the others out of sight.
    let shown = columns.indices.filter { column in rows.isEmpty || rows.contains { !$0[column].text.isEmpty } }
    func side(_ column: Int) -> String { columns[column].isNumeric ? "number" : "word" }
    let head = shown.map { HTML.element("th", ["scope": "col", "class": side($0)], .text(columns[$0].title)) }
    let body = rows.map { row in
      HTML.element("tr", [:], .joined(shown.map { .element("td", ["class": side($0)], .text(row[$0].text)) }))
    }
    let table = HTML.element(
      "table", [:], .element("thead", [:], .element("tr", [:], .joined(head))),
      .element("tbody", [:], .joined(body, by: "\n")))
    let title: HTML = withTitle ? .element("h3", [:], .text(self.title)) : ""
    return title + .element("div", ["class": "wide"], table)
      + .joined(notes.map { .element("p", ["class": "note"], .text($0)) })
  }
}

/// Returns a whole page around a body; the page loads nothing from elsewhere.
func page(title: String, style: String, body: HTML) -> String {
  """
  <!DOCTYPE html>
  <html lang="en">
  <head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <link rel="icon" href="data:,">
  <link rel="stylesheet" href="\(style)">
  \(HTML.element("title", [:], .text(title)).source)
  </head>
  <body><main>
  \(body.source)
  </main></body>
  </html>

  """
}
