import Foundation
import LinearAlgebra
import TestSupport

@testable import SolverCatalogue

/// `unbalanced-exact`.
enum ExactUnbalancedConformance: SolverConformance {
  typealias Solver = ExactUnbalancedSolver

  static let pot = ["ot.unbalanced.mm_unbalanced", "ot.unbalanced.mm_unbalanced2", "ot.unbalanced.lbfgsb_unbalanced"]
  static let choices = [["C"], ["X", "Y"]]

  static func faults(_ certificate: Certificate) -> [String] { certificate.unbalancedTransport }

  static let costOfForbiddenPairs: String? = "C"

  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]? {
    switch key {
    case "penalty": ["penalty=\(draw.pick(["kl", "l2", "tv"]))"]
    case "iterations": draw.happens(0.2) ? ["iterations=1"] : []
    default: nil
    }
  }
}

extension Certificate {
  /// The value by its definition, and no less by the definition of the dual, at potentials that no pair exceeds.
  fileprivate var unbalancedTransport: [String] {
    guard let plan = matrices["plan"], let cost = cost(), let f = vector("f"), let g = vector("g") else {
      return ["plan, cost or potentials are missing"]
    }
    let kind = setting("penalty") ?? "kl"
    let (a, b) = balancedWeights(cost.rows, cost.columns)
    if zip(cost.elements, plan.elements).contains(where: { $0 == .infinity && $1 > 0 }) {
      return ["a forbidden pair has mass"]
    }
    var faults: [String] = []
    let paid = dot(cost.map(abs), plan)
    var (primal, dual, nothing, terms) = (dot(cost, plan), 0.0, 0.0, 0.0)
    let sides = [("rho1", plan.rowSums, a, f), ("rho2", plan.columnSums, b, g)]
    for (key, sums, weights, potentials) in sides {
      let rho = numericSetting(key) ?? .infinity
      let mass = weights.reduce(0, +)
      terms += paired(weights, potentials.map(abs))
      if rho == .infinity {
        nothing = .infinity
        faults += missed(key == "rho1" ? "rows" : "columns", sums, weights)
        dual += paired(weights, potentials)
      } else if rho > 0 {
        primal += rho * Self.departure(kind, sums, weights)
        nothing += rho * Self.departure(kind, weights.map { _ in 0 }, weights)
        // What sums of plan and weights are rounded by.
        terms += rho * (kind == "l2" ? 2 * mass * (mass + sums.reduce(0, +)) : mass + sums.reduce(0, +))
        for (potential, weight) in zip(potentials, weights) { dual += Self.worth(kind, rho, potential, weight) }
      } else if potentials.contains(where: { $0 < 0 }) {
        faults.append("a potential of a free marginal is negative")
      }
    }
    for i in f.indices where kind != "kl" || a[i] > 0 {
      for j in g.indices where cost[i, j] < .infinity && (kind != "kl" || b[j] > 0) {
        if f[i] + g[j] - cost[i, j] > 1e-14 * (abs(f[i]) + abs(g[j]) + abs(cost[i, j])) + 1e-300 {
          return faults + ["the potentials exceed the cost of (\(i), \(j)) by \(f[i] + g[j] - cost[i, j])"]
        }
      }
    }
    let product =
      paired(cost.map { $0 < .infinity ? abs($0) : 0 }.elements, Matrix(outer: a, b).elements)
      / max(b.reduce(0, +), 1e-300)
    let scale = abs(primal) + paid + min(nothing, product + terms)
    let dust = zip(a + b, f + g).reduce(0) { $1.0 < 1e-15 * a.reduce(0, +) ? $0 + $1.0 * abs($1.1) : $0 }
    let rounding = 1e-13 * (square * plan.elements.reduce(0, +) + terms) + 2 * dust + 1e-290
    if !(primal - dual <= 1e-6 * scale + rounding) {
      faults.append("it says converged, but between \(primal) and the dual \(dual) is a gap")
    }
    return faults + differs("value", from: primal, scale: scale, by: 1e-9, rounded: 10 * rounding * 1e13)
  }

  private static func departure(_ kind: String, _ p: [Double], _ a: [Double]) -> Double {
    switch kind {
    case "l2": zip(p, a).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 2
    case "tv": zip(p, a).reduce(0) { $0 + abs($1.0 - $1.1) }
    default: relativeEntropyByDefinition(zip(p, a).map { $1 > 0 ? $0 : 0 }, a.map { $0 > 0 ? $0 : 0x1p-1063 })
    }
  }

  /// The least over p ≥ 0 of ρ D(p, a) + f p.
  private static func worth(_ kind: String, _ rho: Double, _ f: Double, _ a: Double) -> Double {
    switch kind {
    case "l2":
      let p = max(0, a - f / rho)
      return rho / 2 * (p - a) * (p - a) + f * p
    case "tv": return f < -rho ? -.infinity : a * min(f, rho)
    default: return a > 0 ? -rho * a * expm1(-f / rho) : 0
    }
  }
}
