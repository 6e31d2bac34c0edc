import LinearAlgebra

@testable import SolverCatalogue

/// `third-lower-bound`.
enum ThirdLowerBoundConformance: SolverConformance {
  typealias Solver = ThirdLowerBoundSolver

  static let pot: [String] = []
  static let choices = [["D1", "D2"], ["X", "Y"]]

  static func faults(_ certificate: Certificate) throws -> [String] { try certificate.thirdLowerBound() }
}

extension Certificate {
  /// W_2² between the distances seen from each point, by walking along both distributions, and the linear program over
  /// them.
  fileprivate func thirdLowerBound() throws -> [String] {
    guard let d1 = space("D1", "X"), let d2 = space("D2", "Y"), let plan = matrices["plan"] else {
      return ["the answer has no plan"]
    }
    let (a, b) = balancedWeights(d1.rows, d2.rows)
    func profile(_ matrix: Matrix, _ row: Int, _ weights: [Double]) -> [(Double, Double)] {
      weights.indices.map { (matrix[row, $0], weights[$0]) }.filter { $0.1 > 0 }.sorted { $0.0 < $1.0 }
    }
    func distance(_ x: [(Double, Double)], _ y: [(Double, Double)]) -> Double {
      var (i, j, sum) = (0, 0, 0.0)
      var (left, right) = (x.first?.1 ?? 0, y.first?.1 ?? 0)
      while i < x.count, j < y.count {
        let mass = min(left, right)
        sum += mass * (x[i].0 - y[j].0) * (x[i].0 - y[j].0)
        (left, right) = (left - mass, right - mass)
        if left <= right {
          i += 1; if i < x.count { left = x[i].1 + min(left, 0) }
        } else {
          j += 1; if j < y.count { right = y[j].1 }
        }
      }
      return sum
    }
    let cost = Matrix(rows: a.count, columns: b.count) { distance(profile(d1, $0, a), profile(d2, $1, b)) }
    let scale = cost.elements.max() ?? 0
    let paid = zip(cost.elements, plan.elements).reduce(0) { $0 + $1.0 * $1.1 }
    return try missed(plan, a, b, by: 1e-9) + differs("value", from: paid, scale: scale, by: 1e-6)
      + differs("value", from: exactOracle(cost, a, b).value, scale: scale, by: 1e-6)
  }
}
