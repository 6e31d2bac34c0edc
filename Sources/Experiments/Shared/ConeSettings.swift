import Documents
import OptimalTransport

/// What manifests say of a cone and of the ascent on it.
struct ConeSettings: Sendable {
  enum Kernel: String, CaseIterable {
    case gaussian
    case cosine
  }

  let kernel: ConeKernel
  let delta: Double
  let ascent: SemiCouplingAscent

  init(_ fields: Fields, delta given: Double? = nil, sweeps: Int = 10, tolerance: Double = 1e-7, iterationLimit: Int = 5000)
    throws(DocumentError)
  {
    let choice: Kernel = try fields.choice("kernel", default: .gaussian, about: "exp(−z²/2), or cos(min(z, cap))")
    if choice == .cosine {
      let cap = try fields.number("cap", default: .pi / 2, in: .above(0, to: .pi), about: "where the cosine stops falling")
      kernel = .wassersteinFisherRao(cap: cap)
    } else {
      kernel = .gaussianHellinger
    }
    let about = "values that differ by much more are not worth matching; in their units"
    if let given {
      delta = try fields.positiveNumber("delta", default: given, about: about)
    } else {
      delta = try fields.positiveNumber("delta", about: about)
    }
    ascent = SemiCouplingAscent(
      sweeps: try fields.integer("sweeps", default: sweeps, in: 1...1000, about: "of a block while its sums stay as they are"),
      stopping: StoppingRule(
        tolerance: try fields.positiveNumber(
          "tolerance", default: tolerance, about: "relative fall of the squared distance in ten iterations"),
        iterationLimit: try fields.integer("iterationLimit", default: iterationLimit, in: 1...1_000_000, about: "outer iterations")),
      continuation: try fields.optionalPositiveNumbers("continuation", about: "smaller δ to be solved for first") ?? [])
  }
}
