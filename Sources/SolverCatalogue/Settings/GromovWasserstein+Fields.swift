import Documents
import OptimalTransport

extension EntropicGromovWasserstein {
  /// Reads all settings except ε: `step`, `tolerance`, `iterations`, `innerTolerance`, and `innerIterations`.
  package init(_ fields: Fields, epsilon: Double) throws(DocumentError) {
    self.init(
      epsilon: epsilon,
      step: try fields.choice(
        "step", default: .mirrorDescent,
        about: "the reference of a step's entropy: a⊗b for mirror descent, the current plan for proximal steps"),
      stopping: try StoppingRule(
        fields, default: StoppingRule(tolerance: 1e-9, iterationLimit: 1000),
        about: "change of the plan (Frobenius norm) at which to stop"),
      innerStopping: try StoppingRule(inner: fields, default: StoppingRule(tolerance: 1e-9, iterationLimit: 1000)))
  }
}

extension GromovWasserstein {
  /// Reads `tolerance` and `iterations`.
  package init(_ fields: Fields) throws(DocumentError) {
    self.init(
      stopping: try StoppingRule(
        fields, default: StoppingRule(tolerance: 1e-9, iterationLimit: 1000),
        about: "duality gap at which to stop, relative to the product plan's objective"))
  }
}
