/// The weights of the Kullback–Leibler penalties that relax the marginals of a plan.
///
/// The objective of a plan P with prescribed weights a and b gains ρ1 KL(P1 | a) + ρ2 KL(Pᵀ1 | b), with KL(p|q) = Σ p
/// log(p/q) − p + q. ρ = ∞ prescribes a marginal exactly, and ρ = 0 leaves it free. The unit of ρ is that of the
/// cost.
public struct MarginalRelaxation: Sendable, Equatable {
  /// The penalty weight ρ1 of the source marginal, in [0, ∞].
  public var source: Double
  /// The penalty weight ρ2 of the target marginal, in [0, ∞].
  public var target: Double

  /// Creates a relaxation from the penalty weights ρ1 and ρ2.
  public init(source: Double, target: Double) {
    self.source = source
    self.target = target
  }

  /// Both marginals are prescribed: ρ1 = ρ2 = ∞.
  public static let balanced = MarginalRelaxation(source: .infinity, target: .infinity)

  /// Both marginals are relaxed with the same penalty weight ρ.
  public static func relaxed(_ rho: Double) -> MarginalRelaxation { MarginalRelaxation(source: rho, target: rho) }

  /// The source marginal is prescribed and the target marginal is free: ρ1 = ∞, ρ2 = 0.
  public static let semiRelaxed = MarginalRelaxation(source: .infinity, target: 0)

  /// Free marginals, which partial transport bounds by the weights.
  public static let bounded = MarginalRelaxation.relaxed(0)

  /// Whether both marginals are prescribed.
  public var isBalanced: Bool { source == .infinity && target == .infinity }

  /// Whether neither marginal is prescribed.
  var leavesMassFree: Bool { source < .infinity && target < .infinity }

  func scaled(by factor: Double) -> MarginalRelaxation {
    MarginalRelaxation(source: source * factor, target: target * factor)
  }

  /// Checks that both marginals are prescribed, for balanced solvers.
  func requireBalanced() throws(ProblemError) {
    if !isBalanced {
      throw .parameter(
        name: "ρ of the problem", found: "finite", expected: "infinity (this solver prescribes both marginals)")
    }
  }

  package func validate() throws(ProblemError) {
    for (name, rho) in [("ρ1", source), ("ρ2", target)] where !(rho >= 0) {
      throw .parameter(name: name, found: "\(rho)", expected: "a number from 0 to infinity")
    }
  }
}
