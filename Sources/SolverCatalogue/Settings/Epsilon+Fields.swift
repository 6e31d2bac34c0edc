import Documents

// The only readers of ε, in a unit that the problem defines or in one that the user chooses.

extension Fields {
  /// Reads ε and its unit.
  package func epsilon<Unit: RawRepresentable<String> & CaseIterable>(
    default fallback: Double? = nil, unit: Unit, about: String = "weight ε of the entropic regularization"
  ) throws(DocumentError) -> (value: Double, unit: Unit) {
    (
      try positiveNumber("epsilon", default: fallback, about: about),
      try choice("epsilonUnit", default: unit, about: "the unit of epsilon")
    )
  }

  /// Reads ε in a unit that the problem defines.
  ///
  /// - Parameters:
  ///   - unit: the unit in words, such as "squared distances".
  ///   - fallback: the default of ε; nil makes the key required.
  ///   - remark: appended to the description of the setting.
  /// - Returns: ε, a positive number.
  /// - Throws: `DocumentError` if the setting is not a positive number, or is required and absent.
  package func epsilon(in unit: String, default fallback: Double? = nil, remark: String = "") throws(DocumentError) -> Double {
    try positiveNumber("epsilon", default: fallback, about: "weight ε of the entropic regularization, in units of \(unit)\(remark)")
  }

  /// Reads an optional ε, which switches a solver to entropic steps.
  package func optionalEpsilon(in unit: String, insteadOf other: String) throws(DocumentError) -> Double? {
    try optionalPositiveNumber("epsilon", about: "if given, weight ε of entropic steps, in units of \(unit), which replace \(other)")
  }
}
