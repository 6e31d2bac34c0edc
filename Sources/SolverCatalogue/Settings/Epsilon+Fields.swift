import Documents

// The only readers of ε, in a unit that the problem defines or in one that the user chooses.

extension Fields {
  /// Reads ε and its unit.
  package func epsilon<Unit: RawRepresentable<String> & CaseIterable>(
    default fallback: Double? = nil, unit: Unit, about: String = "weight ε of the entropic regularization"
  ) throws(DocumentError) -> (value: Double, unit: Unit) {
    (try positiveNumber("epsilon", default: fallback, about: about), try epsilonUnit(default: unit))
  }

  /// Reads the unit of ε.
  package func epsilonUnit<Unit: RawRepresentable<String> & CaseIterable>(
    default unit: Unit
  ) throws(DocumentError) -> Unit {
    try choice("epsilonUnit", default: unit, about: "the unit of epsilon")
  }

  /// Reads ε in a unit that the problem defines.
  ///
  /// - Parameters:
  ///   - unit: the unit of ε, as in "squared distances".
  ///   - fallback: the value of an absent key; nil requires it.
  ///   - remark: text appended to the description.
  ///   - allowsNone: whether 0, no entropy, is allowed.
  /// - Returns: ε.
  /// - Throws: `DocumentError` if the key is missing or out of range.
  package func epsilon(
    in unit: String, default fallback: Double? = nil, remark: String = "", allowsNone: Bool = false
  ) throws(DocumentError) -> Double {
    let about = "weight of the entropy, in units of \(unit)\(remark)"
    return allowsNone
      ? try number(
        "epsilon", default: fallback, in: .notNegative, about: about + "; 0 takes none, and exact inner solves")
      : try positiveNumber("epsilon", default: fallback, about: about)
  }

  /// Reads an optional ε, which switches a solver to entropic steps.
  package func optionalEpsilon(in unit: String, insteadOf other: String) throws(DocumentError) -> Double? {
    try optionalPositiveNumber(
      "epsilon", about: "if given, weight ε of entropic steps, in units of \(unit), which replace \(other)")
  }
}
