import Foundation
import LinearAlgebra

extension Certificate {
  /// Whether a plan is away from where gradient + entropy · log(P/(a⊗b)) vanishes, but for multipliers of prescribed marginals: in the mean over its
  /// mass, as a relative change of the plan.
  ///
  /// `entropy` is what log P is multiplied by in the gradient.
  func unstationary(
    _ gradient: Matrix, of plan: Matrix, _ a: [Double], _ b: [Double], entropy: Double, prescribed: (Bool, Bool), from f: [Double]?,
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
        for i in f.indices where rows[i] > 0 { f[i] = (0..<g.count).reduce(0) { $0 + plan[i, $1] / rows[i] * (pull[i, $1] - g[$1]) } }
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

  /// The derivative of ρ KL(p⊗q | a⊗c) by p, q being another measure and c its weights; nothing where ρ is 0 or ∞.
  private static func penalty(_ rho: Double, _ p: [Double], _ a: [Double], _ q: [Double], _ c: [Double]) -> [Double] {
    guard rho > 0, rho < .infinity else { return p.map { _ in 0 } }
    let constant = zip(q, c).reduce(0) { $0 + ($1.0 > 0 ? $1.0 * (log($1.0) - log($1.1)) : 0) }
    let mass = q.reduce(0, +)
    return zip(p, a).map { $0 > 0 ? rho * (mass * (log($0) - log($1)) + constant) : 0 }
  }

  /// One side of the bi-convex problem: the gradient by P of F(P, Q) without the part ε m(Q) log P, where `pull` is that of the data.
  func relaxedGradient(
    _ pull: Matrix, epsilon: Double, _ plan: Matrix, _ a: [Double], _ b: [Double], other: Matrix, _ c: [Double], _ d: [Double]
  ) -> Matrix {
    let rho = (numericSetting("rho1") ?? .infinity, numericSetting("rho2") ?? .infinity)
    let rows = Self.penalty(rho.0, plan.rowSums, a, other.rowSums, c)
    let columns = Self.penalty(rho.1, plan.columnSums, b, other.columnSums, d)
    let entropy = other.elements.indices.reduce(0) { sum, index in
      let mass = other.elements[index]
      return sum + (mass > 0 ? mass * (log(mass) - log(c[index / d.count]) - log(d[index % d.count])) : 0)
    }
    return Matrix(rows: plan.rows, columns: plan.columns) { pull[$0, $1] + rows[$0] + columns[$1] + epsilon * entropy }
  }

  var prescribed: (Bool, Bool) {
    (numericSetting("rho1") ?? .infinity == .infinity, numericSetting("rho2") ?? .infinity == .infinity)
  }

  /// How far derivatives of penalties may be off, a unit of mass, where marginals are right to 1e-8.
  var finitePrices: Double { 1e-8 * ["rho1", "rho2"].compactMap(numericSetting).filter(\.isFinite).reduce(0, +) }
}
