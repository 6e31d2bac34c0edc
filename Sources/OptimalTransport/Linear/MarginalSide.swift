import Glibc
import LinearAlgebra

/// One side of an entropic problem: its weights a, its relaxation ρ, and how its potential answers a marginal.
///
/// Potentials are held as f = φ + ε log a, so that P_ij = exp((f_i + g_j − C_ij)/ε). The first-order condition of a side is
/// P1 = a exp(−φ/ρ), which is P1 = a at ρ = ∞ and φ = 0 at ρ = 0.
struct MarginalSide {
  let weights: [Double]
  /// log a; −∞ for points of weight zero.
  let logWeights: [Double]
  let mass: Double
  private(set) var epsilon: Double
  private(set) var rho: Double
  /// ρ/(ρ + ε): 1 for a fixed marginal.
  private(set) var exponent: Double

  init(_ weights: [Double], rho: Double, epsilon: Double) {
    self.weights = weights
    logWeights = weights.map { log($0) }
    mass = compensatedSum(weights)
    self.epsilon = epsilon
    self.rho = rho
    exponent = Self.exponent(rho, epsilon)
  }

  private static func exponent(_ rho: Double, _ epsilon: Double) -> Double { rho == .infinity ? 1 : rho / (rho + epsilon) }

  mutating func set(epsilon: Double, rho: Double) {
    self.epsilon = epsilon
    self.rho = rho
    exponent = Self.exponent(rho, epsilon)
  }

  var isFixed: Bool { rho == .infinity }

  /// φ/ε of point i from its f.
  func rest(_ f: Double, _ i: Int) -> Double { f / epsilon - logWeights[i] }

  /// The f that answers a marginal, now s at the potential f: φ' = τ (φ + ε log(a/s)).
  func answer(_ f: Double, _ i: Int, marginal s: Double) -> Double {
    let step = epsilon * (logWeights[i] - log(s))
    if isFixed { return f + step }
    let weight = epsilon * logWeights[i]
    return weight + exponent * (f - weight + step)
  }

  /// The same from log Σ_j exp((g_j − C_ij)/ε).
  func answer(_ i: Int, logSum: Double) -> Double {
    isFixed ? epsilon * (logWeights[i] - logSum) : epsilon * logWeights[i] - exponent * epsilon * logSum
  }

  /// The same for the scaling of a point whose f stays: what v becomes when Kᵀu is s.
  func scaling(_ f: Double, _ i: Int, sum s: Double) -> Double {
    isFixed ? weights[i] / s : exp(exponent * (logWeights[i] - log(s)) - (1 - exponent) * rest(f, i))
  }

  /// |s − a exp(−φ/ρ)|, with φ/ε = rest + log v: how far a marginal s is from what its potential asks for.
  func violation(_ i: Int, marginal s: Double, rest: Double) -> Double {
    if isFixed { return abs(s - weights[i]) }
    if rho == 0 { return 0 }
    return abs(s - exp(logWeights[i] - rest * epsilon / rho))
  }

  /// Σ |s − a exp(−φ/ρ)| over all points.
  private func violation(_ marginal: [Double], potentials: [Double]) -> Double {
    marginal.indices.reduce(0) {
      weights[$1] > 0 ? $0 + violation($1, marginal: marginal[$1], rest: potentials[$1] / epsilon) : $0
    }
  }

  /// A residual as a fraction of the plan's mass, which is that of a prescribed side, however heavy the other is; a mass below 1e-100 of theirs
  /// counts as that.
  static func share(_ error: Double, of mass: Double, _ source: MarginalSide, _ target: MarginalSide) -> Double {
    error / max(mass, 1e-100 * max(source.mass, target.mass))
  }

  typealias Finished = (side: MarginalSide, marginal: [Double], potentials: [Double])

  /// ‖P1 − a exp(−φ/ρ1)‖₁ + ‖Pᵀ1 − b exp(−ψ/ρ2)‖₁ of a finished plan, as a fraction of its mass.
  static func optimalityError(_ source: Finished, _ target: Finished) -> Double {
    let errors = [source, target].map { $0.side.violation($0.marginal, potentials: $0.potentials) }
    return share(errors[0] + errors[1], of: compensatedSum(source.marginal), source.side, target.side)
  }

  /// ρ KL(marginal | a).
  func penalty(_ marginal: [Double]) -> Double {
    if isFixed || rho == 0 { return 0 }
    return rho * relativeEntropy(marginal, weights)
  }

  /// The conjugate of the penalty at −φ, with its sign turned: ⟨a, φ⟩ for a fixed marginal, ρ ⟨a, 1 − exp(−φ/ρ)⟩ for a relaxed one.
  func dualValue(_ phi: [Double]) -> Double {
    if isFixed { return dot(weights, phi) }
    if rho == 0 { return 0 }
    return -rho * compensatedSum(zip(weights, phi).map { $0 > 0 ? $0 * expm1(-$1 / rho) : 0 })
  }
}

/// KL(p|q) = Σ p log(p/q) − p + q of non-negative vectors; ∞ where p has mass and q has none.
func relativeEntropy(_ p: [Double], _ q: [Double]) -> Double {
  compensatedSum(
    zip(p, q).map { p, q in
      if p == 0 { return q }
      return q == 0 ? .infinity : p * (log(p) - log(q)) - p + q
    })
}
