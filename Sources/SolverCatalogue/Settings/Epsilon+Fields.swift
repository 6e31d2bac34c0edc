import Documents

// ε, read here alone: in units that the problem has, or in units that the user chooses.

extension Fields {
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
  ///   - allowsNone: takes 0 as well.
  package func epsilon(
    in unit: String, default fallback: Double? = nil, remark: String = "", allowsNone: Bool = false
  ) throws(DocumentError) -> Double {
    let about = "weight of the entropy, in units of \(unit)\(remark)"
    return allowsNone
      ? try number("epsilon", default: fallback, in: .notNegative, about: about + "; 0 takes none, and exact inner solves")
      : try positiveNumber("epsilon", default: fallback, about: about)
  }

  /// ε of a solver that can do without: it takes entropic steps where ε is given.
  package func optionalEpsilon(in unit: String, insteadOf other: String) throws(DocumentError) -> Double? {
    try optionalPositiveNumber("epsilon", about: "takes entropic steps of this weight, in units of \(unit), instead of \(other)")
  }
}
