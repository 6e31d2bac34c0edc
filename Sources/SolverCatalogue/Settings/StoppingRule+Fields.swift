import Documents
import OptimalTransport

extension StoppingRule {
  /// Reads `tolerance` and `iterations`.
  ///
  /// - Parameters:
  ///   - fields: the settings as the user wrote them.
  ///   - fallback: the defaults of both keys.
  ///   - about: the quantity that the tolerance bounds, in words.
  /// - Throws: `DocumentError` if a setting has the wrong type or value.
  package init(_ fields: Fields, default fallback: StoppingRule, about: String) throws(DocumentError) {
    try fields.refuse("iterationLimit", since: "is now 'iterations'")
    self.init(
      tolerance: try fields.number("tolerance", default: fallback.tolerance, in: .notNegative, about: about),
      iterationLimit: try fields.integer(
        "iterations", default: fallback.iterationLimit, about: "maximum number of iterations"))
  }

  /// Reads `innerTolerance` and `innerIterations` of the Sinkhorn solves within each iteration.
  package init(inner fields: Fields, default fallback: StoppingRule) throws(DocumentError) {
    try fields.refuse("innerIterationLimit", since: "is now 'innerIterations'")
    self.init(
      tolerance: try fields.number(
        "innerTolerance", default: fallback.tolerance, in: .notNegative,
        about: "marginal residual at which an inner Sinkhorn solve stops"),
      iterationLimit: try fields.integer(
        "innerIterations", default: fallback.iterationLimit,
        about: "maximum number of iterations of an inner Sinkhorn solve"))
  }
}
