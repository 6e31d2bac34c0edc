import Foundation
import LinearAlgebra
import TestSupport

extension Certificate {
  /// (1 − α) ⟨M, P⟩ + α Σ K (D1 − D2)² P P over plans with prescribed marginals: marginals, value, and that nothing is gained to first order, by
  /// any vertex or, with entropy, by any change of the plan.
  func gromovWasserstein(isSemiRelaxed: Bool = false) throws -> [String] {
    guard let plan = matrices["plan"], let d1 = space("D1", "X"), let d2 = space("D2", "Y") else { return ["plan or spaces are missing"] }
    let (a, b) = isSemiRelaxed ? (weights("a", d1.rows), weights("b", d2.rows)) : balancedWeights(d1.rows, d2.rows)
    let features = given("M")
    let alpha = features == nil ? 1 : numericSetting("alpha") ?? 0.5
    var kernel = given("K")
    if let h = numericSetting("bandwidth") {
      let raw = d1.map { exp(-($0 / h) * ($0 / h) / 2) }
      let total = a.reduce(0, +)
      let mean =
        Matrix(outer: a, a).elements.indices.reduce(0) { $0 + a[$1 / a.count] * a[$1 % a.count] * raw.elements[$1] } / (total * total)
      kernel = raw.map { $0 / mean }
    }
    let gradient = Matrix(rows: plan.rows, columns: plan.columns) { i, j in
      // Forbidden pairs stay so at α = 1.
      let price = features?[i, j] ?? 0
      return (price == .infinity ? price : (1 - alpha) * price) + alpha * Self.pull(d1, d2, plan, i, j, kernel: kernel)
    }
    let quadratic = gromovWassersteinByDefinition(d1, d2, plan, kernel: kernel)
    let linear = features.map { dot($0, plan) } ?? 0
    let scale = dot(gradient.map(abs), plan) + Self.largest(d1) * Self.largest(d2) * a.reduce(0, +) * a.reduce(0, +)
    var faults = missed(plan, a, isSemiRelaxed ? plan.columnSums : b)
    if let features, zip(features.elements, plan.elements).contains(where: { $0 == .infinity && $1 > 0 }) {
      return ["a forbidden pair has mass"]
    }
    let mass = a.reduce(0, +)
    faults += differs(
      "value", from: (1 - alpha) * linear + alpha * quadratic, scale: scale, by: 1e-6, rounded: square * (1 + square) * mass * mass)
    if let epsilon = numericSetting("epsilon") {
      // Proximal steps tend to plans without entropy, more slowly than their length says.
      if setting("step") == "proximal-point" { return faults }
      return faults
        + unstationary(
          gradient, of: plan, a, b, entropy: 2 * epsilon, prescribed: (true, true), from: vector("f")?.map { 2 * $0 },
          vector("g")?.map { 2 * $0 })
    }
    // The solver's gap is a fraction of the product plan's quadratic part and of what is paid of |M|.
    let product = Matrix(outer: a, b).map { $0 / mass }
    let begin = alpha * gromovWassersteinByDefinition(d1, d2, product, kernel: kernel)
    if isSemiRelaxed {
      return faults + improvableByRows(gradient, plan, a, b, atLeast: begin + 1e-6 * square * (1 + square) * mass * mass)
    }
    return try faults + improvable(gradient, plan, a, b, atLeast: begin + 1e-6 * square * (1 + square) * mass * mass)
  }

  /// The change of Σ K (D1 − D2)² P P per unit of mass at (i, j), for matrices that need not be symmetric.
  static func pull(_ d1: Matrix, _ d2: Matrix, _ plan: Matrix, _ i: Int, _ j: Int, kernel: Matrix?) -> Double {
    var sum = 0.0
    for k in 0..<plan.rows {
      for l in 0..<plan.columns where plan[k, l] != 0 {
        let (out, back) = (d1[i, k] - d2[j, l], d1[k, i] - d2[l, j])
        sum += plan[k, l] * ((kernel?[i, k] ?? 1) * out * out + (kernel?[k, i] ?? 1) * back * back)
      }
    }
    return sum
  }

  /// Whether another plan of the same marginals is worth less to first order.
  func improvable(
    _ gradient: Matrix, _ plan: Matrix, _ a: [Double], _ b: [Double], atLeast begin: Double = 0
  ) throws -> [String] {
    let best = try exactOracle(gradient, a, b)
    let gap = dot(gradient, plan) - best.value
    let scale = dot(gradient.map(abs), plan) + dot(gradient.map(abs), best.plan) + begin
    return gap <= 1e-6 * scale ? [] : ["it says converged, but a step would gain \(gap) of \(scale)"]
  }

  /// The same where only the rows' sums are prescribed.
  private func improvableByRows(
    _ gradient: Matrix, _ plan: Matrix, _ a: [Double], _ b: [Double], atLeast begin: Double
  ) -> [String] {
    var (best, size) = (0.0, 0.0)
    for i in 0..<plan.rows where a[i] > 0 {
      let row = plan.columnSums.indices.filter { b[$0] > 0 }.map { gradient[i, $0] }
      best += a[i] * (row.min() ?? 0)
      size += a[i] * abs(row.min() ?? 0)
    }
    let gap = dot(gradient, plan) - best
    let scale = dot(gradient.map(abs), plan) + size + begin
    return gap <= 1e-6 * scale ? [] : ["it says converged, but a step would gain \(gap) of \(scale)"]
  }
}
