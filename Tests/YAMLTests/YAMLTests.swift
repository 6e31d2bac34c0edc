import Documents
import TestSupport
import Testing
import YAML

private func node(_ yaml: String) throws -> Node {
  let folder = TemporaryFolder()
  return try Node(yamlFile: folder.write(yaml, to: "m.yaml"), shownAs: "m.yaml")
}

@Suite struct YAMLTests {
  @Test func readsValuesStrictly() throws {
    let value = try node(
      """
      a: 1
      b: 1.5e-3
      c: [x, "010", true, null, .inf, -.inf]
      d: 12:30:00
      e: 'no'
      f: -7
      g: 1_000
      """
    ).value
    #expect(value["a"] == 1)
    #expect(value["b"] == 0.0015)
    #expect(value["c"] == .array(["x", "010", true, .null, .number(.infinity), .number(-.infinity)]))
    #expect(value["d"] == "12:30:00")
    #expect(value["e"] == "no")
    #expect(value["f"] == -7)
    #expect(value["g"] == "1_000")
  }

  @Test(arguments: [
    ("a: 010", "m.yaml:1:4: '010' is ambiguous"), ("a: no", "m.yaml:1:4: 'no' is ambiguous"),
    ("a: True", "'True' is ambiguous"),
    ("x: 1\na: 2\na: 3", "occurs twice here"), ("a: [1, 2", "is not valid YAML"), ("a: .nan", "'.nan' is not a number"),
    ("a: 1e999", "too large"), ("? [1, 2]\n: 3", "a key must be a plain word"),
    ("a: &x {k: 1}\nb:\n  <<: *x", "m.yaml:3:3: the merge key '<<' is not supported; write the keys out"),
    ("a: NULL", "'NULL' is ambiguous; write null, or put it in quotes"),
    ("a: 1\nb: x\u{0}y", "m.yaml:2:5: is not valid YAML: the character U+0000 is not allowed here"),
    ("a:\n\tb: 1", "m.yaml:2:1: is not valid YAML: there is a tab here, where spaces were expected"),
  ])
  func closesTheTraps(yaml: String, sentence: String) {
    let error = #expect(throws: DocumentError.self) { try node(yaml) }
    #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: [
    ("title: !!str 42", "m.yaml:1:8: '!!str' is a tag, and tags are not supported; write a text in quotes"),
    ("a: 1\nb: !!null 40", "m.yaml:2:4:"), ("a: !!seq {x: 1}", "'!!seq' is a tag"), ("a: !foo 40", "'!foo' is a tag"),
    ("!!int a: 1", "m.yaml:1:1: '!!int' is a tag"),
    ("a: ! 40", "'!' is a tag"), ("a: &x !<tag:yaml.org,2002:str> 4", "m.yaml:1:7: 'tag:yaml.org,2002:str' is a tag"),
    ("%TAG !e! tag:e.org,2000:\n---\na: !e!x 1", "m.yaml:3:4: '!e!x' is a tag"),
    ("a: [1, !!python/object:os.system 2]", "1:8:"),
  ])
  func tagsAreRefused(yaml: String, sentence: String) {
    let error = #expect(throws: DocumentError.self) { try node(yaml) }
    #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
    #expect(error?.problem.hasSuffix("is a tag, and tags are not supported; write a text in quotes") == true)
  }

  @Test func aTextMayHoldExclamationMarks() throws {
    #expect(try node("a: '!!str 42'\nb: x !y\nc: |\n  !z").value == ["a": "!!str 42", "b": "x !y", "c": "!z"])
  }

  /// No reader tells −0 from 0, but the key of a run would.
  @Test func thereIsOneZero() throws {
    #expect(try node("[0.0, -0.0, -0.0e5]").value.json() == "[0.0,0.0,0.0]")
  }

  @Test func anchorsAreFollowed() throws {
    #expect(try node("a: &x {k: 1}\nb: *x").value["b"] == ["k": 1])
  }

  /// Aliases may be many, as long as what they stand for is not.
  @Test func aliasesAreCountedWhole() throws {
    let many = String(repeating: "  - *x\n", count: 3000)
    #expect(try node("a: &x [1, 2, 3]\nb:\n" + many).value["b"]?.array?.count == 3000)
    let error = #expect(throws: DocumentError.self) { try node("a: &x [1, 2, 3, 4, 5, 6, 7, 8, 9]\nb:\n" + many) }
    #expect(
      error?.description.contains(#/^m.yaml:2\d{3}:5: with its aliases written out/#) == true,
      "\(error?.description ?? "")")
    // Written values are not limited.
    #expect(try node("a: [" + String(repeating: "1, ", count: 50_000) + "1]").value["a"]?.array?.count == 50_001)
  }

  @Test(arguments: [
    ("a: \"x\\0\"", "m.yaml:1:4: holds the control character U+0000"),
    ("a: \"\\e[31m\"", "1:4: holds the control character U+001B"),
    ("\"\\a\": 1", "1:1: holds the control character U+0007"), ("a: \"\\N\"", "U+0085"), ("a: \"x\\ry\"", "U+000D"),
    (
      "a: 1\nb: x\u{0}",
      "m.yaml:2:5: is not valid YAML: the character U+0000 is not allowed here (control characters are not allowed)"
    ),
  ])
  func textsHoldNoControlCharacters(yaml: String, sentence: String) throws {
    let error = #expect(throws: DocumentError.self) { try node(yaml) }
    #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
    #expect(try node("a: \"x\\r\\ny\\tz\"").value["a"] == "x\ny\tz")
  }

  @Test func aMissingFileAndBytesThatAreNoText() {
    let folder = TemporaryFolder()
    #expect(throws: DocumentError.self) { try Node(yamlFile: folder.path + "/absent.yaml") }
    #expect(throws: DocumentError.self) { try Node(yamlFile: folder.write([0xff, 0xfe, 0x00], to: "x.yaml")) }
  }

  @Test func mergingReplacesLeavesOnly() throws {
    let merged = try node("a: {b: 1, c: [1, 2]}\nd: 5").merging(node("a: {c: [3], e: 4}")).value
    #expect(merged == ["a": ["b": 1, "c": [3], "e": 4], "d": 5])
    for (base, override, place) in [("a: {b: 1}", "a: {b: {c: 2}}", "1:8"), ("a: {b: {c: 2}}", "a: {b: 1}", "1:8")] {
      let error = #expect(throws: DocumentError.self) { try node(base).merging(node(override)) }
      let sentence = "m.yaml:\(place): 'a.b' is 1, but a mapping by m.yaml:1:8; one of them would replace the other"
      #expect(error?.description == sentence, "\(error?.description ?? "")")
    }
  }
}
