import Reports
import Testing

@Suite struct TableTests {
  private let table = Table(
    name: "t", title: "Scores", columns: [.init(title: "method", isNumeric: false), .init(title: "score", isNumeric: true)],
    rows: [["SCOT, own", "0.1496"], ["a_b & \"c\"", "–"]])

  @Test func textIsAligned() {
    #expect(
      TableFormat.text.render(table) == """
        Scores
        ─────────────────
        method      score
        ─────────────────
        SCOT, own  0.1496
        a_b & "c"       –
        ─────────────────

        """)
  }

  @Test func otherFormatsEscape() {
    #expect(TableFormat.markdown.render(table).contains("| method | score |\n| --- | ---: |\n| SCOT, own | 0.1496 |"))
    #expect(TableFormat.latex.render(table).contains("\\begin{tabular}{lr}\n\\toprule\nmethod & score \\\\\n\\midrule\n"))
    #expect(TableFormat.latex.render(table).contains("a\\_b \\& \"c\" & -- \\\\"))
    #expect(TableFormat.csv.render(table) == "method,score\n\"SCOT, own\",0.1496\n\"a_b & \"\"c\"\"\",–\n")
    #expect(TableFormat.json.render(table).contains("\"rows\": ["))
  }

  @Test(arguments: [
    (0.14964, 4, "0.1496"), (0.99996, 4, "1.0000"), (-0.0004, 3, "0.000"), (-1.5, 1, "−1.5"), (12, 0, "12"), (.nan, 2, "nan"),
  ])
  func numbersAreRounded(number: Double, digits: Int, text: String) {
    #expect(fixed(number, digits: digits) == text)
  }
}
