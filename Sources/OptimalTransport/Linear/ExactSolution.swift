import LinearAlgebra

/// The exact solution of a linear transport problem.
public struct ExactSolution: Sendable {
  /// The positive entries of the plan, at most n + m − 1, ordered by row and column.
  public let entries: [PlanEntry]
  /// The dual potentials f (n) and g (m), with f_i + g_j ≤ C_ij and equality where the plan has mass.
  ///
  /// They are rounded to double precision. A constant can be added to f and subtracted from g, separately for each
  /// connected part of the plan as long as they stay feasible.
  public let potentials: Potentials
  /// The transport cost ⟨C, P⟩; +∞ if the pivot limit left mass on forbidden pairs.
  public let value: Double
  /// The dual certificate, computed from potentials without rounding.
  public let certificate: DualCertificate
  /// `converged` if the plan is optimal, otherwise `iterationLimit`.
  public let status: Status
  /// The number of simplex pivots.
  public let pivots: Int
  /// The final basis, a warm start for another problem with the same weights.
  public let basis: TransportBasis
  /// The reduced costs C_ij − f_i − g_j from exact potentials; ∞ for forbidden pairs.
  let reducedCosts: Matrix?
  private let source: [Double]
  private let target: [Double]

  /// Reads the solution from a final simplex tree.
  ///
  /// - Parameters:
  ///   - problem: the problem.
  ///   - tree: the final tree, priced exactly.
  ///   - isOptimal: whether no reduced cost is negative.
  ///   - pivots: the number of pivots.
  ///   - keepsReducedCosts: whether to keep the reduced costs, a matrix of the size of the cost.
  init(problem: LinearProblem, tree: SimplexTree, isOptimal: Bool, pivots: Int, keepsReducedCosts: Bool) {
    (source, target) = (problem.source, problem.target)
    basis = tree.basis
    let mass = compensatedSum(problem.source)
    // Mass that an optimal plan leaves on forbidden pairs is rounding error of the weights.
    let masses = basis.masses
    entries = basis.arcs.filter { arc in
      let isRounding =
        masses.isRounding(arc.flow, arc.row, arc.column) || problem.cost[arc.row, arc.column] == .infinity
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

  /// The plan as a dense matrix with its marginals.
  public var coupling: Coupling { Coupling(entries: entries, source: source, target: target) }
}

/// A proof that a plan is optimal, or a bound on its suboptimality.
///
/// It refers to the potentials before they are rounded to double precision: a potential of 1e16 has no digits left
/// for a difference of 1.
public struct DualCertificate: Sendable, Equatable {
  /// The dual infeasibility max(0, max_ij f_i + g_j − C_ij); 0 for an optimal plan.
  public let violation: Double
  /// The violation of complementary slackness, max |f_i + g_j − C_ij| over the entries of the plan.
  ///
  /// It is 0 for every plan of the network simplex.
  public let slackness: Double
  /// The dual value ⟨a, f⟩ + ⟨b, g⟩, rounded once.
  ///
  /// No plan costs less than this minus `violation` times the mass.
  public let dualValue: Double
  /// The duality gap, ⟨C, P⟩ minus the dual value.
  public let gap: Double

  init(_ potentials: ExactPotentials, masses: WholeMasses, mass: Double, entries: [PlanEntry], value: Double) {
    violation = potentials.violation
    slackness = entries.reduce(0) { max($0, potentials.slackness($1.row, $1.column)) }
    dualValue = potentials.value(of: masses) * mass
    gap = value - dualValue
  }
}
