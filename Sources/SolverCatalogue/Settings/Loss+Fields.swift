import Documents
import OptimalTransport

/// What compares distances, by the names that settings have.
private enum LossName: String, CaseIterable, Sendable {
  case square
  case kl
}

extension Fields {
  /// `loss`, and `floor` where it is one that knows no zeros.
  package func loss() throws(DocumentError) -> QuadraticLoss {
    let name: LossName = try choice(
      "loss", default: .square, about: "what compares a distance of D1 with one of D2: (a − b)², or a log(a/b) − a + b")
    guard name == .kl else { return .square }
    return .kl(
      floor: try number(
        "floor", default: 0, in: .notNegative,
        about:
          """
          smaller distances of D2 are raised to this one, in units of D2; 0 refuses zeros, where the loss is infinite; \
          POT's is 1e-16
          """
      ))
  }
}

extension ProblemInputs {
  /// The memory of a solver between two spaces, which are held as matrices in several forms for any loss but the
  /// square.
  func memory(ofPlans count: Double, distances: Double = 2, loss: QuadraticLoss) throws -> MemoryNeed {
    loss == .square
      ? try memory(ofPlans: count, distances: distances)
      : try memory(ofPlans: count, distances: distances + 6, formed: 7)
  }
}
