import Glibc
import LinearAlgebra

/// What a plan pays for a marginal p that departs from its weights a, per unit ρ.
public enum MarginalPenalty: String, Sendable, CaseIterable {
  /// KL(p|a) = Σ p log(p/a) − p + a. Points of weight zero take no part.
  case kl
  /// ½ Σ (p − a)². Units of ρ are those of the cost by mass.
  case l2
  /// Σ |p − a|: mass is dropped, or made, at ρ a unit.
  case tv
}

/// One side of a transport problem whose marginal p may depart from its weights a at the price D(p) = ρ penalty(p, a);
/// ρ = ∞ prescribes it and ρ = 0 leaves it free.
///
/// A potential f of the side bounds the problem from below by −D*(−f) = min over p ≥ 0 of D(p) + ⟨f, p⟩.
struct PenalizedSide {
  let penalty: MarginalPenalty
  let rho: Double
  let weights: [Double]
  private let logWeights: [Double]

  init(_ weights: [Double], rho: Double, penalty: MarginalPenalty) {
    (self.penalty, self.rho, self.weights) = (penalty, rho, weights)
    logWeights = penalty == .kl ? weights.map { log($0) } : []
  }

  var isFixed: Bool { rho == .infinity }

  /// Whether a point may have mass.
  func takesPart(_ i: Int) -> Bool { weights[i] > 0 || !isFixed && penalty != .kl }

  /// The potential from which on a point has no mass.
  ///
  /// KL keeps some at any potential: here less than 1e-299 times the weight counts as none.
  func idlePotential(_ i: Int) -> Double {
    if isFixed { return weights[i] > 0 ? .infinity : 0 }
    switch penalty {
    case .kl: return 690 * rho
    case .l2: return rho * weights[i]
    case .tv: return rho
    }
  }

  /// log p at a potential, for KL.
  func logMass(_ i: Int, _ potential: Double) -> Double { isFixed ? logWeights[i] : logWeights[i] - potential / rho }

  /// p at a potential, for ½ Σ (p − a)², as if it could be negative.
  func signedMass(_ i: Int, _ potential: Double) -> Double { isFixed ? weights[i] : weights[i] - potential / rho }

  /// D(p); what a prescribed marginal is missed by is not in it.
  func value(_ marginal: [Double]) -> Double {
    if isFixed || rho == 0 { return 0 }
    switch penalty {
    case .kl: return rho * compensatedSum(zip(marginal, weights).map { Self.divergence($0, $1) })
    case .l2: return rho / 2 * compensatedSum(zip(marginal, weights).map { ($0 - $1) * ($0 - $1) })
    case .tv: return rho * compensatedSum(zip(marginal, weights).map { abs($0 - $1) })
    }
  }

  /// −D*(−f), a lower bound; −∞ where it is none.
  func dualValue(_ potentials: [Double]) -> Double {
    if isFixed { return dot(weights, potentials) }
    if rho == 0 { return potentials.contains { $0 < 0 } ? -.infinity : 0 }
    switch penalty {
    case .kl: return -rho * compensatedSum(zip(weights, potentials).map { $0 > 0 ? $0 * expm1(-$1 / rho) : 0 })
    case .l2:
      return compensatedSum(
        zip(weights, potentials).map { $1 < rho * $0 ? $1 * ($0 - $1 / rho / 2) : rho * $0 / 2 * $0 })
    case .tv:
      return potentials.contains { $0 < -rho }
        ? -.infinity : compensatedSum(zip(weights, potentials).map { $0 * min($1, rho) })
    }
  }

  /// D(p) + D*(−f) + ⟨f, p⟩, which is not negative and nothing where p answers f: a sum of terms none of which is a
  /// difference of large numbers.
  func gap(_ marginal: [Double], _ potentials: [Double]) -> Double {
    compensatedSum(marginal.indices.map { gap(marginal[$0], potentials[$0], weights[$0]) })
  }

  private func gap(_ p: Double, _ f: Double, _ a: Double) -> Double {
    if isFixed { return p == a ? 0 : abs((p - a) * f) }
    if rho == 0 { return f < 0 ? .infinity : p == 0 ? 0 : p * f }
    switch penalty {
    case .kl:
      if a == 0 { return p == 0 ? 0 : .infinity }
      let answer = a * exp(-f / rho)
      if answer == .infinity { return .infinity }
      return rho * (answer > 0 || p == 0 ? Self.divergence(p, answer) : p * (log(p / a) + f / rho))
    case .l2:
      let answer = a - f / rho
      return answer > 0 ? rho / 2 * (p - answer) * (p - answer) : rho * p * (p / 2 - answer)
    case .tv:
      if f < -rho { return .infinity }
      return p < a
        ? (a - p) * (rho - min(f, rho)) + p * max(f - rho, 0) : (p - a) * (rho + min(f, rho)) + p * max(f - rho, 0)
    }
  }

  /// p log(p/q) − p + q, without cancellation where p is near q.
  private static func divergence(_ p: Double, _ q: Double) -> Double {
    if p == 0 { return q }
    if q == 0 { return .infinity }
    let x = (p - q) / q
    if abs(x) < 1e-3 { return q * x * x * (1.0 / 2 - x * (1.0 / 6 - x * (1.0 / 12 - x * (1.0 / 20 - x / 30)))) }
    return p * (log(p) - log(q)) - p + q
  }
}
