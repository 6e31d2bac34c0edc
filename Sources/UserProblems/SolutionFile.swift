import Datasets
import Documents
import LinearAlgebra
import OptimalTransport
import SolverCatalogue

/// The form in which plans are written.
public enum PlanForm: String, CaseIterable, Sendable {
  /// Dense, except for vertices of the polytope with more than 1e8 entries.
  case automatic = "auto"
  /// One n × m dataset.
  case dense
  /// The positive entries as datasets row, column, mass, and shape in a group.
  case sparse
  /// No plans.
  case none
}

extension SolverAnswer {
  /// Writes everything to an HDF5 file, which replaces an existing one only when it is complete.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - form: the form of plans.
  ///   - description: the solver and its settings, stored in the attribute `otlab`.
  /// - Throws: `DataError` if the file cannot be written.
  public func write(to path: String, plans form: PlanForm, description: Value) throws(DataError) {
    try HDF5.write(datasets(plans: form), texts: [("status", status.name), ("otlab", description.json())], to: path)
  }

  /// Returns all arrays of the answer by name.
  package func datasets(plans form: PlanForm) -> [(name: String, array: NumericArray)] {
    var datasets: [(name: String, array: NumericArray)] = []
    for (name, plan) in plans { datasets += Self.datasets(name, plan, form) }
    datasets += arrays
    datasets += numbers.map { ($0.name, NumericArray(shape: [], elements: [$0.value])) }
    for (name, count) in [("iterations", iterations)]
      + facts.compactMap({ fact in fact.value.integer.map { (fact.name, $0) } })
    {
      datasets.append((name, NumericArray(shape: [], integers: [count])))
    }
    if !trace.points.isEmpty {
      datasets.append(("trace/iteration", NumericArray(integers: trace.points.map(\.iteration))))
      datasets.append(("trace/residual", NumericArray(trace.points.map(\.residual))))
      datasets.append(("trace/seconds", NumericArray(trace.points.map(\.secondsElapsed))))
      let objectives = trace.points.compactMap(\.objective)
      if objectives.count == trace.points.count { datasets.append(("trace/objective", NumericArray(objectives))) }
    }
    return datasets
  }

  private static func datasets(_ name: String, _ plan: Plan, _ form: PlanForm) -> [(name: String, array: NumericArray)]
  {
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
      return datasets(
        name, .sparse(coupling.entries, rows: coupling.plan.rows, columns: coupling.plan.columns), .sparse)
    case (.sparse(let entries, let rows, let columns), .sparse):
      return [
        ("\(name)/row", NumericArray(integers: entries.map(\.row))),
        ("\(name)/column", NumericArray(integers: entries.map(\.column))),
        ("\(name)/mass", NumericArray(entries.map(\.mass))),
        ("\(name)/shape", NumericArray(integers: [rows, columns])),
      ]
    case (.sparse(let entries, let rows, let columns), .dense):
      var matrix = Matrix(rows: rows, columns: columns)
      for entry in entries { matrix[entry.row, entry.column] += entry.mass }
      return [(name, NumericArray(matrix))]
    }
  }
}
