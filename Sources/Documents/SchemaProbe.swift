/// Finds the schema of a reader by letting it read.
///
/// The probe answers the reader's questions in place of a document. It tries every answer that may lead to other
/// questions (the names of a choice, both values of a flag, the presence of an optional key), each where it is first
/// met. So a schema is never written down a second time.
public final class SchemaProbe {
  private var answers: [String: Int]
  private var questions: [Question] = []
  private var choices: [(path: String, count: Int)] = []

  private init(answers: [String: Int]) { self.answers = answers }

  /// Answers a question; nil leaves the key out.
  func answer(_ question: Question) -> Value? {
    questions.append(question)
    let path = question.path.joined(separator: ".")
    let alternatives = Self.alternatives(question)
    choices.append((path, alternatives.count))
    return alternatives[min(answers[path] ?? 0, alternatives.count - 1)]
  }

  private static func alternatives(_ question: Question) -> [Value?] {
    var values: [Value?]
    switch question.kind {
    case .anything, .either: return [nil]
    case .mapping: values = [[:]]
    case .flag: values = [question.fallback ?? false, question.fallback == true ? false : true]
    case .choice(let names): values = names.map(Value.string)
    case .choices(let names): values = names.map(Value.string)
    case .integers(let range): values = [question.fallback ?? .integer(range.lowerBound)]
    case .numbers(let range): values = [question.fallback ?? .number(example(of: range))]
    case .texts: values = [[]]
    case .text: values = ["text"]
    case .integer(let range): values = [question.fallback ?? .integer(range.lowerBound)]
    case .number(let range): values = [question.fallback ?? .number(example(of: range))]
    }
    if question.isOptional, question.fallback == nil { values.insert(nil, at: 0) }
    return values
  }

  private static func example(of range: NumberRange) -> Double {
    [1.0, 0.5, 0, 2, 10, 1e-3, -1].first(where: range.contains) ?? 1
  }

  /// Returns all keys that a reader may ask for, in the order in which they are met.
  ///
  /// - Parameter read: reads from a probe; an error ends this reading only, and its questions still count.
  /// - Returns: One question for each path.
  public static func questions(_ read: (SchemaProbe) throws -> Void) -> [Question] {
    var found: [String: Question] = [:]
    var order: [String] = []
    var tried: Set<String> = []
    var pending: [[String: Int]] = [[:]]
    while let answers = pending.popLast() {
      let probe = SchemaProbe(answers: answers)
      try? read(probe)
      for question in probe.questions {
        let path = question.path.joined(separator: ".")
        if found[path] == nil { order.append(path) }
        found[path] = found[path].map { merge($0, question) } ?? question
      }
      for (path, count) in probe.choices {
        for alternative in 0..<count
        where tried.insert("\(path)/\(alternative)").inserted && alternative != (answers[path] ?? 0) {
          pending.append(answers.merging([path: alternative]) { $1 })
        }
      }
    }
    return order.compactMap { found[$0] }
  }

  /// Merges the questions of two readings about the same key; either may apply.
  private static func merge(_ first: Question, _ second: Question) -> Question {
    guard first.kind != second.kind else { return first }
    let kind: Question.Kind =
      switch (first.kind, second.kind) {
      case (.choice(let a), .choice(let b)): .choice(a + b.filter { !a.contains($0) })
      case (.anything, _), (_, .anything): .anything
      case (.number(let one), .numbers(let several)) where one == several: second.kind
      case (.numbers(let several), .number(let one)) where one == several: first.kind
      case (.either(let kinds), let other): .either(kinds.contains(other) ? kinds : kinds + [other])
      case (let a, let b): .either([a, b])
      }
    return Question(
      path: first.path, kind: kind, fallback: first.fallback, isOptional: first.isOptional || second.isOptional,
      about: first.about)
  }
}
