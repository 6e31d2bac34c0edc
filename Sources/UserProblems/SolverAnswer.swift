import Datasets
import Documents
import LinearAlgebra
import OptimalTransport

/// What a solver gives back, ready to be written.
public struct SolverAnswer {
  public enum Plan {
    case full(Coupling)
    case sparse([PlanEntry], rows: Int, columns: Int)
  }

  /// Something that is told beside the numbers.
  struct Fact {
    let name: String
    let value: Value
    /// What stands for it in the summary for people.
    var words: String?
  }

  /// How plans are written.
  public enum PlanForm: String, CaseIterable, Sendable {
    /// Dense, but for vertices of more than 1e8 entries.
    case automatic = "auto"
    /// As one n×m dataset.
    case dense
    /// As the datasets row, column, mass and shape in a group: positive entries only.
    case sparse
    /// Not at all.
    case none
  }

  var plans: [(name: String, plan: Plan)] = []
  var arrays: [(name: String, array: NumericArray)] = []
  /// In the order in which they are shown.
  var numbers: [(name: String, value: Double)] = []
  /// Whole numbers, texts, and what there is none of (null); shown after the numbers, and whole numbers are written.
  var facts: [Fact] = []
  var status: Status
  var iterations: Int
  var trace = Trace()
  /// What was taken for granted about the data or done to them.
  public internal(set) var notes: [String] = []

  init(status: Status, iterations: Int, trace: Trace = Trace()) {
    self.status = status
    self.iterations = iterations
    self.trace = trace
  }

  public var statusText: String { status.description }
  public var isConverged: Bool { status.isConverged }

  mutating func add(_ coupling: Coupling, name: String = "plan", keepsMarginals: Bool = true) {
    plans.append((name, .full(coupling)))
    let suffix = name == "plan" ? "" : "_\(name)"
    if keepsMarginals { numbers.append(("marginal_error\(suffix)", coupling.marginalError)) }
  }

  mutating func add(_ potentials: Potentials, names: (String, String) = ("f", "g")) {
    arrays.append((names.0, NumericArray(potentials.source)))
    arrays.append((names.1, NumericArray(potentials.target)))
  }

  /// Status, iterations, numbers and facts by name, for programs.
  public var summary: [(name: String, value: Value)] {
    let head: [(String, Value)] = [
      ("status", .string(status.name)), ("converged", .bool(status.isConverged)), ("iterations", .integer(iterations)),
    ]
    return head + numbers.map { ($0.name, .number($0.value)) } + facts.map { ($0.name, $0.value) }
  }

  /// The same for people, a line each.
  public var lines: [String] {
    summary.compactMap { name, value in
      if name == "converged" { return nil }
      return "\(name): \(facts.first { $0.name == name }?.words ?? value.text)"
    }
  }

  /// Writes everything to an HDF5 file, which replaces an older one only when it is complete.
  ///
  /// - Parameter description: of solver and settings, kept as the attribute `otlab`.
  /// - Throws: `DataError` when the file cannot be written.
  public func write(to path: String, plans form: PlanForm, description: Value) throws(DataError) {
    var datasets: [(name: String, array: NumericArray)] = []
    for (name, plan) in plans { datasets += Self.datasets(name, plan, form) }
    datasets += arrays
    datasets += numbers.map { ($0.name, NumericArray(shape: [], elements: [$0.value])) }
    for (name, count) in [("iterations", iterations)] + facts.compactMap({ fact in fact.value.integer.map { (fact.name, $0) } }) {
      datasets.append((name, NumericArray(shape: [], integers: [count])))
    }
    if !trace.points.isEmpty {
      datasets.append(("trace/iteration", NumericArray(integers: trace.points.map(\.iteration))))
      datasets.append(("trace/residual", NumericArray(trace.points.map(\.residual))))
      datasets.append(("trace/seconds", NumericArray(trace.points.map(\.secondsElapsed))))
      let objectives = trace.points.compactMap(\.objective)
      if objectives.count == trace.points.count { datasets.append(("trace/objective", NumericArray(objectives))) }
    }
    try HDF5.write(datasets, texts: [("status", status.name), ("otlab", description.json())], to: path)
  }

  private static func datasets(_ name: String, _ plan: Plan, _ form: PlanForm) -> [(name: String, array: NumericArray)] {
    switch (plan, form) {
    case (_, .none):
      return []
    case (.full, .automatic):
      return datasets(name, plan, .dense)
    case (.sparse(_, let rows, let columns), .automatic):
      return datasets(name, plan, Double(rows) * Double(columns) <= 1e8 ? .dense : .sparse)
    case (.full(let coupling), .dense):
      return [(name, NumericArray(coupling.plan))]
    case (.full(let coupling), .sparse):
      return datasets(name, .sparse(coupling.entries, rows: coupling.plan.rows, columns: coupling.plan.columns), .sparse)
    case (.sparse(let entries, let rows, let columns), .sparse):
      return [
        ("\(name)/row", NumericArray(integers: entries.map(\.row))), ("\(name)/column", NumericArray(integers: entries.map(\.column))),
        ("\(name)/mass", NumericArray(entries.map(\.mass))), ("\(name)/shape", NumericArray(integers: [rows, columns])),
      ]
    case (.sparse(let entries, let rows, let columns), .dense):
      var matrix = Matrix(rows: rows, columns: columns)
      for entry in entries { matrix[entry.row, entry.column] += entry.mass }
      return [(name, NumericArray(matrix))]
    }
  }
}
