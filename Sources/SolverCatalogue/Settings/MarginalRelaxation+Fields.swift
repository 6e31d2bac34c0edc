import Documents
import OptimalTransport

extension Fields {
  /// Reads the penalty weights `rho1` and `rho2`.
  ///
  /// - Parameter fallback: the default of both; nil makes both keys required.
  /// - Returns: the penalty weights.
  /// - Throws: `DocumentError` if a weight is negative or not a number, or is required and absent.
  package func relaxation(default fallback: Double? = nil) throws(DocumentError) -> MarginalRelaxation {
    func rho(_ key: String, _ side: String) throws(DocumentError) -> Double {
      try number(
        key, default: fallback, in: .notNegativeOrInfinite,
        about: "weight ρ of the KL penalty on the \(side) marginal; inf prescribes it, 0 leaves it free")
    }
    return MarginalRelaxation(source: try rho("rho1", "source"), target: try rho("rho2", "target"))
  }
}
