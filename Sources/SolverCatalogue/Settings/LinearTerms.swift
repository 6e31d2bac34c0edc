import Documents
import LinearAlgebra
import OptimalTransport

/// What rows and columns of two tables cost to match in themselves: α MP and α MQ.
struct LinearTerms: Sendable {
  private let alphas: (samples: Double, features: Double)

  init(_ fields: Fields) throws(DocumentError) {
    func alpha(_ key: String, _ about: String) throws(DocumentError) -> Double {
      try fields.number(key, default: 1, in: .notNegative, about: about)
    }
    alphas = (
      try alpha("sampleAlpha", "factor of MP, where there is one"),
      try alpha("featureAlpha", "factor of MQ, where there is one")
    )
  }

  static let outputs: Glossary = [
    "quadratic_value": "Σ (X_ik − Y_jl)² P_ij Q_kl, where there is MP or MQ", "linear_value_samples": "⟨α MP, P⟩",
    "linear_value_features": "⟨α MQ, Q⟩",
  ]

  func areIn(_ inputs: ProblemInputs) -> Bool { inputs.contains("MP") || inputs.contains("MQ") }

  func matrices(_ inputs: ProblemInputs) throws -> (samples: Matrix?, features: Matrix?) {
    func term(_ name: String, _ alpha: Double) throws -> Matrix? {
      guard let matrix = try inputs.matrix(name), alpha > 0 else { return nil }
      return matrix.map { alpha * $0 }
    }
    return (try term("MP", alphas.samples), try term("MQ", alphas.features))
  }
}

extension InputDescription {
  static let linearTerms = [
    InputDescription("MP", "n×m", "what matching rows costs in itself; nothing when absent"),
    InputDescription("MQ", "d×e", "what matching columns costs in itself; nothing when absent"),
  ]
}
