import LinearAlgebra

/// The exact solution of a linear transport problem.
public struct ExactSolution: Sendable {
  /// The positive entries of the plan, at most n + m − 1, by row and column.
  public let entries: [PlanEntry]
  /// f (n) and g (m) with f_i + g_j ≤ C_ij, tight where there is mass; determined up to a constant moved from one to the other, and not at
  /// all beyond that where the plan falls into parts.
  public let potentials: (source: [Double], target: [Double])
  /// ⟨C, P⟩.
  public let value: Double
  public let certificate: DualCertificate
  public let status: Status
  public let pivots: Int
  /// Where another problem with the same weights can start.
  public let basis: TransportBasis
  private let source: [Double]
  private let target: [Double]

  init(problem: LinearProblem, tree: TransportTree, status: Status, pivots: Int) {
    (source, target) = (problem.source, problem.target)
    basis = tree.basis
    let mass = compensatedSum(problem.source)
    entries = basis.arcs.filter { $0.flow > 0 }.map {
      PlanEntry(row: $0.row, column: $0.column, mass: Double($0.flow) / Double(WholeMasses.total) * mass)
    }
    .sorted { ($0.row, $0.column) < ($1.row, $1.column) }
    potentials = tree.feasiblePotentials
    value = compensatedSum(entries.map { problem.cost[$0.row, $0.column] * $0.mass })
    certificate = DualCertificate(problem, entries: entries, potentials: potentials, value: value)
    self.status = status
    self.pivots = pivots
  }

  /// The plan as a full matrix.
  public var coupling: Coupling { Coupling(entries: entries, source: source, target: target) }
}

/// What shows that a plan is optimal, or how far it may be from it; anybody can check it without the solver.
public struct DualCertificate: Sendable, Equatable {
  /// max(0, max_ij f_i + g_j − C_ij).
  public let violation: Double
  /// max over the entries of the plan of |f_i + g_j − C_ij|.
  public let slackness: Double
  /// ⟨a, f⟩ + ⟨b, g⟩, which no plan can be cheaper than by more than violation times the mass.
  public let dualValue: Double
  /// ⟨C, P⟩ minus the dual value.
  public let gap: Double

  init(
    _ problem: LinearProblem, entries: [PlanEntry], potentials: (source: [Double], target: [Double]), value: Double
  ) {
    let (f, g) = potentials
    var violation = 0.0
    for i in 0..<problem.cost.rows {
      let row = problem.cost[row: i]
      for (j, cost) in row.enumerated() { violation = max(violation, f[i] + g[j] - cost) }
    }
    self.violation = violation
    slackness = entries.reduce(0) { max($0, abs(f[$1.row] + g[$1.column] - problem.cost[$1.row, $1.column])) }
    dualValue = compensatedSum(zip(problem.source, f).map { $0 * $1 } + zip(problem.target, g).map { $0 * $1 })
    gap = value - dualValue
  }
}
