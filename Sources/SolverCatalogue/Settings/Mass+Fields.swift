import Documents

extension Fields {
  /// `mass`, of solvers that transport a part of it; nil takes all that both sides have.
  package func transportedMass() throws(DocumentError) -> Double? {
    try optionalPositiveNumber(
      "mass",
      about: "what is transported, in units of the weights; the smaller sum of weights when absent, which is the most")
  }
}
