import Datasets
import Documents
import LinearAlgebra
import OptimalTransport

/// One solver as `otlab solve` offers it: its inputs by name, its settings, and what it does with them.
public struct SolverEntry: Sendable {
  /// What is left to do once the settings are read.
  struct Job: Sendable {
    let memory: @Sendable (ProblemInputs) throws -> MemoryNeed
    let solve: @Sendable (ProblemInputs) throws -> SolverAnswer

    /// - Parameters:
    ///   - memory: what `solve` holds at its peak, from the sizes of the inputs. It is asked for first.
    ///   - solve: reads the inputs and answers.
    init(
      memory: @escaping @Sendable (ProblemInputs) throws -> MemoryNeed, solve: @escaping @Sendable (ProblemInputs) throws -> SolverAnswer
    ) {
      self.memory = memory
      self.solve = solve
    }
  }

  public let name: String
  public let summary: String
  public let inputs: [InputDescription]
  let prepare: @Sendable (Fields) throws(DocumentError) -> Job

  /// - Parameter balances: the weights that have one sum in a balanced problem, set by set.
  init(
    _ name: String, _ summary: String, inputs: [InputDescription], balances: [BalancedWeights] = [],
    prepare: @escaping @Sendable (Fields) throws(DocumentError) -> Job
  ) {
    self.name = name
    self.summary = summary
    self.inputs = inputs
    if balances.isEmpty {
      self.prepare = prepare
    } else {
      self.prepare = { fields throws(DocumentError) in
        let job = try prepare(fields)
        let isNormalized = try fields.bool("normalize", default: false, about: "divides each vector of weights by its sum")
        return Job(memory: job.memory) { inputs in
          try job.solve(balances.reduce(inputs) { try $0.settling($1, isNormalized: isNormalized) })
        }
      }
    }
  }

  /// All solvers, in the order in which they are listed.
  public static let all: [SolverEntry] = linear + quadratic + coOptimal + [barycenter] + tree + conic

  /// - Throws: `DocumentError` when there is none of that name.
  public static func named(_ name: String) throws(DocumentError) -> SolverEntry {
    if let entry = all.first(where: { $0.name == name }) { return entry }
    let names = all.map(\.name)
    let hint = nearest(to: name, among: names).map { "; did you mean '\($0)'?" } ?? "; there are \(names.joined(separator: ", "))"
    throw DocumentError(place: .option("solve \(name)"), problem: "there is no solver '\(name)'\(hint)")
  }

  /// The settings it reads, with defaults and meaning.
  public var settings: [Question] {
    SchemaProbe.questions { probe in
      let fields = Fields(probe: probe, path: "settings")
      _ = try prepare(fields)
    }
  }

  /// Reads settings given as `key=value` texts and inputs, and solves.
  ///
  /// - Returns: the answer and the settings with all defaults.
  /// - Throws: `DocumentError` for settings, `DataError` for files and for numbers that make no problem.
  public func solve(_ files: InputFiles, settings: [String], allowsOtherInputs: Bool = false) throws -> (
    answer: SolverAnswer, settings: Value
  ) {
    var node = Node([:], at: .option("solve \(name)"))
    for text in settings {
      let place = Place.option("--set \(text)")
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
        throw DocumentError(place: place, problem: "a key and a value are needed, as in --set tolerance=1e-9")
      }
      let value = try Node(yaml: String(text[text.index(after: equals)...]), option: place.description)
      node = try node.merging(Node.nested(String(text[..<equals]), value, at: place))
    }
    let fields = try Fields(node)
    let job = try prepare(fields)
    try fields.finish()
    let inputs = try ProblemInputs(files, of: self, allowsOthers: allowsOtherInputs)
    try job.memory(inputs).require(of: files.description)
    do {
      var answer = try job.solve(inputs)
      answer.notes = files.notes.all
      return (answer, fields.resolved)
    } catch let error as ProblemError {
      throw DataError(.unfit, path: files.description, problem: error.description + remedy(for: error))
    }
  }

  /// The setting that takes what was refused, where there is one.
  private func remedy(for error: ProblemError) -> String {
    let (key, effect) =
      switch error {
      case .massMismatch: ("normalize=true", "divides each by its sum")
      case .asymmetric: ("symmetric=false", "takes it as it is")
      default: ("", "")
      }
    let isKnown = settings.contains { $0.path.last.map { key.hasPrefix($0 + "=") } ?? false }
    return isKnown ? "; --set \(key) \(effect)" : ""
  }

  /// What `otlab solve --list` says of it.
  public var documentation: String {
    var lines = ["\(name): \(summary)", "  inputs"]
    lines += inputs.map { "    \("\($0.name) \($0.shape)".padded(to: 26)) \($0.about)" }
    lines.append("  settings (--set key=value)")
    lines += settings.map { question in
      let key = question.path.dropFirst().joined(separator: ".")
      let fallback = question.fallback.map { "=\($0.text)" } ?? (question.isOptional ? "" : " (required)")
      return "    \((key + fallback).padded(to: 26)) \(question.about); \(question.expected)"
    }
    return lines.joined(separator: "\n")
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
