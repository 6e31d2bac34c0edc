import Documents
import OptimalTransport

// Settings of one key each that several solvers have.

extension Fields {
  /// How many starts, of which the lowest objective counts.
  package func starts(default fallback: Int, about: String = "seeded starts; the lowest objective is kept") throws(DocumentError) -> Int {
    try integer("starts", default: fallback, in: 1...10_000, about: about)
  }

  /// What random choices are seeded with: the run's own seed where the settings are a run's.
  package func seed(about: String = "of random choices") throws(DocumentError) -> UInt64 {
    // A run's own seed is no setting: each repetition has another.
    if let runSeed { return UInt64(try optionalInteger("seed", in: 0...Int.max, about: about) ?? runSeed) }
    return UInt64(try integer("seed", default: 1, in: 0...Int.max, about: about))
  }

  /// ε and what it is measured in.
  package func epsilon<Unit: RawRepresentable<String> & CaseIterable>(
    default fallback: Double? = nil, unit: Unit, about: String = "weight of the entropy"
  ) throws(DocumentError) -> (value: Double, unit: Unit) {
    (
      try positiveNumber("epsilon", default: fallback, about: about),
      try choice("epsilonUnit", default: unit, about: "what epsilon is measured in")
    )
  }

  /// ε in units that the problem has by itself.
  ///
  /// - Parameters:
  ///   - unit: as in "squared distances".
  ///   - remark: what goes on the sentence about it.
  package func epsilon(in unit: String, default fallback: Double? = nil, remark: String = "") throws(DocumentError) -> Double {
    try positiveNumber("epsilon", default: fallback, about: "weight of the entropy, in units of \(unit)\(remark)")
  }

  /// ε of a solver that can do without: it takes entropic steps where ε is given.
  package func optionalEpsilon(in unit: String, insteadOf other: String) throws(DocumentError) -> Double? {
    try optionalPositiveNumber("epsilon", about: "takes entropic steps of this weight, in units of \(unit), instead of \(other)")
  }

  /// The share of the quadratic part.
  package func alpha(default fallback: Double? = nil, about: String) throws(DocumentError) -> Double {
    try number("alpha", default: fallback, in: .from(0, to: 1), about: about)
  }

  /// `rho1` and `rho2`.
  ///
  /// - Parameter fallback: what absent ones stand for; nil asks for both.
  package func relaxation(default fallback: Double? = nil) throws(DocumentError) -> MarginalRelaxation {
    func rho(_ key: String, _ side: String) throws(DocumentError) -> Double {
      try number(
        key, default: fallback, in: .notNegativeOrInfinite,
        about: "weight of the KL penalty on the \(side) marginal; inf prescribes it, 0 leaves it free")
    }
    return MarginalRelaxation(source: try rho("rho1", "source"), target: try rho("rho2", "target"))
  }

  /// Starts of a solver that matches rows and columns of two tables, and their seed.
  package func anchoredStarts() throws(DocumentError) -> AnchoredStarts {
    AnchoredStarts(
      starts: try optionalInteger(
        "starts", in: 1...10_000,
        about:
          "the most starts, of which the best counts; when absent 1, and 32 where the tables look symmetric or alike and no start is given"),
      seed: try seed())
  }
}
