import Documents
import LinearAlgebra
import OptimalTransport

/// The answer of a solver, in a form that can be printed and written to files.
public struct SolverAnswer {
  package enum Plan {
    case full(Coupling)
    case sparse([PlanEntry], rows: Int, columns: Int)
  }

  /// A value that is reported beside the numbers, such as an integer, a text, or null.
  package struct Fact {
    package let name: String
    package let value: Value
    /// The text that replaces the value in the summary for people.
    package var words: String?

    package init(name: String, value: Value, words: String? = nil) {
      self.name = name
      self.value = value
      self.words = words
    }
  }

  package var plans: [(name: String, plan: Plan)] = []
  package var arrays: [(name: String, array: NumericArray)] = []
  /// The numbers of the answer, in the order in which they are shown.
  package var numbers: [(name: String, value: Double)] = []
  /// Integers, texts, and absent values (null); shown after the numbers, and integers are written to files too.
  package var facts: [Fact] = []
  package var status: Status
  package var iterations: Int
  package var trace = Trace()
  /// Sentences about assumptions on the data or changes to them.
  public package(set) var notes: [String] = []

  package init(status: Status, iterations: Int, trace: Trace = Trace()) {
    self.status = status
    self.iterations = iterations
    self.trace = trace
  }

  /// The final status as text, with the reason if the solver stalled.
  public var statusText: String { status.description }
  /// Whether the solver met its tolerance.
  public var isConverged: Bool { status.isConverged }

  package mutating func add(_ coupling: Coupling, name: String = "plan", keepsMarginals: Bool = true) {
    plans.append((name, .full(coupling)))
    let suffix = name == "plan" ? "" : "_\(name)"
    if keepsMarginals { numbers.append(("marginal_error\(suffix)", coupling.marginalError)) }
  }

  package mutating func add(_ potentials: Potentials, names: (String, String) = ("f", "g")) {
    arrays.append((names.0, NumericArray(potentials.source)))
    arrays.append((names.1, NumericArray(potentials.target)))
  }

  /// Status, iterations, numbers, and facts by name, for programs.
  public var summary: [(name: String, value: Value)] {
    let head: [(String, Value)] = [
      ("status", .string(status.name)), ("converged", .bool(status.isConverged)), ("iterations", .integer(iterations)),
    ]
    return head + numbers.map { ($0.name, .number($0.value)) } + facts.map { ($0.name, $0.value) }
  }

  /// Status, iterations, numbers, and facts for people, one line each.
  public var lines: [String] {
    summary.compactMap { name, value in
      if name == "converged" { return nil }
      return "\(name): \(facts.first { $0.name == name }?.words ?? value.text)"
    }
  }
}
