import Documents
import OptimalTransport

extension EntropicGromovWasserstein {
  /// Reads everything but ε: `step`, `tolerance`, `iterations`, `innerTolerance`, `innerIterations`.
  package init(_ fields: Fields, epsilon: Double) throws(DocumentError) {
    self.init(
      epsilon: epsilon, step: try fields.choice("step", default: .mirrorDescent, about: "what a step descends"),
      stopping: try StoppingRule(
        fields, default: StoppingRule(tolerance: 1e-9, iterationLimit: 1000), about: "change of the plan (Frobenius)"),
      innerStopping: try StoppingRule(inner: fields, default: StoppingRule(tolerance: 1e-9, iterationLimit: 1000)))
  }
}

extension GromovWasserstein {
  /// Reads `tolerance` and `iterations`.
  package init(_ fields: Fields) throws(DocumentError) {
    self.init(
      stopping: try StoppingRule(
        fields, default: StoppingRule(tolerance: 1e-9, iterationLimit: 1000),
        about: "duality gap, as a fraction of the product plan's objective"))
  }
}
