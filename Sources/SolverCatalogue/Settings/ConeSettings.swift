import Documents
import OptimalTransport

/// The settings of a conic solver: the cone's kernel, its scale δ, and the ascent.
package struct ConeSettings: Sendable {
  package enum Kernel: String, CaseIterable {
    case gaussian
    case cosine
  }

  package let kernel: ConeKernel
  package let delta: Double
  package let ascent: SemiCouplingAscent

  /// Reads the settings.
  ///
  /// - Parameters:
  ///   - fields: the settings as the user wrote them.
  ///   - fallback: the default of `delta`; nil makes the key required.
  ///   - sweeps: the default of `sweeps`.
  ///   - stopping: the defaults of `tolerance` and `iterations`.
  ///   - seed: the seed of the jitter; read from the settings if nil.
  /// - Throws: `DocumentError` if a setting has the wrong type or value, or `delta` is required and absent.
  package init(
    _ fields: Fields, delta fallback: Double? = nil, sweeps: Int = 10,
    stopping: StoppingRule = StoppingRule(tolerance: 1e-7, iterationLimit: 5000), seed: UInt64? = nil
  ) throws(DocumentError) {
    kernel = try ConeKernel(fields, default: .gaussian)
    delta = try fields.positiveNumber(
      "delta", default: fallback,
      about: "length scale δ > 0, in units of the values; values that differ by much more are not matched")
    let own: UInt64 = if let seed { seed } else { try fields.seed() }
    ascent = SemiCouplingAscent(
      sweeps: try fields.integer(
        "sweeps", default: sweeps, in: 1...1000,
        about: "sweeps over one block between updates of the kernel's sums; use 20 to 100 for δ of 3 and more"),
      stopping: try StoppingRule(
        fields, default: stopping,
        about: "relative decrease of the squared distance over ten iterations at which to stop"),
      continuation: try fields.optionalPositiveNumbers(
        "continuation", about: "smaller values of δ that are solved first, in order (δ-continuation)") ?? [],
      jitter: try fields.number(
        "jitter", default: 0, in: .from(0, below: 1), about: "relative noise on the initial plan"),
      seed: own,
      evaluation: try fields.choice(
        "evaluation", default: .automatic, about: "the method by which sums over the kernel are computed"))
  }
}

extension ConeKernel {
  /// Reads `kernel`, and `cap` for the cosine kernel.
  package init(_ fields: Fields, default fallback: ConeSettings.Kernel) throws(DocumentError) {
    let choice: ConeSettings.Kernel = try fields.choice(
      "kernel", default: fallback, about: "gaussian is exp(−z²/2), cosine is cos(min(z, cap)), with z = |difference|/δ")
    switch choice {
    case .gaussian: self = .gaussianHellinger
    case .cosine:
      self = .wassersteinFisherRao(
        truncation: try fields.number(
          "cap", default: .pi / 2, in: .above(0, to: .pi),
          about: "truncation of the cosine's argument z; mass moves only where z < cap"))
    }
  }
}
