import Documents
import LinearAlgebra
import OptimalTransport

/// The settings of a Sinkhorn solver whose ε may be given in units of the largest cost.
package struct SinkhornSettings: Sendable {
  /// The unit of ε.
  package enum EpsilonUnit: String, CaseIterable, Sendable {
    /// ε is in units of the cost.
    case absolute
    /// ε is a multiple of the largest finite cost in magnitude.
    case largestCost = "largest-cost"
  }

  private let solver: Sinkhorn
  private let unit: EpsilonUnit

  package init(_ fields: Fields) throws(DocumentError) {
    try fields.refuse("relative", since: "is now 'epsilonUnit: largest-cost'")
    let epsilon = try fields.epsilon(unit: EpsilonUnit.absolute)
    try self.init(fields, epsilon: epsilon.value, unit: epsilon.unit)
  }

  /// Reads the settings of a method that can do without entropy; nil if there is no `epsilon`.
  package static func optional(_ fields: Fields, about: String) throws(DocumentError) -> SinkhornSettings? {
    guard let epsilon = try fields.optionalPositiveNumber("epsilon", about: about) else { return nil }
    return try SinkhornSettings(fields, epsilon: epsilon, unit: fields.epsilonUnit(default: .absolute))
  }

  private init(_ fields: Fields, epsilon: Double, unit: EpsilonUnit) throws(DocumentError) {
    self.unit = unit
    let factor = try fields.number(
      "epsilonScaling", default: 0.25, in: .from(0, below: 1),
      about: "the factor by which ε decreases per stage to its final value; 0 disables ε-scaling")
    solver = Sinkhorn(
      epsilon: epsilon,
      form: try fields.choice(
        "form", default: .scaling, about: "the form of the iteration; logarithmic is slower, but safe at very small ε"),
      epsilonScaling: factor > 0 ? factor : nil,
      stopping: try StoppingRule(
        fields, default: StoppingRule(tolerance: 1e-9, iterationLimit: 100_000),
        about: "marginal residual at which to stop, relative to the mass"))
  }

  /// Returns the solver for a given cost, with ε in units of that cost.
  package func solver(for cost: Matrix) -> Sinkhorn {
    guard unit == .largestCost else { return solver }
    let scale = cost.elements.reduce(0) { $1 < .infinity ? max($0, abs($1)) : $0 }
    var result = solver
    result.epsilon *= scale > 0 ? scale : 1
    return result
  }
}
