import LinearAlgebra

/// The exact solution of a linear transport problem.
public struct ExactSolution: Sendable {
  /// The positive entries of the plan, at most n + m − 1, by row and column.
  public let entries: [PlanEntry]
  /// f (n) and g (m) with f_i + g_j ≤ C_ij, tight where there is mass, each rounded to double precision; determined up to a constant moved from one to
  /// the other, and not at all beyond that where the plan falls into parts.
  public let potentials: Potentials
  /// ⟨C, P⟩; infinite when the pivot limit left mass on forbidden pairs.
  public let value: Double
  public let certificate: DualCertificate
  public let status: Status
  public let pivots: Int
  /// Where another problem with the same weights can start.
  public let basis: TransportBasis
  /// C_ij − f_i − g_j by potentials that are not rounded; ∞ for forbidden pairs.
  let reducedCosts: Matrix?
  private let source: [Double]
  private let target: [Double]

  /// - Parameters:
  ///   - tree: priced exactly.
  ///   - keepsReducedCosts: a matrix of the cost's size.
  init(problem: LinearProblem, tree: SimplexTree, isOptimal: Bool, pivots: Int, keepsReducedCosts: Bool) {
    (source, target) = (problem.source, problem.target)
    basis = tree.basis
    let mass = compensatedSum(problem.source)
    // What an optimal plan leaves on forbidden pairs is rounding of weights.
    let masses = basis.masses
    entries = basis.arcs.filter { arc in
      let isRounding = masses.isRounding(arc.flow, arc.row, arc.column) || problem.cost[arc.row, arc.column] == .infinity
      return arc.flow > 0 && !(isOptimal && isRounding)
    }
    .map { PlanEntry(row: $0.row, column: $0.column, mass: Double($0.flow) / Double(masses.total) * mass) }
    .sorted { ($0.row, $0.column) < ($1.row, $1.column) }
    value = compensatedSum(entries.map { problem.cost[$0.row, $0.column] * $0.mass })
    let exact = tree.feasiblePotentials(of: entries, isOptimal: isOptimal)
    reducedCosts = keepsReducedCosts ? exact.reducedCosts : nil
    potentials = exact.doubles
    certificate = DualCertificate(exact, masses: masses, mass: mass, entries: entries, value: value)
    let isProven = isOptimal && certificate.violation == 0 && certificate.slackness == 0
    status = isProven ? .converged : .iterationLimit
    self.pivots = pivots
  }

  /// The plan as a full matrix.
  public var coupling: Coupling { Coupling(entries: entries, source: source, target: target) }
}

/// What shows that a plan is optimal, or how far it may be from it. It speaks of the potentials before they are rounded to double precision: a potential
/// of 1e16 has no digits left to show a difference of 1.
public struct DualCertificate: Sendable, Equatable {
  /// max(0, max_ij f_i + g_j − C_ij); 0 for an optimal plan.
  public let violation: Double
  /// max over the entries of the plan of |f_i + g_j − C_ij|; 0 for every plan of the network simplex.
  public let slackness: Double
  /// ⟨a, f⟩ + ⟨b, g⟩, which no plan can be cheaper than by more than violation times the mass; rounded once.
  public let dualValue: Double
  /// ⟨C, P⟩ minus the dual value.
  public let gap: Double

  init(_ potentials: ExactPotentials, masses: WholeMasses, mass: Double, entries: [PlanEntry], value: Double) {
    violation = potentials.violation
    slackness = entries.reduce(0) { max($0, potentials.slackness($1.row, $1.column)) }
    dualValue = potentials.value(of: masses) * mass
    gap = value - dualValue
  }
}
