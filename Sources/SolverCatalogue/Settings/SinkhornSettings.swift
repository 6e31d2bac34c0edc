import Documents
import LinearAlgebra
import OptimalTransport

/// A Sinkhorn solver whose ε may be in units of the cost at hand.
package struct SinkhornSettings: Sendable {
  /// What ε is measured in.
  package enum EpsilonUnit: String, CaseIterable, Sendable {
    /// Units of the cost.
    case absolute
    /// The largest finite cost.
    case largestCost = "largest-cost"
  }

  private let solver: Sinkhorn
  private let unit: EpsilonUnit

  package init(_ fields: Fields) throws(DocumentError) {
    try fields.refuse("relative", since: "is now 'epsilonUnit: largest-cost'")
    let epsilon = try fields.epsilon(unit: EpsilonUnit.absolute)
    unit = epsilon.unit
    let factor = try fields.number(
      "epsilonScaling", default: 0.25, in: .from(0, below: 1),
      about: "the factor by which epsilon falls to its value, stage by stage; 0 starts there")
    solver = Sinkhorn(
      epsilon: epsilon.value, form: try fields.choice("form", default: .scaling, about: "how the iteration is carried out"),
      epsilonScaling: factor > 0 ? factor : nil,
      stopping: try StoppingRule(
        fields, default: StoppingRule(tolerance: 1e-9, iterationLimit: 100_000),
        about: "residual in the marginals, as a fraction of the mass"))
  }

  /// The solver for problems of a cost, whose largest finite entry counts.
  package func solver(for cost: Matrix) -> Sinkhorn {
    guard unit == .largestCost else { return solver }
    let scale = cost.elements.reduce(0) { $1 < .infinity ? max($0, abs($1)) : $0 }
    var result = solver
    result.epsilon *= scale > 0 ? scale : 1
    return result
  }
}
