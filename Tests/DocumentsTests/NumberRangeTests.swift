import Documents
import Testing

/// A range says once what is checked, what the sentence is, and what the schema says.
@Suite struct NumberRangeTests {
  private func read(_ value: Value, in range: NumberRange) throws -> Double {
    try Fields(Node(["a": value], at: .file("m.yaml"))).number("a", in: range)
  }

  struct Example: Sendable {
    let range: NumberRange
    let inside: [Double]
    let outside: [Double]
    let sentence: String
    let schema: Value
  }

  static let examples: [Example] = [
    Example(
      range: .finite, inside: [-1e300, 0, 7], outside: [.infinity, -.infinity], sentence: "a finite number",
      schema: ["type": "number"]),
    Example(
      range: .positive, inside: [1e-300, 5], outside: [0, -1, .infinity], sentence: "a positive number",
      schema: ["type": "number", "exclusiveMinimum": 0]),
    Example(
      range: .notNegative, inside: [0, 5], outside: [-1, .infinity], sentence: "a number that is not negative",
      schema: ["type": "number", "minimum": 0]),
    Example(
      range: .from(0, to: 1), inside: [0, 0.5, 1], outside: [-0.1, 1.1], sentence: "a number from 0 to 1",
      schema: ["type": "number", "minimum": 0, "maximum": 1]),
    Example(
      range: .from(0, below: 1), inside: [0, 0.5], outside: [-0.1, 1], sentence: "a number from 0 to below 1",
      schema: ["type": "number", "minimum": 0, "exclusiveMaximum": 1]),
    Example(
      range: .above(0, to: 0.9), inside: [0.1, 0.9], outside: [0, 1], sentence: "a number above 0, at most 0.9",
      schema: ["type": "number", "exclusiveMinimum": 0, "maximum": 0.9]),
    Example(
      range: .between(0, 1), inside: [0.5], outside: [0, 1], sentence: "a number between 0 and 1",
      schema: ["type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1]),
    Example(
      range: .positiveOrInfinite, inside: [1, .infinity], outside: [0, -1, -.infinity],
      sentence: "a positive number or .inf",
      schema: ["type": ["number", "string"], "pattern": "^inf$", "exclusiveMinimum": 0]),
    Example(
      range: .notNegativeOrInfinite, inside: [0, .infinity], outside: [-1], sentence: "a number from 0 to inf",
      schema: ["type": ["number", "string"], "pattern": "^inf$", "minimum": 0]),
  ]

  @Test(arguments: examples) func checkSentenceAndSchemaAreOne(example: Example) throws {
    let (range, sentence, schema) = (example.range, example.sentence, example.schema)
    for number in example.inside { #expect(try read(.number(number), in: range) == number) }
    for number in example.outside {
      let error = #expect(throws: DocumentError.self) { try read(.number(number), in: range) }
      #expect(error?.problem.hasSuffix("but \(sentence) was expected") == true, "\(error?.description ?? "")")
    }
    #expect(Value.object(range.schema) == schema)
    let asked = SchemaProbe.questions { _ = try Fields(probe: $0, path: "p").number("a", in: range) }
    #expect(asked.count == 1 && asked[0].kind == .number(range) && asked[0].schema == schema)
  }

  /// JSON Schema cannot tell 1.0 from 1.
  @Test func wholeNumbersAreTakenHoweverTheyAreWritten() throws {
    let fields = try Fields(
      Node(["a": 40.0, "b": 1e3, "c": [1.0, 2], "d": 1.5, "e": .number(0x1p63)], at: .file("m.yaml")))
    #expect(try fields.integer("a") == 40)
    #expect(try fields.integer("b") == 1000)
    #expect(try fields.integers("c") == [1, 2])
    #expect(fields.resolved == ["a": 40, "b": 1000, "c": [1, 2]])
    #expect(throws: DocumentError.self) { try fields.integer("d") }
    #expect(throws: DocumentError.self) { try fields.integer("e") }
  }

  /// A key that two readings ask for in two ways may be either.
  @Test func whatIsAskedInTwoWaysIsEither() {
    func kind(_ first: @escaping (Fields) throws -> Void, _ second: @escaping (Fields) throws -> Void) -> Question.Kind?
    {
      SchemaProbe.questions { probe in
        let fields = Fields(probe: probe, path: "p")
        if try fields.bool("flag", default: false) { try first(fields) } else { try second(fields) }
      }.first { $0.path.last == "a" }?.kind
    }
    let small = kind({ _ = try $0.integer("a", in: 5...6) }, { _ = try $0.integer("a", in: 1...2) })
    #expect(small == .either([.integer(1...2), .integer(5...6)]))
    #expect(kind({ _ = try $0.positiveNumber("a") }, { _ = try $0.positiveNumbers("a") }) == .numbers(.positive))
    #expect(kind({ _ = try $0.string("a") }, { _ = try $0.string("a") }) == .text)
  }
}
