import Documents
import OptimalTransport

/// A cone and the ascent on it.
package struct ConeSettings: Sendable {
  package enum Kernel: String, CaseIterable {
    case gaussian
    case cosine
  }

  package let kernel: ConeKernel
  package let delta: Double
  package let ascent: SemiCouplingAscent

  /// - Parameters:
  ///   - delta: what an absent `delta` stands for; nil asks for one.
  ///   - sweeps: the default of `sweeps`.
  ///   - stopping: the defaults of `tolerance` and `iterations`.
  ///   - seed: of the jitter; read from the fields when nil.
  package init(
    _ fields: Fields, delta fallback: Double? = nil, sweeps: Int = 10,
    stopping: StoppingRule = StoppingRule(tolerance: 1e-7, iterationLimit: 5000), seed: UInt64? = nil
  ) throws(DocumentError) {
    kernel = try ConeKernel(fields, default: .gaussian)
    delta = try fields.positiveNumber(
      "delta", default: fallback, about: "δ > 0, in units of the values: what differs by much more is not worth matching")
    let own: UInt64 = if let seed { seed } else { try fields.seed() }
    ascent = SemiCouplingAscent(
      sweeps: try fields.integer(
        "sweeps", default: sweeps, in: 1...1000, about: "of a block while its sums stay as they are; 20 to 100 for δ of 3 and more"),
      stopping: try StoppingRule(fields, default: stopping, about: "relative fall of the squared distance in ten iterations"),
      continuation: try fields.optionalPositiveNumbers("continuation", about: "smaller δ to be solved for first") ?? [],
      jitter: try fields.number("jitter", default: 0, in: .from(0, below: 1), about: "relative noise on the start"),
      seed: own,
      evaluation: try fields.choice("evaluation", default: .automatic, about: "how the kernel's sums are formed"))
  }
}

extension ConeKernel {
  /// Reads `kernel`, and `cap` of the cosine.
  package init(_ fields: Fields, default fallback: ConeSettings.Kernel) throws(DocumentError) {
    let choice: ConeSettings.Kernel = try fields.choice(
      "kernel", default: fallback, about: "exp(−z²/2), or cos(min(z, cap)), z = |difference|/δ")
    switch choice {
    case .gaussian: self = .gaussianHellinger
    case .cosine:
      self = .wassersteinFisherRao(
        cap: try fields.number("cap", default: .pi / 2, in: .above(0, to: .pi), about: "where the cosine stops falling"))
    }
  }
}
