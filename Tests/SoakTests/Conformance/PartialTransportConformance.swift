import Foundation
import LinearAlgebra
import TestSupport

@testable import SolverCatalogue

/// `partial`.
enum PartialTransportConformance: SolverConformance {
  typealias Solver = PartialTransportSolver

  static let pot = [
    "ot.partial.partial_wasserstein", "ot.partial.partial_wasserstein2", "ot.partial.entropic_partial_wasserstein",
  ]
  static let choices = [["C"], ["X", "Y"]]

  static func faults(_ certificate: Certificate) throws -> [String] { certificate.partialTransport }

  static let costOfForbiddenPairs: String? = "C"

  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]? {
    switch key {
    case "mass": drawnMass(&draw)
    case "epsilon": draw.happens(0.6) ? [] : nil
    // The simplex has pivots.
    case "iterations": draw.isSet("epsilon") ? nil : []
    default: nil
    }
  }

  /// A share of what there is, all of it, next to nothing, or more than there is.
  static func drawnMass(_ draw: inout AdversarialDraw) -> [String] {
    if draw.happens(0.3) { return [] }
    let most =
      ["a", "b"].map { name in draw.arrays.first { $0.name == name }?.array.elements.reduce(0, +) ?? 1 }.min() ?? 1
    let share = draw.pick([0.1, 0.3, 0.5, 0.7, 0.9, 1, 1, draw.isWild ? 1e-12 : 0.2, draw.isWild ? 1.1 : 0.4, 1.0 / 3])
    return most > 0 && most.isFinite && share * most > 0 ? ["mass=\(share * most)"] : []
  }
}

extension Certificate {
  /// A plan of the mass below the weights, and prices f, g ≤ 0 and λ below the cost everywhere that are worth as much
  /// as the plan.
  fileprivate var partialTransport: [String] {
    guard let plan = matrices["plan"], let cost = cost(), let value = number("value"), let f = vector("f"),
      let g = vector("g"),
      let price = number("mass_price")
    else { return ["plan, cost, prices or value is missing"] }
    let (a, b) = (weights("a", cost.rows), weights("b", cost.columns))
    if zip(cost.elements, plan.elements).contains(where: { $0 == .infinity && $1 > 0 }) {
      return ["a forbidden pair has mass"]
    }
    let mass = numericSetting("mass") ?? min(a.reduce(0, +), b.reduce(0, +))
    var faults = unbounded(plan, a, b, mass)
    let paid = dot(cost.map(abs), plan)
    if let epsilon = numericSetting("epsilon") {
      return unbounded(plan, a, b, mass, by: 1e-6) + entropic(cost, plan, f, g, price, a, b, mass, epsilon: epsilon)
    }
    faults += differs("value", from: dot(cost, plan), scale: paid, by: 1e-12)
    if let positive = (f + g).first(where: { $0 > 0 }) {
      faults.append("a price is \(positive), and cannot be positive")
    }
    faults += priced(cost, f, g, price, plan, a, b)
    let dual = paired(f, a) + paired(g, b) + price * mass
    let terms = paired(f.map(abs), a) + paired(g.map(abs), b) + abs(price) * mass
    if !(abs(dual - value) <= 1e-11 * (paid + terms)) {
      faults.append("the dual value \(dual) is not the plan's \(value)")
    }
    return faults
  }

  /// The primal value by its definition lies above the dual value of any prices f, g ≤ 0 and λ, and at the solution
  /// they meet.
  private func entropic(
    _ cost: Matrix, _ plan: Matrix, _ f: [Double], _ g: [Double], _ price: Double, _ a: [Double], _ b: [Double],
    _ mass: Double,
    epsilon: Double
  ) -> [String] {
    let product = a.reduce(0, +) * b.reduce(0, +)
    let primal = dot(cost, plan) + epsilon * relativeEntropyByDefinition(plan, a, b)
    var dual = paired(f, a) + paired(g, b) + price * mass + epsilon * product
    for i in a.indices where a[i] > 0 {
      for j in b.indices where b[j] > 0 {
        dual -= epsilon * a[i] * b[j] * exp((f[i] + g[j] + price - cost[i, j]) / epsilon)
      }
    }
    let scale =
      abs(primal) + dot(cost.map(abs), plan) + epsilon * (product + mass) + abs(paired(f, a)) + abs(paired(g, b)) + abs(
        price) * mass
    var faults = differs("value", from: primal, scale: scale)
    if let positive = (f + g).first(where: { $0 > 0 }) {
      faults.append("a price is \(positive), and cannot be positive")
    }
    if !(primal - dual <= 1e-6 * scale) {
      faults.append("it says converged, but between \(primal) and the dual \(dual) is a gap")
    }
    return faults
  }

  /// Rows, columns and the sum of a partial plan.
  func unbounded(_ plan: Matrix, _ a: [Double], _ b: [Double], _ mass: Double, by tolerance: Double = 1e-9) -> [String]
  {
    var faults: [String] = []
    for (side, sums, weights) in [("row", plan.rowSums, a), ("column", plan.columnSums, b)] {
      let excess = zip(sums, weights).map { $0 - $1 }.max() ?? 0
      if !(excess <= tolerance * mass) { faults.append("a \(side) exceeds its weight by \(excess)") }
    }
    let sum = plan.elements.reduce(0, +)
    if !(abs(sum - mass) <= tolerance * mass) { faults.append("the plan has the mass \(sum), not \(mass)") }
    return faults
  }

  /// Pairs whose prices are above the cost, or away from it where there is mass, and points with mass left whose price
  /// is not 0, by more than rounding.
  private func priced(
    _ cost: Matrix, _ f: [Double], _ g: [Double], _ price: Double, _ plan: Matrix, _ a: [Double], _ b: [Double]
  ) -> [String] {
    // Prices are sums of potentials that are as large as what is paid at most.
    let unit = (f + g).reduce(abs(price)) { max($0, abs($1)) }
    for i in f.indices {
      for j in g.indices where cost[i, j] < .infinity {
        let (excess, rounding) = (f[i] + g[j] + price - cost[i, j], 1e-14 * (unit + abs(cost[i, j])))
        if excess > rounding { return ["the prices exceed the cost of (\(i), \(j)) by \(excess)"] }
        if plan[i, j] > 0, excess < -rounding {
          return ["(\(i), \(j)) has mass, but costs \(-excess) more than its prices"]
        }
      }
    }
    for (side, prices, sums, weights) in [("row", f, plan.rowSums, a), ("column", g, plan.columnSums, b)] {
      for (point, price) in prices.enumerated() where price < -1e-14 * unit && sums[point] < weights[point] * (1 - 1e-9)
      {
        // Less than a part in 2⁶⁰ of the mass is none.
        if weights[point] - sums[point] > 1e-15 * (weights.reduce(0, +)) {
          return ["\(side) \(point) has mass left, but the price \(price)"]
        }
      }
    }
    return []
  }
}
