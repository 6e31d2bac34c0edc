import Documents
import OptimalTransport

extension Fields {
  /// Reads the penalty weights `rho1` and `rho2`.
  ///
  /// - Parameters:
  ///   - fallback: the value of absent keys; nil requires both.
  ///   - penalty: the name of the penalty.
  /// - Returns: The penalty weights.
  /// - Throws: `DocumentError` if a key is missing or out of range.
  package func relaxation(default fallback: Double? = nil, of penalty: String = "KL penalty") throws(DocumentError)
    -> MarginalRelaxation
  {
    func rho(_ key: String, _ side: String) throws(DocumentError) -> Double {
      try number(
        key, default: fallback, in: .notNegativeOrInfinite,
        about: "weight of the \(penalty) on the \(side) marginal; inf prescribes it, 0 leaves it free")
    }
    return MarginalRelaxation(source: try rho("rho1", "source"), target: try rho("rho2", "target"))
  }

  /// What marginals of a product of plans pay.
  package func productPenalty() throws(DocumentError) -> ProductPenalty {
    try choice("penalty", default: .kl, about: "on marginals: KL, or ½ Σ (p − q)² (l2), which goes without entropy")
  }
}
