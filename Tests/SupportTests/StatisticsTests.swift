import Support
import Testing

@Suite struct StatisticsTests {
  @Test func momentsAreThoseOfTheirDefinitions() {
    let values: [Double] = [2, 4, 4, 4, 5, 5, 7, 9]
    #expect(values.mean == 5 && values.standardDeviation(.population) == 2)
    #expect(abs(values.standardDeviation(.sample) - (32.0 / 7).squareRoot()) < 1e-15)
    #expect(values.standardDeviation(.population, around: 4) == 5.0.squareRoot())
    #expect(values.upperMedian == 5 && [3.0, 1, 2, 4].upperMedian == 3)
    #expect([Double]().mean.isNaN && [1.0].standardDeviation(.sample).isNaN)
  }

  @Test func digitsAfterThePoint() {
    #expect(0.123456.rounded(places: 3) == 0.123 && (-2.5).rounded(places: 0) == -3 && 1e-9.rounded(places: 4) == 0)
  }

  @Test func textsArePadded() {
    #expect("ab".padded(to: 4) == "ab  " && "abc".padded(to: 2) == "abc")
  }

  @Test(arguments: [("=1+1", "'=1+1"), ("-a", "'-a"), ("-1.5", "-1.5"), ("a=1", "a=1"), ("\ta", "'\ta"), ("", "")])
  func formulasAreTexts(text: String, guarded: String) { #expect(text.guardedFromFormulas == guarded) }

  /// A quote that carries marks is a quote to who reads bytes.
  @Test func quotesAreDoubled() { #expect("a\"\u{301}b".quotedForCSV == "\"a\"\"\u{301}b\"") }
}
