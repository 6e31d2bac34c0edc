import Foundation
import LinearAlgebra
import TestSupport

@testable import SolverCatalogue

/// `barycenter-distances`.
enum DistanceMatrixBarycenterConformance: TreeArrays {
  typealias Solver = DistanceMatrixBarycenterSolver

  static let pot = ["ot.gromov.gromov_barycenters", "ot.gromov.fgw_barycenters"]
  static let choices = [
    ["X0", "X1"], ["D0", "D1", "D2"], ["D", "D0", "D1"], ["X0", "X1", "F0", "F1"], ["F", "D0", "D1", "F0", "F1"],
    ["D", "D0", "D1", "F0", "F1"],
  ]

  static func faults(_ certificate: Certificate) -> [String] { certificate.distanceBarycenter }

  /// As many weights as there are spaces.
  static func size(_ letter: String, _ draw: inout AdversarialDraw) -> Int? {
    letter == "s" ? nodes(of: draw.chosen).count : nil
  }

  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]? {
    switch key {
    case "points": ["points=\(draw.pick(["1", "4", "9"]))"]
    case "fixed":
      draw.holds("D") && draw.happens(0.5)
        ? ["fixed=distances"] : draw.holds("F") && draw.happens(0.5) ? ["fixed=features"] : []
    case "starts": draw.holds("D") ? [] : nil
    case "epsilon": draw.happens(0.6) ? [] : nil
    default: nil
    }
  }
}

extension Certificate {
  /// Plans with the weights, the value by its definition, and distances and features that are the best for the plans.
  fileprivate var distanceBarycenter: [String] {
    guard let distances = matrices["distances"], let p = vector("weights") else {
      return ["the answer has no distances"]
    }
    let count = (0..<10).last { problem.array("D\($0)") != nil || problem.array("X\($0)") != nil }.map { $0 + 1 } ?? 0
    let given = weights("weights", count)
    let total = given.reduce(0, +)
    let (features, alpha) = (matrices["features"], numericSetting("alpha") ?? 0.5)
    let (isEntropic, loss) = (setting("loss") == "kl", self.loss)
    let quadraticShare = features == nil ? 1 : alpha
    var (value, scale, size) = (0.0, 0.0, 0.0)
    var faults: [String] = []
    var best = Matrix(rows: p.count, columns: p.count)
    var centres = features.map { Matrix(rows: $0.rows, columns: $0.columns) }
    for index in 0..<count {
      guard let plan = matrices["plan\(index)"], let own = space("D\(index)", "X\(index)") else {
        return ["there is no plan \(index)"]
      }
      faults += missed(plan, p, weights("a\(index)", own.rows), by: 1e-3)
      let table = self.given("F\(index)")
      for i in 0..<plan.rows {
        for j in 0..<plan.columns where plan[i, j] > 0 {
          let share = given[index] / total * plan[i, j]
          if let features, let table {
            for k in 0..<table.columns {
              value += (1 - alpha) * share * squaredDifference(features[i, k], table[j, k])
              scale += share * (features[i, k] * features[i, k] + table[j, k] * table[j, k])
              centres?[i, k] += share * table[j, k] / p[i]
            }
          }
          for k in 0..<plan.rows {
            for l in 0..<plan.columns where plan[k, l] > 0 {
              let other = max((own[j, l] + own[l, j]) / 2, isEntropic ? numericSetting("floor") ?? 0 : -.infinity)
              let mass = share * plan[k, l]
              value += quadraticShare * mass * loss(distances[i, k], other)
              scale +=
                mass
                * (isEntropic ? 100 * (distances[i, k] + other) : distances[i, k] * distances[i, k] + other * other)
              size = max(size, abs(isEntropic ? log(other) : other))
              best[i, k] += mass / (p[i] * p[k]) * (isEntropic ? log(other) : other)
            }
          }
        }
      }
    }
    faults += differs("value", from: value, scale: scale, by: 1e-6)
    // Rows of plans that are next to nothing are rounding.
    let heavy = p.indices.filter { p[$0] > 1e-6 * p.reduce(0, +) }
    if setting("fixed") != "distances" {
      for i in heavy {
        for k in heavy {
          let found = isEntropic ? log(distances[i, k]) : distances[i, k]
          // Entropic plans meet their marginals to a thousandth.
          if !(abs(found - best[i, k]) <= 1e-2 * size) {
            return faults + ["the distance (\(i), \(k)) is not the mean over the plans"]
          }
        }
      }
    }
    if setting("fixed") != "features", let features, let centres {
      let largest = Self.largest(features)
      for i in heavy {
        for k in 0..<features.columns where !(abs(features[i, k] - centres[i, k]) <= 1e-2 * largest) {
          return faults + ["the features of point \(i) are not the mean over the plans"]
        }
      }
    }
    return faults
  }
}
