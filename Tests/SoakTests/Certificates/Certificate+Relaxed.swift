import Foundation
import LinearAlgebra

extension Certificate {
  /// Whether a plan is away from where gradient + entropy · log(P/(a⊗b)) vanishes, but for multipliers of prescribed
  /// marginals: in the mean over its mass, as a relative change of the plan.
  ///
  /// `entropy` is what log P is multiplied by in the gradient.
  func unstationary(
    _ gradient: Matrix, of plan: Matrix, _ a: [Double], _ b: [Double], entropy: Double, prescribed: (Bool, Bool),
    from f: [Double]?,
    _ g: [Double]?, name: String = "plan", rounded: Double = 0
  ) -> [String] {
    let mass = plan.elements.reduce(0, +)
    // A plan may lose all its mass to penalties, and nowhere else.
    guard mass > 0 else { return prescribed == (false, false) ? [] : ["it says converged, but \(name) has no mass"] }
    let pull = Matrix(rows: plan.rows, columns: plan.columns) { i, j in
      plan[i, j] > 0 ? gradient[i, j] + entropy * (log(plan[i, j]) - log(a[i]) - log(b[j])) : 0
    }
    var (f, g) = (f ?? [Double](repeating: 0, count: a.count), g ?? [Double](repeating: 0, count: b.count))
    f = f.map { prescribed.0 && $0.isFinite ? $0 : 0 }
    g = g.map { prescribed.1 && $0.isFinite ? $0 : 0 }
    let (rows, columns) = (plan.rowSums, plan.columnSums)
    for _ in 0..<(prescribed.0 && prescribed.1 ? 100 : prescribed.0 || prescribed.1 ? 1 : 0) {
      if prescribed.0 {
        for i in f.indices where rows[i] > 0 {
          f[i] = (0..<g.count).reduce(0) { $0 + plan[i, $1] / rows[i] * (pull[i, $1] - g[$1]) }
        }
      }
      if prescribed.1 {
        for j in g.indices where columns[j] > 0 {
          g[j] = (0..<f.count).reduce(0) { $0 + plan[$1, j] / columns[j] * (pull[$1, j] - f[$1]) }
        }
      }
    }
    var error = 0.0
    for i in f.indices { for j in g.indices { error += plan[i, j] / mass * abs(pull[i, j] - f[i] - g[j]) } }
    let rounding = 1e-12 * Self.largest(gradient) + rounded
    return error <= 1e-3 * entropy + rounding
      ? [] : ["it says converged, but the condition on \(name) is missed by \(error / entropy) of the entropy's weight"]
  }

  /// The derivative of ρ D(p⊗q | a⊗c) by p, q being another measure and c its weights; nothing where ρ is 0 or ∞.
  private func penalty(_ rho: Double, _ p: [Double], _ a: [Double], _ q: [Double], _ c: [Double]) -> [Double] {
    guard rho > 0, rho < .infinity else { return p.map { _ in 0 } }
    if setting("penalty") == "l2" { return zip(p, a).map { rho * ($0 * paired(q, q) - $1 * paired(q, c)) } }
    let constant = zip(q, c).reduce(0) { $0 + ($1.0 > 0 ? $1.0 * (log($1.0) - log($1.1)) : 0) }
    let mass = q.reduce(0, +)
    return zip(p, a).map { $0 > 0 ? rho * (mass * (log($0) - log($1)) + constant) : 0 }
  }

  /// One side of the bi-convex problem: the gradient by P of F(P, Q) without the part ε m(Q) log P, where `pull` is
  /// that of the data.
  func relaxedGradient(
    _ pull: Matrix, epsilon: Double, _ plan: Matrix, _ a: [Double], _ b: [Double], other: Matrix, _ c: [Double],
    _ d: [Double]
  ) -> Matrix {
    let rho = (numericSetting("rho1") ?? .infinity, numericSetting("rho2") ?? .infinity)
    let rows = penalty(rho.0, plan.rowSums, a, other.rowSums, c)
    let columns = penalty(rho.1, plan.columnSums, b, other.columnSums, d)
    let entropy =
      epsilon == 0
      ? 0
      : other.elements.indices.reduce(0) { sum, index in
        let mass = other.elements[index]
        return sum + (mass > 0 ? mass * (log(mass) - log(c[index / d.count]) - log(d[index % d.count])) : 0)
      }
    return Matrix(rows: plan.rows, columns: plan.columns) { pull[$0, $1] + rows[$0] + columns[$1] + epsilon * entropy }
  }

  /// Whether a plan without entropy is away from where its gradient is 0 on its pairs and not negative elsewhere, but
  /// for multipliers of prescribed marginals: by more than a thousandth of what the gradient is made of.
  ///
  /// `data` is the part of the gradient that is not the penalties', `least` what else the solver measures by.
  func unsettled(
    _ gradient: Matrix, data: Matrix, of plan: Matrix, _ a: [Double], _ b: [Double], from f: [Double]?, _ g: [Double]?,
    name: String = "plan", least: Double
  ) -> [String] {
    let (rows, columns) = (plan.rowSums, plan.columnSums)
    let mass = rows.reduce(0, +)
    guard mass > 0 else { return ["it says converged, but \(name) has no mass"] }
    let isSquared = setting("penalty") == "l2"
    var (error, gain, size) = (0.0, 0.0, 0.0)
    for i in a.indices {
      for j in b.indices where isSquared || (a[i] > 0 && b[j] > 0) {
        let slope = gradient[i, j] - (prescribed.0 ? f?[i] ?? 0 : 0) - (prescribed.1 ? g?[j] ?? 0 : 0)
        error += plan[i, j] * abs(slope)
        size += plan[i, j] * (abs(data[i, j]) + abs(gradient[i, j] - data[i, j]))
        if slope < 0 { gain = max(gain, -slope * min(rows[i], columns[j])) }
      }
    }
    // Gains of a part in 1e9 are of second order in the gradient.
    let scale = size + 0.1 * least
    return max(error, gain) <= 1e-3 * scale + 1e-290
      ? [] : ["it says converged, but the condition on \(name) is missed by \(error) and \(gain) of \(scale)"]
  }

  /// What penalties are made of where plans have the mass of their weights: gains are measured by no less, and rounding
  /// by as much.
  func penaltySize(_ first: (source: [Double], target: [Double]), _ second: (source: [Double], target: [Double]))
    -> Double
  {
    [("rho1", first.source, second.source), ("rho2", first.target, second.target)].reduce(0) { sum, side in
      guard let rho = numericSetting(side.0), rho.isFinite else { return sum }
      let (a, c) = (side.1, side.2)
      return sum + rho * (setting("penalty") == "l2" ? paired(a, a) * paired(c, c) : a.reduce(0, +) * c.reduce(0, +))
    }
  }

  var prescribed: (Bool, Bool) {
    (numericSetting("rho1") ?? .infinity == .infinity, numericSetting("rho2") ?? .infinity == .infinity)
  }

  /// How far derivatives of penalties may be off, a unit of mass, where marginals are right to 1e-8.
  var finitePrices: Double { 1e-8 * ["rho1", "rho2"].compactMap(numericSetting).filter(\.isFinite).reduce(0, +) }
}
