import Foundation
import LinearAlgebra
import OptimalTransport
import TestSupport

extension Certificate {
  /// Exact plans: marginals, and potentials below the cost everywhere that are worth as much as the plan. Without potentials (on the circle) the
  /// network simplex, whose own certificate is looked at here as well, must find the same value.
  var exactTransport: [String] {
    guard let plan = matrices["plan"], var cost = cost(), let value = number("value") else { return ["plan, cost or value is missing"] }
    // Where turns are beyond the digits of a position, it has none on the circle.
    if let length = numericSetting("circumference"), let x = given("X"), let y = given("Y"), given("C") == nil {
      if square > 1e12 * length * length { return [] }
      let exponent = setting("metric") == "euclidean" ? 1.0 : 2
      cost = Matrix(rows: x.rows, columns: y.rows) { i, j in
        let way = abs(x[i, 0] - y[j, 0]).truncatingRemainder(dividingBy: length)
        return pow(min(way, length - way), exponent)
      }
    }
    let (a, b) = balancedWeights(cost.rows, cost.columns)
    let mass = a.reduce(0, +)
    let scale = Self.largest(cost) * mass
    if zip(cost.elements, plan.elements).contains(where: { $0 == .infinity && $1 > 0 }) { return ["a forbidden pair has mass"] }
    var faults = missed(plan, a, b)
    if let f = vector("f"), let g = vector("g") {
      let paid = dot(cost.map(abs), plan)
      faults += differs("value", from: dot(cost, plan), scale: paid, by: 1e-12)
      faults += exceeded(cost, f, g, plan)
      // What counts as no mass in the plan may count in the sum.
      let dust = zip(a + b, f + g).reduce(0) { $1.0 < 1e-15 * mass ? $0 + $1.0 * abs($1.1) : $0 }
      let dual = paired(f, a) + paired(g, b)
      let terms = paired(f.map(abs), a) + paired(g.map(abs), b)
      if let value = number("value"), abs(dual - value) > 1e-12 * (paid + terms) + 2 * dust {
        faults.append("the dual value \(dual) is not the plan's \(value)")
      }
    } else if let exact = try? NetworkSimplex().solve(LinearProblem(cost: cost, source: a, target: b)) {
      faults += differs("value", from: dot(cost, plan), scale: scale, by: 1e-9, rounded: square * mass)
      if abs(exact.value - value) > 1e-9 * scale + 1e-13 * square * mass {
        faults.append("the value is \(value), but the network simplex finds \(exact.value)")
      }
    }
    return faults
  }

  /// Pairs whose potentials are above the cost, or away from it where there is mass, by more than the rounding of these three numbers.
  private func exceeded(_ cost: Matrix, _ f: [Double], _ g: [Double], _ plan: Matrix) -> [String] {
    for i in f.indices {
      for j in g.indices where cost[i, j] < .infinity {
        let (excess, rounding) = (f[i] + g[j] - cost[i, j], 1e-14 * (abs(f[i]) + abs(g[j]) + abs(cost[i, j])))
        if excess > rounding { return ["the potentials exceed the cost of (\(i), \(j)) by \(excess)"] }
        if plan[i, j] > 0, excess < -rounding { return ["(\(i), \(j)) has mass, but costs \(-excess) more than its potentials"] }
      }
    }
    return []
  }

  /// Entropic plans, balanced or not: the primal value by its definition lies above the dual value of any potentials, and at the solution they meet.
  var entropicTransport: [String] {
    guard let plan = matrices["plan"], let cost = cost(), let f = vector("f"), let g = vector("g"), var epsilon = numericSetting("epsilon")
    else { return ["plan, cost or potentials are missing"] }
    if setting("epsilonUnit") == "largest-cost", Self.largest(cost) > 0 { epsilon *= Self.largest(cost) }
    let rho = (numericSetting("rho1") ?? .infinity, numericSetting("rho2") ?? .infinity)
    let isBalanced = rho.0 == .infinity && rho.1 == .infinity
    let (a, b) = isBalanced ? balancedWeights(cost.rows, cost.columns) : (weights("a", cost.rows), weights("b", cost.columns))
    var primal = dot(cost, plan) + epsilon * relativeEntropyByDefinition(plan, a, b)
    var faults: [String] = []
    for (rho, sums, weights) in [(rho.0, plan.rowSums, a), (rho.1, plan.columnSums, b)] {
      if rho == .infinity {
        let error = zip(sums, weights).map { abs($0 - $1) }.reduce(0, +) / weights.reduce(0, +)
        if !(error < 1e-6) { faults.append("it says converged, but a prescribed marginal is missed by \(error) of the mass") }
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
      for j in b.indices where b[j] > 0 { dual -= epsilon * a[i] * b[j] * (exp((f[i] + g[j] - cost[i, j]) / epsilon) - 1) }
    }
    // What the sums above are made of, whose last digits are lost in them.
    let scale =
      abs(primal) + dot(cost.map(abs), plan) + epsilon * a.reduce(0, +) * b.reduce(0, +) + abs(paired(f, a)) + abs(paired(g, b))
    let rounded =
      square * plan.elements.reduce(0, +) + [(rho.0, a), (rho.1, b)].reduce(0) { $0 + ($1.0.isFinite ? $1.0 * $1.1.reduce(0, +) : 0) }
    if isBalanced, isBelowRounding(epsilon, f, g) {
      faults += missesOptimum(cost, plan, a, b, epsilon)
    } else if !(primal - dual <= 1e-6 * scale + 1e-13 * rounded) {
      faults.append("it says converged, but between \(primal) and the dual \(dual) is a gap")
    }
    let name = solver == "divergence" ? "transport_value" : "value"
    faults += differs(name, from: primal, scale: scale, rounded: rounded)
    if solver == "divergence", let value = number("value"), value < -1e-6 * scale - 1e-13 * rounded {
      faults.append("the divergence \(value) is negative")
    }
    return faults
  }

  /// Whether ε is less than what potentials as doubles are rounded by, so that no dual value can be formed of them.
  private func isBelowRounding(_ epsilon: Double, _ f: [Double], _ g: [Double]) -> Bool {
    epsilon < 1e-13 * (f + g).reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
  }

  /// At such an ε a plan costs what the best one does, but for the entropy's share.
  private func missesOptimum(_ cost: Matrix, _ plan: Matrix, _ a: [Double], _ b: [Double], _ epsilon: Double) -> [String] {
    guard let exact = try? NetworkSimplex().solve(LinearProblem(cost: cost, source: a, target: b)) else { return [] }
    let paid = cost.elements.indices.reduce(0) { $0 + (plan.elements[$1] > 0 ? cost.elements[$1] * plan.elements[$1] : 0) }
    let entropy = epsilon * a.reduce(0, +) * log(Double(cost.elements.count) + 1)
    // What counts as no mass for the exact plan may cost something.
    let dust = (a + b).filter { $0 < 1e-15 * a.reduce(0, +) }.reduce(0, +) * Self.largest(cost)
    return abs(paid - exact.value) <= 1e-6 * abs(exact.value) + 2 * (entropy + dust)
      ? [] : ["it says converged, but its plan costs \(paid), and the best \(exact.value)"]
  }

  /// The barycenter's mass, and, where plain Sinkhorn iterations come to rest, that the mean of the potentials towards the measures is constant.
  var barycenter: [String] {
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
    guard let largest = cost.elements.max(), largest <= 8 * epsilon else { return [] }
    let shares = self.weights("weights", measures.rows)
    var mean = [Double](repeating: 0, count: weights.count)
    for s in 0..<measures.rows where shares[s] > 0 {
      let measure = Array(measures[row: s])
      let total = measure.reduce(0, +)
      let a = measure.map { $0 / total }
      let plan = sinkhornByDefinition(cost: cost, a: a, b: weights, epsilon: epsilon, iterations: 300)
      if !missed(plan, a, weights, by: 1e-8).isEmpty { return [] }
      // log P = log u ⊕ log v − C/ε, up to a constant that all v of a measure share.
      guard let row = a.indices.max(by: { a[$0] < a[$1] }) else { return [] }
      for j in weights.indices where weights[j] > 1e-8 {
        mean[j] += shares[s] / shares.reduce(0, +) * (log(plan[row, j]) + cost[row, j] / epsilon)
      }
    }
    let support = weights.indices.filter { weights[$0] > 1e-8 }
    let center = support.reduce(0) { $0 + weights[$1] * mean[$1] } / support.reduce(0) { $0 + weights[$1] }
    let spread = support.reduce(0) { $0 + weights[$1] * abs(mean[$1] - center) }
    return spread < 1e-4 ? [] : ["it says converged, but the mean potential varies by \(spread) ε"]
  }

  func dot(_ x: Matrix, _ y: Matrix) -> Double { paired(x.elements, y.elements) }

  /// Σ x y, where 0 · ∞ is 0.
  func paired(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + ($1.0 == 0 || $1.1 == 0 ? 0 : $1.0 * $1.1) } }
}
