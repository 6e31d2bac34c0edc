import Documents
import Manifests
import Reports
import Runs
import TestSupport
import Testing

@Suite struct TableTests {
  private let table = Table(
    name: "t", title: "Scores",
    columns: [.init(title: "method", isNumeric: false), .init(title: "score", isNumeric: true)],
    rows: [["SCOT, own", "0.1496"], ["a_b & \"c\"", "–"]])

  @Test func textIsAligned() throws {
    #expect(
      try TableFormat.text.render(table) == """
        Scores
        ─────────────────
        method      score
        ─────────────────
        SCOT, own  0.1496
        a_b & "c"       –
        ─────────────────

        """)
  }

  @Test func otherFormatsEscape() throws {
    #expect(
      try TableFormat.markdown.render(table).contains("| method | score |\n| --- | ---: |\n| SCOT, own | 0.1496 |"))
    #expect(
      try TableFormat.latex.render(table).contains("\\begin{tabular}{lr}\n\\toprule\nmethod & score \\\\\n\\midrule\n"))
    #expect(try TableFormat.latex.render(table).contains("a\\_b \\& \"c\" & -- \\\\"))
    #expect(try TableFormat.csv.render(table) == "method,score\n\"SCOT, own\",0.1496\n\"a_b & \"\"c\"\"\",–\n")
    #expect(try TableFormat.json.render(table).contains("\"rows\": ["))
  }

  /// What has a meaning to who reads the table, alone, with marks over it, and at the beginning of a text.
  @Test func textsStayTexts() throws {
    let column = Table.Column(title: "a\r\nb", isNumeric: false)
    func table(_ text: String) -> Table { Table(name: "t", title: "T\r\nU", columns: [column], rows: [[text]]) }
    func last(_ format: TableFormat, _ text: String) throws -> String {
      String(try format.render(table(text)).split(separator: "\n", omittingEmptySubsequences: true).last ?? "")
    }
    #expect(try last(.csv, "\"\u{301},") == "\"\"\"\u{301},\"")
    #expect(try TableFormat.csv.render(table("x\r\ny")) == "\"a\r\nb\"\n\"x\r\ny\"\n")
    for (text, field) in [
      ("=1+1", "'=1+1"), ("+a", "'+a"), ("@a", "'@a"), ("-a", "'-a"), ("-1.5", "-1.5"), ("a=1", "a=1"), ("\ta", "'\ta"),
    ] {
      #expect(try last(.csv, text) == field)
    }
    #expect(try last(.markdown, "a|\u{301}|b") == "| a\\|\u{301}\\|b |")
    #expect(try last(.markdown, "\\|") == "| \\\\\\| |")
    #expect(try last(.markdown, "<b> 1 < 2 [x](javascript:y)") == "| \\<b> 1 < 2 [x]\\(javascript:y) |")
    #expect(
      try last(.markdown, "a*b*c `k`=2 ~~x~~ R&amp;D a & b") == "| a\\*b\\*c \\`k\\`=2 \\~\\~x\\~\\~ R\\&amp;D a & b |")
    #expect(try last(.markdown, "__init__ two_words _x_") == "| \\_\\_init\\_\\_ two_words \\_x\\_ |")
    #expect(try last(.markdown, "[x](\u{301}y)") == "| [x]\\(\u{301}y) |")
    #expect(try TableFormat.markdown.render(table("x\r\ny")) == "**T U**\n\n| a b |\n| --- |\n| x y |\n")
    #expect(try TableFormat.text.render(table("x\u{2028}y")).contains("\nx y\n"))
    #expect(try TableFormat.latex.render(table("x\ny")).hasPrefix("% T U; needs \\usepackage{booktabs}\n"))
    for (text, line) in [
      ("[1]", "{}[1] \\\\"), (" *", "{} * \\\\"), ("a[1]", "a[1] \\\\"), ("\\x{}", "\\textbackslash{}x\\{\\} \\\\"),
      ("é--", "\\'{e}-{}- \\\\"),
    ] {
      #expect(try TableFormat.latex.render(table(text)).contains("\\midrule\n\(line)\n"))
    }
    #expect(throws: TableError.self) { try TableFormat.latex.render(table("&\u{301}")) }
    #expect(throws: TableError.self) { try TableFormat.latex.render(table("\u{1B}")) }
  }

  @Test(arguments: [
    (0.14964, 4, "0.1496"), (0.99996, 4, "1.0000"), (-0.0004, 3, "0.000"), (-1.5, 1, "−1.5"), (12, 0, "12"),
    (.nan, 2, "nan"),
  ])
  func numbersAreRounded(number: Double, digits: Int, text: String) {
    #expect(fixed(number, digits: digits) == text)
  }

  @Test func differencesHaveSigns() {
    #expect(Cell.difference(0.125, digits: 2).text == "+0.13")
    #expect(Cell.difference(-0.125, digits: 2).text == "−0.13")
    #expect(Cell.difference(0.001, digits: 2).text == "0.00")
  }
}

/// A manifest's table: two rows, the first of two repetitions of which one did not converge, the second without a run.
@Suite struct ManifestTableTests {
  private func table() throws -> Table {
    let folder = TemporaryFolder()
    folder.write(
      """
      schema: 1
      name: e
      title: t
      kind: k
      cases:
        a: {repeat: 2, row: {method: first}, published: {score: 1.25}}
        b: {row: {method: second}, published: {score: 2}}
      tables:
        - name: scores
          title: Scores
          columns: [{row: method}, {row: params.p, title: p}, {metric: score, digits: 2, published: true}, {metric: \
          exact}]
      """, to: "e/manifest.yaml")
    let manifest = try Manifest(try ManifestSource(name: "e", in: folder.path))
    let store = SampleStore()
    store.finish(request(seed: 1), metrics: "{\"score\": 1.0, \"exact\": 0.5}")
    store.finish(request(seed: 2), metrics: "{\"score\": 2.0, \"exact\": 0.5}", outcome: "iteration-limit")
    let runs = try [1, 2].map { try #require(try store.store.run(of: request(seed: $0))) }
    let results = zip(manifest.cases, [runs, []]).map { each, runs in
      CaseResult(label: each.label, row: each.row, published: each.published, runs: runs, expected: each.seeds.count)
    }
    return Table(manifest.tables[0], manifest: manifest, results: results)
  }

  @Test func showsSpreadPublishedDifferenceAndWhatDidNotConverge() throws {
    let text = try TableFormat.text.render(try table())
    #expect(
      text == """
        Scores (smoke tier)
        ──────────────────────────────────────────────────────────────────────
        method    p         score  published  difference                 exact
        ──────────────────────────────────────────────────────────────────────
        first   0.5  1.50 ± 0.71†       1.25       +0.25  0.500 (all 2 equal)†
        second                  –       2.00                                 –
        ──────────────────────────────────────────────────────────────────────
        † not converged: a (1 of 2 runs: iteration-limit)

        """, "\(text)")
    let latex = try TableFormat.latex.render(try table())
    #expect(latex.contains("1.50 $\\pm$ 0.71$^\\dagger$ & 1.25 & +0.25"))
    #expect(latex.contains("\\footnotesize $^\\dagger$ not converged"))
    #expect(
      try TableFormat.markdown.render(try table()).contains("\n\n† not converged: a (1 of 2 runs: iteration-limit)\n"))
  }

  /// Five seeds of a method that draws nothing are no sample of five.
  @Test func repetitionsThatDrawNothingAreSaidToBeEqual() {
    func text(_ deviation: Double) -> String {
      Cell.number(0.15131, digits: 4, spread: .init(deviation: deviation, repetitions: 5)).text
    }
    #expect(text(0) == "0.1513 (all 5 equal)")
    // The last bits of a sum may hang on the number of threads.
    #expect(text(2e-17) == "0.1513 (all 5 equal)")
    #expect(text(1e-6) == "0.1513 ± 0.0000")
    #expect(text(0.01) == "0.1513 ± 0.0100")
    #expect(Cell.number(0, digits: 2, spread: .init(deviation: 0, repetitions: 2)).text == "0.00 (all 2 equal)")
  }

  @Test func filesForProgramsHaveFullPrecision() throws {
    let lines = try TableFormat.csv.render(try table()).split(separator: "\n")
    #expect(lines[0] == "method,p,score,score sd,score published,score difference,exact,exact sd,converged")
    #expect(lines[1] == "first,0.5,1.5,0.7071067811865476,1.25,0.25,0.5,0.0,false")
    #expect(lines[2] == "second,,–,,2.0,,–,,false")
    let json = try Value(json: try TableFormat.json.render(try table()), path: "t.json")
    #expect(json["rows"]?.array?.first?.array?[3] == 0.7071067811865476)
    #expect(json["notes"]?.array?.count == 1)
  }
}
