import Foundation
import LinearAlgebra
import TestSupport

extension Certificate {
  /// Which plans compete.
  enum Marginals {
    /// P1 = a and Pᵀ1 = b.
    case prescribed
    /// P1 = a.
    case ofSource
    /// P1 ≤ a and Pᵀ1 ≤ b, with a mass.
    case bounded
  }

  /// (1 − α) ⟨M, P⟩ + α Σ K L(D1, D2) P P over plans with prescribed marginals: marginals, value, and that nothing is
  /// gained to first order, by any vertex or, with entropy, by any change of the plan.
  func gromovWasserstein(_ marginals: Marginals = .prescribed) throws -> [String] {
    guard let plan = matrices["plan"], let d1 = space("D1", "X"), var d2 = space("D2", "Y") else {
      return ["plan or spaces are missing"]
    }
    let (a, b) =
      marginals == .prescribed ? balancedWeights(d1.rows, d2.rows) : (weights("a", d1.rows), weights("b", d2.rows))
    let (isEntropic, loss) = (setting("loss") == "kl", self.loss)
    if isEntropic { d2 = d2.map { max($0, numericSetting("floor") ?? 0) } }
    let features = given("M")
    let alpha = features == nil ? 1 : numericSetting("alpha") ?? 0.5
    var kernel = given("K")
    if let h = numericSetting("bandwidth") {
      let raw = d1.map { exp(-($0 / h) * ($0 / h) / 2) }
      let total = a.reduce(0, +)
      let mean =
        Matrix(outer: a, a).elements.indices.reduce(0) { $0 + a[$1 / a.count] * a[$1 % a.count] * raw.elements[$1] }
        / (total * total)
      kernel = raw.map { $0 / mean }
    }
    let gradient = Matrix(rows: plan.rows, columns: plan.columns) { i, j in
      // Zeros at points without weight are nobody's matter.
      if isEntropic, a[i] == 0 || b[j] == 0 { return 0 }
      // Forbidden pairs stay so at α = 1.
      let price = features?[i, j] ?? 0
      return (price == .infinity ? price : (1 - alpha) * price) + alpha
        * Self.pull(d1, d2, plan, i, j, kernel: kernel, loss: loss)
    }
    let quadratic = gromovWassersteinByDefinition(d1, d2, plan, kernel: kernel, loss: loss)
    let linear = features.map { dot($0, plan) } ?? 0
    let most = min(a.reduce(0, +), b.reduce(0, +))
    let mass = marginals == .bounded ? numericSetting("mass") ?? most : a.reduce(0, +)
    // Logarithms of numbers are no more than a few hundred.
    let size = isEntropic ? 100 * (Self.largest(d1) + Self.largest(d2)) : Self.largest(d1) * Self.largest(d2)
    let scale = dot(gradient.map(abs), plan) + size * mass * mass
    var faults =
      marginals == .bounded
      ? unbounded(plan, a, b, mass) : missed(plan, a, marginals == .ofSource ? plan.columnSums : b)
    if let features, zip(features.elements, plan.elements).contains(where: { $0 == .infinity && $1 > 0 }) {
      return ["a forbidden pair has mass"]
    }
    faults += differs(
      "value", from: (1 - alpha) * linear + alpha * quadratic, scale: scale, by: 1e-6,
      rounded: square * (1 + square) * mass * mass)
    if let epsilon = numericSetting("epsilon"), marginals == .prescribed || setting("step") == "mirror-descent" {
      // Proximal steps tend to plans without entropy, more slowly than their length says.
      if setting("step") == "proximal-point" { return faults }
      return faults
        + unstationary(
          gradient, of: plan, a, b, entropy: 2 * epsilon, prescribed: (true, marginals == .prescribed),
          from: vector("f")?.map { 2 * $0 },
          vector("g")?.map { 2 * $0 })
    }
    // The solver's gap is a fraction of the product plan's quadratic part and of what is paid of |M|.
    let product = Matrix(outer: a, b).map { $0 / b.reduce(0, +) * (mass / a.reduce(0, +)) }
    let begin = alpha * gromovWassersteinByDefinition(d1, d2, product, kernel: kernel, loss: loss)
    let least = begin + 1e-6 * square * (1 + square) * mass * mass
    switch marginals {
    case .prescribed: return try faults + improvable(gradient, plan, a, b, atLeast: least)
    case .ofSource: return faults + improvableByRows(gradient, plan, a, b, atLeast: least)
    case .bounded: return try faults + improvableWithin(gradient, plan, a, b, mass, atLeast: least)
    }
  }

  /// L(D1, D2), as the settings say.
  var loss: (Double, Double) -> Double {
    let isEntropic = setting("loss") == "kl"
    return { x, y in isEntropic ? scalarRelativeEntropy(x, y) : squaredDifference(x, y) }
  }

  /// The change of Σ K L(D1, D2) P P per unit of mass at (i, j), for matrices that need not be symmetric.
  static func pull(
    _ d1: Matrix, _ d2: Matrix, _ plan: Matrix, _ i: Int, _ j: Int, kernel: Matrix?,
    loss: (Double, Double) -> Double = squaredDifference
  ) -> Double {
    var sum = 0.0
    for k in 0..<plan.rows {
      for l in 0..<plan.columns where plan[k, l] != 0 {
        let (out, back) = (loss(d1[i, k], d2[j, l]), loss(d1[k, i], d2[l, j]))
        sum += plan[k, l] * ((kernel?[i, k] ?? 1) * out + (kernel?[k, i] ?? 1) * back)
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

  /// The same where weights bound the sums: a balanced problem between the points and what is left over, weights far
  /// above the mass cut off.
  private func improvableWithin(
    _ gradient: Matrix, _ plan: Matrix, _ a: [Double], _ b: [Double], _ mass: Double, atLeast begin: Double
  ) throws -> [String] {
    let (n, m) = (plan.rows, plan.columns)
    let (rows, columns) = (a.map { min($0, 3 * mass) }, b.map { min($0, 3 * mass) })
    let cost = Matrix(rows: n + 1, columns: m + 1) {
      $0 < n && $1 < m ? gradient[$0, $1] : $0 == n && $1 == m ? .infinity : 0
    }
    let best = try exactOracle(
      cost, rows + [max(0, columns.reduce(0, +) - mass)], columns + [max(0, rows.reduce(0, +) - mass)])
    let gap = dot(gradient, plan) - best.value
    let scale = dot(gradient.map(abs), plan) + dot(cost.map(abs), best.plan) + begin
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
