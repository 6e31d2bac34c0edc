import Documents
import TestSupport
import Testing
import YAML

private func node(_ yaml: String) throws -> Node {
  let folder = TemporaryFolder()
  return try Node(yamlFile: folder.write(yaml, to: "m.yaml"), shownAs: "m.yaml")
}

@Suite struct FieldsTests {
  @Test func recordsWhatWasReadWithDefaults() throws {
    let fields = try Fields(node("a: 3\ns: {x: 2}"))
    #expect(try fields.integer("a") == 3)
    let inner = try fields.fieldsOrEmpty("s")
    #expect(try inner.positiveNumber("x") == 2)
    #expect(try inner.positiveNumber("y", default: 0.5) == 0.5)
    #expect(try fields.optionalString("absent") == nil)
    try fields.finish()
    #expect(fields.resolved == ["a": 3, "s": ["x": 2.0, "y": 0.5]])
  }

  @Test func anUnknownKeyIsNamedWithTheNearestKnown() throws {
    let fields = try Fields(node("solver:\n  epsilom: 1"))
    let solver = try fields.fieldsOrEmpty("solver")
    _ = try solver.positiveNumber("epsilon", default: 1)
    let error = #expect(throws: DocumentError.self) { try fields.finish() }
    #expect(error?.description == "m.yaml:2:3: unknown key 'epsilom' in 'solver'; did you mean 'epsilon'?")
  }

  @Test(arguments: [
    ("a: x", "m.yaml:1:4: 'a' is 'x', but a positive number was expected"), ("a: 0", "'a' is 0, but a positive number"),
    ("a: .inf", "'a' is inf, but a positive number"),
    ("b: 1", "the key 'a' is missing; a positive number was expected"),
    ("a: {b: 1}", "'a' is a mapping, but a positive number"),
    ("a: '50'", "'a' is '50', a text by its quotes, but a positive number was expected"),
    ("a: '5x'", "'a' is '5x', but a positive number was expected"),
  ])
  func aWrongValueIsNamedWithItsPlace(yaml: String, sentence: String) throws {
    let fields = try Fields(node(yaml))
    let error = #expect(throws: DocumentError.self) { try fields.positiveNumber("a") }
    #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
  }
}
