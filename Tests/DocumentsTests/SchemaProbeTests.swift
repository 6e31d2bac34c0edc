import Documents
import Testing

@Suite struct SchemaProbeTests {
  private enum Method: String, CaseIterable { case plain, tuned, staged }

  /// A reader whose later questions depend on earlier answers.
  private func read(_ fields: Fields) throws(DocumentError) {
    _ = try fields.integer("size", in: 2...9, about: "how many")
    let method: Method = try fields.choice("method", default: .plain)
    if method == .tuned {
      let stages = try fields.fieldsOrEmpty("tuning")
      if try stages.bool("deep", default: false) { _ = try stages.positiveNumber("depth") }
    }
    if method == .staged { _ = try fields.strings("stages", isStyling: true) }
    if let extra = try fields.fields("extra") { _ = try extra.optionalString("note") }
    if try fields.optionalPositiveNumber("epsilon") == nil { _ = try fields.positiveNumber("scale", default: 3) }
  }

  @Test func findsKeysBehindEveryAnswer() throws {
    let questions = SchemaProbe.questions { try read(Fields(probe: $0, path: "solver")) }
    let paths = questions.map { $0.path.joined(separator: ".") }
    #expect(
      Set(paths) == [
        "solver.size", "solver.method", "solver.tuning", "solver.tuning.deep", "solver.tuning.depth", "solver.stages",
        "solver.extra",
        "solver.extra.note", "solver.epsilon", "solver.scale",
      ])
    #expect(paths.count == Set(paths).count)
    let byPath = Dictionary(zip(paths, questions)) { $1 }
    #expect(byPath["solver.size"]?.kind == .integer(2...9) && byPath["solver.size"]?.about == "how many")
    #expect(
      byPath["solver.method"]?.kind == .choice(["plain", "tuned", "staged"])
        && byPath["solver.method"]?.fallback == "plain")
    #expect(byPath["solver.scale"]?.fallback == 3.0 && byPath["solver.scale"]?.expected == "a positive number")
  }

  @Test func whatTheReaderThrowsEndsOneReadingOnly() {
    let questions = SchemaProbe.questions { probe in
      let fields = Fields(probe: probe, path: "p")
      let isOdd = try fields.bool("odd", default: true)
      if isOdd { throw fields.error("odd", "is refused") }
      _ = try fields.string("after")
    }
    #expect(questions.map { $0.path.last } == ["odd", "after"])
  }
}

@Suite struct StylingTests {
  @Test func stylingIsNoPartOfTheResolvedDocument() throws {
    let place = Place.file("m.yaml")
    let fields = try Fields(Node(["names": ["a", "b"], "inner": ["labels": ["c"], "n": 1]], at: place))
    #expect(try fields.strings("names", isStyling: true) == ["a", "b"])
    let inner = try fields.fieldsOrEmpty("inner")
    #expect(try inner.strings("labels", isStyling: true) == ["c"])
    #expect(try inner.integer("n") == 1)
    try fields.finish()
    #expect(fields.resolved == ["inner": ["n": 1]])
    #expect(fields.styling == ["names": ["a", "b"], "inner": ["labels": ["c"]]])
  }
}
