import Foundation
import LinearAlgebra
import TestSupport

extension Certificate {
  /// Entropic plans, balanced or not: the primal value by its definition lies above the dual value of any potentials,
  /// and at the solution they meet.
  ///
  /// `name` is the number that is reported, `other` a number of the same scale that cannot be negative.
  func entropicTransport(_ name: String = "value", atLeastZero other: String? = nil) throws -> [String] {
    guard let plan = matrices["plan"], let cost = cost(), let f = vector("f"), let g = vector("g"),
      var epsilon = numericSetting("epsilon")
    else { return ["plan, cost or potentials are missing"] }
    if setting("epsilonUnit") == "largest-cost", Self.largest(cost) > 0 { epsilon *= Self.largest(cost) }
    let rho = (numericSetting("rho1") ?? .infinity, numericSetting("rho2") ?? .infinity)
    let isBalanced = rho.0 == .infinity && rho.1 == .infinity
    let (a, b) =
      isBalanced ? balancedWeights(cost.rows, cost.columns) : (weights("a", cost.rows), weights("b", cost.columns))
    var primal = dot(cost, plan) + epsilon * relativeEntropyByDefinition(plan, a, b)
    var faults: [String] = []
    for (rho, sums, weights) in [(rho.0, plan.rowSums, a), (rho.1, plan.columnSums, b)] {
      if rho == .infinity {
        let error = zip(sums, weights).map { abs($0 - $1) }.reduce(0, +) / weights.reduce(0, +)
        if !(error < 1e-6) {
          faults.append("it says converged, but a prescribed marginal is missed by \(error) of the mass")
        }
      } else if rho > 0 {
        primal += rho * relativeEntropyByDefinition(sums, weights)
      }
    }
    var dual = 0.0
    for (rho, potentials, weights) in [(rho.0, f, a), (rho.1, g, b)] where rho > 0 {
      for (potential, weight) in zip(potentials, weights) where weight > 0 {
        dual += rho == .infinity ? weight * potential : -rho * weight * (exp(-potential / rho) - 1)
      }
    }
    for i in a.indices where a[i] > 0 {
      for j in b.indices where b[j] > 0 {
        dual -= epsilon * a[i] * b[j] * (exp((f[i] + g[j] - cost[i, j]) / epsilon) - 1)
      }
    }
    // What the sums above are made of, whose last digits are lost in them.
    let scale =
      abs(primal) + dot(cost.map(abs), plan) + epsilon * a.reduce(0, +) * b.reduce(0, +) + abs(paired(f, a))
      + abs(paired(g, b))
    let rounded =
      square * plan.elements.reduce(0, +)
      + [(rho.0, a), (rho.1, b)].reduce(0) { $0 + ($1.0.isFinite ? $1.0 * $1.1.reduce(0, +) : 0) }
    if isBalanced, isBelowRounding(epsilon, f, g) {
      faults += try missesOptimum(cost, plan, a, b, epsilon)
    } else if !(primal - dual <= 1e-6 * scale + 1e-13 * rounded) {
      faults.append("it says converged, but between \(primal) and the dual \(dual) is a gap")
    }
    faults += differs(name, from: primal, scale: scale, rounded: rounded)
    if let other {
      guard let value = number(other) else { return faults + ["\(other) is missing"] }
      if !(value >= -1e-6 * scale - 1e-13 * rounded) { faults.append("\(other) is \(value), and cannot be negative") }
    }
    return faults
  }

  /// Whether ε is less than what potentials as doubles are rounded by, so that no dual value can be formed of them.
  private func isBelowRounding(_ epsilon: Double, _ f: [Double], _ g: [Double]) -> Bool {
    epsilon < 1e-13 * (f + g).reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
  }

  /// At such an ε a plan costs what the best one does, but for the entropy's share.
  private func missesOptimum(_ cost: Matrix, _ plan: Matrix, _ a: [Double], _ b: [Double], _ epsilon: Double) throws
    -> [String]
  {
    let exact = try exactOracle(cost, a, b)
    let paid = cost.elements.indices.reduce(0) {
      $0 + (plan.elements[$1] > 0 ? cost.elements[$1] * plan.elements[$1] : 0)
    }
    let entropy = epsilon * a.reduce(0, +) * log(Double(cost.elements.count) + 1)
    // What counts as no mass for the exact plan may cost something.
    let dust = (a + b).filter { $0 < 1e-15 * a.reduce(0, +) }.reduce(0, +) * Self.largest(cost)
    return abs(paid - exact.value) <= 1e-6 * abs(exact.value) + 2 * (entropy + dust)
      ? [] : ["it says converged, but its plan costs \(paid), and the best \(exact.value)"]
  }
}
