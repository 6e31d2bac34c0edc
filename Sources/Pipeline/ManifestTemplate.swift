import Documents
import Support

/// The manifest that `otlab init` writes: the kind's example, which runs unchanged, and all other keys as comments.
public struct ManifestTemplate {
  private let name: String
  private let kind: any Experiment.Type
  private let metrics: Glossary
  private let example: String
  private let questions: [Question]

  /// Creates the manifest of a kind under a name.
  public init(name: String, kind: any Experiment.Type) {
    self.init(name: name, kind: kind, metrics: kind.metrics, example: kind.example, questions: kind.questions)
  }

  /// Creates a manifest with its own metrics, example, and keys.
  public init(name: String, kind: any Experiment.Type, metrics: Glossary, example: String, questions: [Question]) {
    (self.name, self.kind, self.metrics, self.example, self.questions) = (name, kind, metrics, example, questions)
  }

  /// The manifest as YAML text.
  public var text: String {
    let rules = metrics.enumerated().map { position, metric in
      "\(position < 3 ? "  " : "  # ")\(metric.key): "
        + "{better: neither, tolerance: {relative: 1.0e-6}}   # \(metric.value)\n"
    }.joined()
    let columns = metrics.prefix(3).map { "      - {metric: \($0.key), digits: 4}\n" }.joined()
    return """
      # \(kind.summary)
      schema: 1
      name: \(name)
      title: \(name)
      # paper: {cite: author2025, reproduces: [table 1]}
      kind: \(kind.kind)
      seed: 1                                # of all random numbers; the same for all cases, so that methods get the \
      same sample
      # repeat: 10                           # repetitions with derived seeds; tables show mean ± standard deviation
      # limits: {time: 30m, memory: 4GiB, threads: 2}    # of one run

      \(example)
      # All keys, with their defaults:
      \(keys)
      # sweep:                               # every combination becomes a row; zip: steps through lists together
      #   product:
      #     seed: [1, 2, 3]
      #     \(sweptKey): log(1.0e-3, 1.0, 4)     # or range(first, last[, step]), or a list
      # cases:                               # rows with their own data, params, solver, seed, repeat, and the paper's \
      numbers
      #   first: {row: {method: ours}, published: {}}
      # tiers: {smoke: {}, paper: {}}        # the differences of each tier; smoke is the default

      metrics:                               # what 'otlab compare' checks; other metrics are only recorded
        converged: {require: true}
        seconds: {gate: false}
      \(rules.dropLast())

      tables:
        - name: results
          title: \(name)
          columns:
            - {row: case}
      \(columns)      - {metric: status}
            - {metric: seconds, digits: 2}

      """
  }

  private var entries: [Question] { questions.filter { $0.kind != .mapping } }

  private var keys: String {
    entries.map { question in
      let path = question.path.joined(separator: ".")
      let fallback = question.fallback.map { ": \($0.text)" } ?? ""
      let about = [question.about, question.expected].filter { !$0.isEmpty }.joined(separator: "; ")
      return "#   \((path + fallback).padded(to: 36)) \(about)"
    }.joined(separator: "\n")
  }

  /// The key of the sweep in the comments: the solver's first number.
  private var sweptKey: String {
    let numbers = entries.filter { if case .number = $0.kind { true } else { false } }
    return (numbers.first { $0.path[0] == "solver" } ?? numbers.first)?.path.joined(separator: ".") ?? "solver.epsilon"
  }
}
