import Documents
import Testing

@Suite struct JSONTests {
  @Test func canonicalFormIsSortedAndExact() throws {
    let value: Value = [
      "b": [1, 0.1, true, .null, "é\"\n\u{1}"], "a": ["z": 1e-7, "y": .number(.infinity), "x": .number(.nan)],
    ]
    #expect(value.json() == #"{"a":{"x":null,"y":"inf","z":1e-07},"b":[1,0.1,true,null,"é\"\n\u0001"]}"#)
  }

  /// A record read back has the key it was written under: whole and broken numbers stay apart, and each to its last
  /// bit.
  @Test func whatWasWrittenIsReadBack() throws {
    let value: Value = [
      "whole": [0, -7, 1_152_921_504_606_846_976],
      "broken": [1.0, -0.0, 0.1, 1e-300, 1.7976931348623157e308, 2.3e-308],
      "texts": ["", "a \"b\" \\ /", "é → 𝄞", "tab\t line\n bell\u{7}"],
      "rest": [.null, true, false, [], [:], ["k": ["l": [[]]]]],
    ]
    for isIndented in [false, true] {
      let text = value.json(indented: isIndented)
      let read = try Value(json: text, path: "v.json")
      #expect(read == value)
      #expect(read.json(indented: isIndented) == text)
    }
    #expect(try Value(json: #""\u00e9\ud834\udd1e\/\b\f""#, path: "v") == "é𝄞/\u{8}\u{c}")
    #expect(try Value(json: #"{"rho":"inf"}"#, path: "v")["rho"]?.number == .infinity)
  }

  @Test(arguments: [
    ("", "v:1:1", "the text ends too early"), ("{\"a\": ", "v:1:7", "the text ends too early"),
    ("[1 2]", "v:1:4", "',' or ']'"),
    ("{\"a\" 1}", "v:1:6", "':'"), ("{a: 1}", "v:1:2", "a key in quotes"),
    ("{\"a\": 1,\n \"a\": 2}", "v:2:8", "occurs twice here"),
    ("[1] x", "v:1:5", "something follows"), ("\"abc", "v:1:5", "inside a string"),
    ("[nul]", "v:1:2", "a value was expected"),
    ("[1e999]", "v:1:7", "too large"), ("[-]", "v:1:3", "a value was expected"), ("\"\\x\"", "v:1:4", "unknown escape"),
    ("\"\\u12\"", "v:1:4", "four hexadecimal digits"), ("\"\\", "v:1:", "inside a string"),
  ])
  func whatIsNoJSONIsNamedWithItsPlace(text: String, place: String, problem: String) {
    let error = #expect(throws: DocumentError.self) { try Value(json: text, path: "v") }
    #expect(
      error?.description.hasPrefix("\(place)") == true && error?.description.contains(problem) == true,
      "\(error?.description ?? "")")
  }

  /// What other readers let pass (RFC 8259 does not).
  @Test(arguments: [
    "01", "-01", "+1", "1.", ".5", "1.e3", "1e", "1e+", "--1", "1-2", "- 1", "0x10", "NaN", "Infinity", "-", "1_000",
    "[1,]", "[,1]",
    "{\"a\":1,}",
    "'a'", "\"a\tb\"", "\"a\nb\"", "\"\u{0}\"", #""\ud800""#, #""\udc00""#, #""\ud800\u0041""#, #""\ud800x\udc00""#,
    #""\u+041""#,
    #""\u00 1""#, "[1] 2",
    "\u{FEFF}1", "tru", "True", "// c\n1", "[1\u{A0}]",
  ])
  func whatOthersLetPassIsRefused(text: String) {
    #expect(throws: DocumentError.self) { try Value(json: text, path: "v") }
  }

  @Test func bytesThatAreNoTextAreRefused() {
    for bytes: [UInt8] in [
      [0x22, 0xff, 0x22], [0x22, 0xc3, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22], [0x22, 0xc0, 0xaf, 0x22],
    ] {
      #expect(throws: DocumentError.self) { try Value(json: bytes, path: "v") }
    }
    #expect(throws: DocumentError.self) {
      try Value(json: Array(#"{"a": 1, "a": 2}"#.utf8), path: "v", skipping: ["a"])
    }
  }

  @Test func allOfJSONIsRead() throws {
    let text = #" [0, -0, 10, 1.5, 1E2, 1e-2, 2E+1, -0.0, "\u0041\uD834\udd1E", "\"", ""] "#
    #expect(try Value(json: text, path: "v") == [0, 0, 10, 1.5, 100.0, 0.01, 20.0, -0.0, "A𝄞", "\"", ""])
    #expect(
      try Value(json: "[9223372036854775807, -9223372036854775808]", path: "v") == [.integer(.max), .integer(.min)])
    // One that was decoded wrongly before is one that is written: the character for what is no text.
    #expect(try Value(json: "\"\u{FFFD}\"", path: "v") == "\u{FFFD}")
  }

  @Test func deepNestingIsRefused() {
    #expect(throws: DocumentError.self) { try Value(json: String(repeating: "[", count: 100_000), path: "v") }
  }

  @Test func keysCanBePassedOver() throws {
    let text = #"{"a": {"b": ["}", "\"]", {"c": 1}]}, "d": 2, "a2": {"a": 5}, "last": "x"}"#
    #expect(
      try Value(json: Array(text.utf8), path: "v", skipping: ["a", "last"]) == [
        "a": .null, "d": 2, "a2": ["a": 5], "last": .null,
      ])
    #expect(throws: DocumentError.self) { try Value(json: Array("{\"a\": [1, ".utf8), path: "v", skipping: ["a"]) }
  }
}
