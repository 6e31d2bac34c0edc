import Glibc
import LinearAlgebra

/// One marginal constraint of an entropic problem: its weights a, its penalty weight ρ, and the update of its
/// potential.
///
/// Potentials are stored as f = φ + ε log a, so that P_ij = exp((f_i + g_j − C_ij)/ε). The optimality condition is P1
/// = a exp(−φ/ρ), which means P1 = a for ρ = ∞ and φ = 0 for ρ = 0.
struct MarginalSide {
  let weights: [Double]
  /// log a; −∞ for points of weight zero.
  let logWeights: [Double]
  let mass: Double
  private(set) var epsilon: Double
  private(set) var rho: Double
  /// The exponent τ = ρ/(ρ + ε) of the update; 1 for a prescribed marginal.
  private(set) var exponent: Double

  init(_ weights: [Double], rho: Double, epsilon: Double) {
    self.weights = weights
    logWeights = weights.map { log($0) }
    mass = compensatedSum(weights)
    self.epsilon = epsilon
    self.rho = rho
    exponent = Self.exponent(rho, epsilon)
  }

  private static func exponent(_ rho: Double, _ epsilon: Double) -> Double {
    rho == .infinity ? 1 : rho / (rho + epsilon)
  }

  mutating func set(epsilon: Double, rho: Double) {
    self.epsilon = epsilon
    self.rho = rho
    exponent = Self.exponent(rho, epsilon)
  }

  var isFixed: Bool { rho == .infinity }

  /// Returns φ/ε of point i from its f.
  func rest(_ f: Double, _ i: Int) -> Double { f / epsilon - logWeights[i] }

  /// Returns the updated potential for a marginal that is s at the potential f: φ' = τ (φ + ε log(a/s)).
  func answer(_ f: Double, _ i: Int, marginal s: Double) -> Double {
    let step = epsilon * (logWeights[i] - log(s))
    if isFixed { return f + step }
    let weight = epsilon * logWeights[i]
    return weight + exponent * (f - weight + step)
  }

  /// Returns the updated potential from log Σ_j exp((g_j − C_ij)/ε).
  func answer(_ i: Int, logSum: Double) -> Double {
    isFixed ? epsilon * (logWeights[i] - logSum) : epsilon * logWeights[i] - exponent * epsilon * logSum
  }

  /// Returns the updated scaling of a point whose potential f stays fixed, such as v from s = Kᵀu.
  func scaling(_ f: Double, _ i: Int, sum s: Double) -> Double {
    isFixed ? weights[i] / s : exp(exponent * (logWeights[i] - log(s)) - (1 - exponent) * rest(f, i))
  }

  /// Returns |s − a exp(−φ/ρ)| with φ/ε = rest + log v, the residual of a marginal s in the optimality condition.
  func violation(_ i: Int, marginal s: Double, rest: Double) -> Double {
    if isFixed { return abs(s - weights[i]) }
    if rho == 0 { return 0 }
    return abs(s - exp(logWeights[i] - rest * epsilon / rho))
  }

  /// Returns Σ |s − a exp(−φ/ρ)| over all points.
  private func violation(_ marginal: [Double], potentials: [Double]) -> Double {
    marginal.indices.reduce(0) {
      weights[$1] > 0 ? $0 + violation($1, marginal: marginal[$1], rest: potentials[$1] / epsilon) : $0
    }
  }

  /// Returns a residual as a fraction of the plan's mass.
  ///
  /// The mass is that of a prescribed side if there is one, however heavy the other side is, and at least 1e-100 of
  /// the sides' masses.
  static func share(_ error: Double, of mass: Double, _ source: MarginalSide, _ target: MarginalSide) -> Double {
    error / max(mass, 1e-100 * max(source.mass, target.mass))
  }

  typealias Finished = (side: MarginalSide, marginal: [Double], potentials: [Double])

  /// Returns ‖P1 − a exp(−φ/ρ1)‖₁ + ‖Pᵀ1 − b exp(−ψ/ρ2)‖₁ of a finished plan, as a fraction of its mass.
  static func optimalityError(_ source: Finished, _ target: Finished) -> Double {
    let errors = [source, target].map { $0.side.violation($0.marginal, potentials: $0.potentials) }
    return share(errors[0] + errors[1], of: compensatedSum(source.marginal), source.side, target.side)
  }

  /// Returns the penalty ρ KL(marginal | a).
  func penalty(_ marginal: [Double]) -> Double {
    if isFixed || rho == 0 { return 0 }
    return rho * relativeEntropy(marginal, weights)
  }

  /// Returns the dual term of the penalty: ⟨a, φ⟩ for a prescribed marginal, and ρ ⟨a, 1 − exp(−φ/ρ)⟩ for a relaxed
  /// one.
  func dualValue(_ phi: [Double]) -> Double {
    if isFixed { return dot(weights, phi) }
    if rho == 0 { return 0 }
    return -rho * compensatedSum(zip(weights, phi).map { $0 > 0 ? $0 * expm1(-$1 / rho) : 0 })
  }
}

/// Returns KL(p|q) = Σ p log(p/q) − p + q for nonnegative vectors; ∞ if p has mass where q has none.
func relativeEntropy(_ p: [Double], _ q: [Double]) -> Double {
  compensatedSum(
    zip(p, q).map { p, q in
      if p == 0 { return q }
      return q == 0 ? .infinity : p * (log(p) - log(q)) - p + q
    })
}
