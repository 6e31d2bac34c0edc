@testable import SolverCatalogue

/// `barycenter-distances`.
enum DistanceMatrixBarycenterConformance: TreeArrays {
  typealias Solver = DistanceMatrixBarycenterSolver

  static let pot = ["ot.gromov.gromov_barycenters"]
  static let choices = [["X0", "X1"], ["D0", "D1", "D2"]]

  static func faults(_ certificate: Certificate) -> [String] { certificate.distanceBarycenter }

  /// As many weights as there are spaces.
  static func size(_ letter: String, _ draw: inout AdversarialDraw) -> Int? { letter == "s" ? nodes(of: draw.chosen).count : nil }

  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]? {
    switch key {
    case "points": ["points=\(draw.pick(["1", "4", "9"]))"]
    case "epsilon": draw.happens(0.6) ? [] : nil
    default: nil
    }
  }
}

extension Certificate {
  fileprivate var distanceBarycenter: [String] {
    guard let distances = matrices["distances"], let p = vector("weights") else { return ["the answer has no distances"] }
    let count = (0..<10).last { problem.array("D\($0)") != nil || problem.array("X\($0)") != nil }.map { $0 + 1 } ?? 0
    let given = weights("weights", count)
    let total = given.reduce(0, +)
    var (value, scale) = (0.0, 0.0)
    var faults: [String] = []
    for index in 0..<count {
      guard let plan = matrices["plan\(index)"], let own = space("D\(index)", "X\(index)") else { return ["there is no plan \(index)"] }
      faults += missed(plan, p, weights("a\(index)", own.rows), by: 1e-3)
      for i in 0..<plan.rows {
        for j in 0..<plan.columns where plan[i, j] > 0 {
          for k in 0..<plan.rows {
            for l in 0..<plan.columns {
              let difference = distances[i, k] - (own[j, l] + own[l, j]) / 2
              let mass = given[index] / total * plan[i, j] * plan[k, l]
              value += mass * difference * difference
              scale += mass * (distances[i, k] * distances[i, k] + own[j, l] * own[j, l])
            }
          }
        }
      }
    }
    return faults + differs("value", from: value, scale: scale, by: 1e-6)
  }
}
