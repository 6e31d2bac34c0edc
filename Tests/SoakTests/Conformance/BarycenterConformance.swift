import Foundation
import LinearAlgebra

@testable import SolverCatalogue

/// `barycenter`.
enum BarycenterConformance: SolverConformance {
  typealias Solver = BarycenterSolver

  static let pot = ["ot.bregman.barycenter", "ot.bregman.convolutional_barycenter2d"]
  static let choices = [["A"], ["A", "C"]]

  static func faults(_ certificate: Certificate) throws -> [String] { try certificate.barycenter() }

  static func values(of name: String, shape: [Int], _ draw: inout AdversarialDraw) -> NumericArray? {
    name == "A" ? draw.masses(shape) : nil
  }

  static func settings(for key: String, _ draw: inout AdversarialDraw) -> [String]? {
    guard key == "debiased" else { return nil }
    return draw.happens(0.3) ? ["debiased=true"] : []
  }
}

extension Certificate {
  /// The barycenter's mass, and, where costs are at most 8 ε, that the mean of the potentials towards the measures is
  /// constant.
  fileprivate func barycenter() throws -> [String] {
    guard let measures = given("A"), let weights = vector("barycenter"), let epsilon = numericSetting("epsilon") else {
      return ["barycenter or measures are missing"]
    }
    let mass = weights.reduce(0, +)
    if !(abs(mass - 1) < 1e-6) { return ["it says converged, but the barycenter has the mass \(mass)"] }
    if weights.contains(where: { $0 < 0 }) { return ["the barycenter has a negative weight"] }
    if setting("debiased") == "true" { return [] }
    let step = 1 / Double(max(1, weights.count - 1))
    let cost =
      given("C") ?? Matrix(rows: weights.count, columns: weights.count) { i, j in pow(Double(i - j) * step, 2) }
    if Self.largest(cost) > 8 * epsilon { return [] }
    let shares = self.weights("weights", measures.rows)
    var mean = [Double](repeating: 0, count: weights.count)
    for s in 0..<measures.rows where shares[s] > 0 {
      let measure = Array(measures[row: s])
      let total = measure.reduce(0, +)
      let a = measure.map { $0 / total }
      let plan = try entropicOracle(cost, a, weights, epsilon: epsilon)
      // log P = log u ⊕ log v − C/ε, up to a constant that all v of a measure share.
      guard let row = a.indices.max(by: { a[$0] < a[$1] }) else { return ["a measure is empty"] }
      for j in weights.indices where weights[j] > 1e-8 {
        mean[j] += shares[s] / shares.reduce(0, +) * (log(plan[row, j]) + cost[row, j] / epsilon)
      }
    }
    let support = weights.indices.filter { weights[$0] > 1e-8 }
    let center = support.reduce(0) { $0 + weights[$1] * mean[$1] } / support.reduce(0) { $0 + weights[$1] }
    let spread = support.reduce(0) { $0 + weights[$1] * abs(mean[$1] - center) }
    return spread < 1e-4 ? [] : ["it says converged, but the mean potential varies by \(spread) ε"]
  }
}
