import Documents
import OptimalTransport

extension StoppingRule {
  /// Reads `tolerance` and `iterations`.
  ///
  /// - Parameters:
  ///   - fallback: what absent keys stand for.
  ///   - about: what falls to the tolerance.
  package init(_ fields: Fields, default fallback: StoppingRule, about: String) throws(DocumentError) {
    try fields.refuse("iterationLimit", since: "is now 'iterations'")
    self.init(
      tolerance: try fields.number("tolerance", default: fallback.tolerance, in: .notNegative, about: about),
      iterationLimit: try fields.integer("iterations", default: fallback.iterationLimit, about: "the most iterations"))
  }

  /// Reads `innerTolerance` and `innerIterations`, of the Sinkhorn solves within each iteration.
  package init(inner fields: Fields, default fallback: StoppingRule) throws(DocumentError) {
    try fields.refuse("innerIterationLimit", since: "is now 'innerIterations'")
    self.init(
      tolerance: try fields.number(
        "innerTolerance", default: fallback.tolerance, in: .notNegative, about: "residual at which an inner Sinkhorn solve ends"),
      iterationLimit: try fields.integer(
        "innerIterations", default: fallback.iterationLimit, about: "the most iterations of an inner Sinkhorn solve"))
  }
}
