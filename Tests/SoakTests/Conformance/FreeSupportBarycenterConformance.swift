import Foundation
import LinearAlgebra

@testable import SolverCatalogue

/// `barycenter-points`.
enum FreeSupportBarycenterConformance: TreeArrays {
  typealias Solver = FreeSupportBarycenterSolver

  static let pot = ["ot.lp.free_support_barycenter", "ot.bregman.free_support_sinkhorn_barycenter"]
  static let choices = [["X0"], ["X0", "X1"], ["X0", "X1", "X2"], ["X0", "X1", "X2", "Z"]]

  static func faults(_ certificate: Certificate) throws -> [String] { try certificate.freeSupportBarycenter() }

  /// As many weights as there are clouds.
  static func size(_ letter: String, _ draw: inout AdversarialDraw) -> Int? {
    letter == "s" ? nodes(of: draw.chosen).count : nil
  }

  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]? {
    switch key {
    case "points": draw.holds("p") ? [] : ["points=\(draw.pick(["1", "4", "9"]))"]
    case "epsilon": draw.happens(0.7) ? [] : nil
    case "bound": draw.happens(0.2) ? ["bound=false"] : []
    default: nil
    }
  }
}

extension Certificate {
  /// Plans that are optimal for the points, points that are the means under the plans, the value by definition, and the
  /// bound by pairs.
  fileprivate func freeSupportBarycenter() throws -> [String] {
    guard let z = matrices["points"], let p = vector("weights") else { return ["the answer has no points"] }
    let clouds = (0..<10).compactMap { given("X\($0)") }
    let shares = weights("weights", clouds.count)
    let total = shares.reduce(0, +)
    let mass = p.reduce(0, +)
    let epsilon = numericSetting("epsilon")
    var (value, scale, faults) = (0.0, 0.0, [String]())
    var means = Matrix(rows: z.rows, columns: z.columns)
    for (s, x) in clouds.enumerated() {
      guard let plan = matrices["plan\(s)"] else { return ["there is no plan \(s)"] }
      let (lambda, b) = (shares[s] / total, weights("a\(s)", x.rows))
      let cost = Self.distances(z, x, isSquared: true)
      faults += missed(plan, p, b, by: epsilon == nil ? 1e-9 : 1e-5)
      var own = dot(cost, plan)
      if let epsilon {
        for i in p.indices {
          for j in b.indices {
            let (entry, reference) = (plan[i, j], p[i] * b[j])
            let entropy = entry > 0 ? entry * log(entry / reference) : 0
            own += epsilon * (entropy - entry + reference)
          }
        }
      } else {
        let exact = try exactOracle(cost, p, b.map { $0 * mass / b.reduce(0, +) }).value
        if !(own <= exact + 1e-9 * Self.largest(cost) * mass + 1e-13 * square * mass) {
          faults.append("plan \(s) costs \(own), but the network simplex finds \(exact)")
        }
      }
      value += lambda * own
      scale += lambda * (Self.largest(cost) + (epsilon ?? 0) * 1e-2) * mass
      let rows = plan.rowSums
      for i in p.indices {
        for k in 0..<z.columns {
          let image = rows[i] > 0 ? (0..<x.rows).reduce(0.0) { $0 + plan[i, $1] / rows[i] * x[$1, k] } : z[i, k]
          means[i, k] += lambda * image
        }
      }
    }
    faults += differs("value", from: value, scale: scale, by: 1e-6, rounded: square * mass)
    let size = square.squareRoot()
    // Points that weigh next to nothing may not have come to rest: their moves count by their weights.
    for i in p.indices where p[i] > 1e-6 * mass {
      let move = (0..<z.columns).reduce(0.0) { max($0, abs(means[i, $1] - z[i, $1])) }
      if !(move <= 1e-3 * size) { faults.append("point \(i) is \(move) away from the mean under the plans") }
    }
    if let bound = number("lower_bound") {
      var expected = 0.0
      for s in clouds.indices {
        for t in 0..<s {
          let (a, b) = (weights("a\(s)", clouds[s].rows), weights("a\(t)", clouds[t].rows))
          expected +=
            shares[s] * shares[t] / total / total
            * (try exactOracle(Self.distances(clouds[s], clouds[t], isSquared: true), a, b).value)
        }
      }
      faults += differs("lower_bound", from: expected, scale: square * mass, by: 1e-6)
      if epsilon == nil, let found = number("value"), !(found >= bound - 1e-9 * square * mass) {
        faults.append("the value \(found) is below its bound \(bound)")
      }
    }
    return faults
  }
}
