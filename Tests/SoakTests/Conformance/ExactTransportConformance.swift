import Foundation
import LinearAlgebra

@testable import SolverCatalogue

/// `emd`.
enum ExactTransportConformance: SolverConformance {
  typealias Solver = ExactTransportSolver

  static let pot = [
    "ot.emd", "ot.emd2", "ot.emd_1d", "ot.emd2_1d", "ot.wasserstein_1d", "ot.wasserstein_circle",
    "ot.binary_search_circle",
  ]
  static let choices = [["C"], ["X", "Y"]]

  static func faults(_ certificate: Certificate) throws -> [String] { try certificate.exactTransport() }

  static let costOfForbiddenPairs: String? = "C"

  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]? {
    switch key {
    case "exponent": return draw.happens(0.4) ? ["exponent=\(draw.pick(["1", "1.25", "2", "3.5", "20"]))"] : []
    case "metric": return draw.isSet("exponent") ? [] : nil
    case "circumference":
      let isOnLine = draw.arrays.contains { $0.name == "X" && $0.array.shape.last == 1 }
      return isOnLine && draw.happens(0.5) ? ["circumference=\(draw.pick(["3", "1e3"]))"] : []
    default: return nil
    }
  }
}

extension Certificate {
  /// Exact plans: marginals, and potentials below the cost everywhere that are worth as much as the plan.
  ///
  /// Without potentials (on the circle) the network simplex, whose own certificate is looked at here as well, must
  /// find the same value.
  fileprivate func exactTransport() throws -> [String] {
    guard let plan = matrices["plan"], var cost = costOfPower(), let value = number("value") else {
      return ["plan, cost or value is missing"]
    }
    let (a, b) = balancedWeights(cost.rows, cost.columns)
    if let length = numericSetting("circumference"), let x = given("X"), let y = given("Y"), given("C") == nil {
      // Where turns are beyond the digits of a position, it has none on the circle, and the plan no cost.
      if square > 1e12 * length * length { return missed(plan, a, b) }
      let exponent = exponent
      cost = Matrix(rows: x.rows, columns: y.rows) { i, j in
        let way = abs(x[i, 0] - y[j, 0]).truncatingRemainder(dividingBy: length)
        return pow(min(way, length - way), exponent)
      }
    }
    let mass = a.reduce(0, +)
    let scale = Self.largest(cost) * mass
    if zip(cost.elements, plan.elements).contains(where: { $0 == .infinity && $1 > 0 }) {
      return ["a forbidden pair has mass"]
    }
    var faults = missed(plan, a, b)
    if let f = vector("f"), let g = vector("g") {
      let paid = dot(cost.map(abs), plan)
      faults += differs("value", from: dot(cost, plan), scale: paid, by: 1e-12)
      faults += exceeded(cost, f, g, plan)
      // What counts as no mass in the plan may count in the sum.
      let dust = zip(a + b, f + g).reduce(0) { $1.0 < 1e-15 * mass ? $0 + $1.0 * abs($1.1) : $0 }
      let dual = paired(f, a) + paired(g, b)
      let terms = paired(f.map(abs), a) + paired(g.map(abs), b)
      if !(abs(dual - value) <= 1e-12 * (paid + terms) + 2 * dust) {
        faults.append("the dual value \(dual) is not the plan's \(value)")
      }
    } else {
      let exact = try exactOracle(cost, a, b)
      faults += differs("value", from: dot(cost, plan), scale: scale, by: 1e-9, rounded: square * mass)
      if !(abs(exact.value - value) <= 1e-9 * scale + 1e-13 * square * mass) {
        faults.append("the value is \(value), but the network simplex finds \(exact.value)")
      }
    }
    return faults
  }

  /// Pairs whose potentials are above the cost, or away from it where there is mass, by more than the rounding of these
  /// three numbers.
  private func exceeded(_ cost: Matrix, _ f: [Double], _ g: [Double], _ plan: Matrix) -> [String] {
    for i in f.indices {
      for j in g.indices where cost[i, j] < .infinity {
        let (excess, rounding) = (f[i] + g[j] - cost[i, j], 1e-14 * (abs(f[i]) + abs(g[j]) + abs(cost[i, j])))
        if excess > rounding { return ["the potentials exceed the cost of (\(i), \(j)) by \(excess)"] }
        if plan[i, j] > 0, excess < -rounding {
          return ["(\(i), \(j)) has mass, but costs \(-excess) more than its potentials"]
        }
      }
    }
    return []
  }
}
