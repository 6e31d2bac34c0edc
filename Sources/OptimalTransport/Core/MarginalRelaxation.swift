/// How far the marginals of a plan P may depart from the prescribed weights: the objective gains ρ1 KL(P1 | a) + ρ2 KL(Pᵀ1 | b), with
/// KL(p|q) = Σ p log(p/q) − p + q.
///
/// ρ = ∞ prescribes the marginal exactly, ρ = 0 leaves it free; units are those of the cost.
public struct MarginalRelaxation: Sendable, Equatable {
  /// ρ1 in [0, ∞].
  public var source: Double
  /// ρ2 in [0, ∞].
  public var target: Double

  public init(source: Double, target: Double) {
    self.source = source
    self.target = target
  }

  /// Both marginals are prescribed.
  public static let balanced = MarginalRelaxation(source: .infinity, target: .infinity)

  /// Both marginals are relaxed by the same ρ.
  public static func relaxed(_ rho: Double) -> MarginalRelaxation { MarginalRelaxation(source: rho, target: rho) }

  /// The source marginal is prescribed, the target marginal free.
  public static let semiRelaxed = MarginalRelaxation(source: .infinity, target: 0)

  /// Neither marginal is prescribed; partial transport keeps them at most the weights.
  public static let bounded = MarginalRelaxation.relaxed(0)

  public var isBalanced: Bool { source == .infinity && target == .infinity }

  /// Whether neither marginal is prescribed.
  var leavesMassFree: Bool { source < .infinity && target < .infinity }

  func scaled(by factor: Double) -> MarginalRelaxation { MarginalRelaxation(source: source * factor, target: target * factor) }

  /// Checks that both marginals are prescribed, for solvers that keep them.
  func requireBalanced() throws(ProblemError) {
    if !isBalanced {
      throw .parameter(name: "ρ of a problem for a balanced solver", found: "finite", expected: "infinity: it keeps both marginals")
    }
  }

  package func validate() throws(ProblemError) {
    for (name, rho) in [("ρ1", source), ("ρ2", target)] where !(rho >= 0) {
      throw .parameter(name: name, found: "\(rho)", expected: "a number from 0 to infinity")
    }
  }
}
