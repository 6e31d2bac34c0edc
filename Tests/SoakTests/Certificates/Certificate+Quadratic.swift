import Foundation
import LinearAlgebra
import OptimalTransport
import TestSupport

extension Certificate {
  /// (1 − α) ⟨M, P⟩ + α Σ K (D1 − D2)² P P over plans with prescribed marginals: marginals, value, and that nothing is gained to first order, by
  /// any vertex or, with entropy, by any change of the plan.
  var gromovWasserstein: [String] {
    guard let plan = matrices["plan"], let d1 = space("D1", "X"), let d2 = space("D2", "Y") else { return ["plan or spaces are missing"] }
    let isSemiRelaxed = solver == "semi-relaxed-gw"
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
    return faults + improvable(gradient, plan, a, b, atLeast: begin + 1e-6 * square * (1 + square) * mass * mass)
  }

  /// The change of Σ K (D1 − D2)² P P per unit of mass at (i, j), for matrices that need not be symmetric.
  private static func pull(_ d1: Matrix, _ d2: Matrix, _ plan: Matrix, _ i: Int, _ j: Int, kernel: Matrix?) -> Double {
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
  private func improvable(
    _ gradient: Matrix, _ plan: Matrix, _ a: [Double], _ b: [Double], atLeast begin: Double = 0
  ) -> [String] {
    let best: ExactSolution
    // In a unit of its own: the oracle takes no costs beyond 1e150.
    let unit = max(1, gradient.elements.reduce(0) { $1 < .infinity ? max($0, abs($1)) : $0 })
    // Sums that rounding to single precision has made differ are those of the first side, as solvers take them.
    let (first, second) = (a.reduce(0, +), b.reduce(0, +))
    let target = abs(first - second) <= 1e-6 * first ? b.map { $0 * (first / second) } : b
    do { best = try NetworkSimplex().solve(LinearProblem(cost: gradient.map { $0 / unit }, source: a, target: target)) } catch {
      return ["the oracle fails: \(error)"]
    }
    let gap = dot(gradient, plan) - unit * best.value
    let scale = dot(gradient.map(abs), plan) + dot(gradient.map(abs), best.coupling.plan) + begin
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

  /// Whether a plan is away from where gradient + entropy · log(P/(a⊗b)) vanishes, but for multipliers of prescribed marginals: in the mean over its
  /// mass, as a relative change of the plan.
  ///
  /// - Parameter entropy: what log P is multiplied by in the gradient.
  private func unstationary(
    _ gradient: Matrix, of plan: Matrix, _ a: [Double], _ b: [Double], entropy: Double, prescribed: (Bool, Bool), from f: [Double]?,
    _ g: [Double]?, name: String = "plan", rounded: Double = 0
  ) -> [String] {
    let mass = plan.elements.reduce(0, +)
    guard mass > 0 else { return [] }
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

  /// The largest finite element.
  static func largest(_ matrix: Matrix) -> Double { matrix.elements.reduce(0) { $1 < .infinity ? max($0, abs($1)) : $0 } }

  /// The derivative of ρ KL(p⊗q | a⊗c) by p, q being another measure and c its weights; nothing where ρ is 0 or ∞.
  private static func penalty(_ rho: Double, _ p: [Double], _ a: [Double], _ q: [Double], _ c: [Double]) -> [Double] {
    guard rho > 0, rho < .infinity else { return p.map { _ in 0 } }
    let constant = zip(q, c).reduce(0) { $0 + ($1.0 > 0 ? $1.0 * (log($1.0) - log($1.1)) : 0) }
    let mass = q.reduce(0, +)
    return zip(p, a).map { $0 > 0 ? rho * (mass * (log($0) - log($1)) + constant) : 0 }
  }

  /// One side of the bi-convex problem: the gradient by P of F(P, Q) without the part ε m(Q) log P, where `pull` is that of the data.
  private func relaxedGradient(
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

  private var prescribed: (Bool, Bool) {
    (numericSetting("rho1") ?? .infinity == .infinity, numericSetting("rho2") ?? .infinity == .infinity)
  }

  /// How far derivatives of penalties may be off, a unit of mass, where marginals are right to 1e-8.
  private var finitePrices: Double { 1e-8 * ["rho1", "rho2"].compactMap(numericSetting).filter(\.isFinite).reduce(0, +) }

  /// F(π, π) of unbalanced Gromov–Wasserstein transport: half of its gradient vanishes.
  var unbalancedGromovWasserstein: [String] {
    guard let plan = matrices["plan"], let d1 = space("D1", "X"), let d2 = space("D2", "Y"), let epsilon = numericSetting("epsilon") else {
      return ["plan, spaces or ε are missing"]
    }
    let isSemiRelaxed = solver == "semi-relaxed-gw"
    let (a, b) = isSemiRelaxed ? (weights("a", d1.rows), weights("b", d2.rows)) : balancedWeights(d1.rows, d2.rows)
    let features = given("M")
    let alpha = features == nil ? 1 : numericSetting("alpha") ?? 0.5
    let mass = plan.elements.reduce(0, +)
    let linear = features.map { dot($0, plan) } ?? 0
    let isWeighted = setting("featureTerm") != "unweighted"
    let pull = Matrix(rows: plan.rows, columns: plan.columns) { i, j in
      alpha / 2 * Self.pull(d1, d2, plan, i, j, kernel: nil) + (1 - alpha) / 2
        * (isWeighted ? linear + mass * (features?[i, j] ?? 0) : features?[i, j] ?? 0)
    }
    let gradient = relaxedGradient(pull, epsilon: epsilon, plan, a, b, other: plan, a, b)
    let quadratic = gromovWassersteinByDefinition(d1, d2, plan)
    return differs(
      "quadratic_value", from: quadratic, scale: quadratic + Self.largest(pull) * mass, by: 1e-6,
      rounded: square * (1 + square) * mass * mass)
      + unstationary(
        gradient, of: plan, a, b, entropy: epsilon * mass, prescribed: prescribed, from: vector("f"), vector("g"),
        rounded: finitePrices * mass)
  }

  private struct CoOptimalParts {
    let samples: (plan: Matrix, a: [Double], b: [Double], pull: Matrix)
    let features: (plan: Matrix, a: [Double], b: [Double], pull: Matrix)
  }

  private var coOptimalParts: CoOptimalParts? {
    guard let p = matrices["sample_plan"], let q = matrices["feature_plan"], let x = given("X"), let y = given("Y") else { return nil }
    var (samples, features) = (Matrix(rows: p.rows, columns: p.columns), Matrix(rows: q.rows, columns: q.columns))
    for i in 0..<p.rows {
      for j in 0..<p.columns {
        for k in 0..<q.rows {
          for l in 0..<q.columns {
            let square = (x[i, k] - y[j, l]) * (x[i, k] - y[j, l])
            samples[i, j] += square * q[k, l]
            features[k, l] += square * p[i, j]
          }
        }
      }
    }
    return CoOptimalParts(
      samples: (p, weights("a", x.rows), weights("b", y.rows), samples),
      features: (q, weights("c", x.columns), weights("d", y.columns), features))
  }

  /// Neither plan can be improved for the other.
  var coOptimal: [String] {
    guard let parts = coOptimalParts else { return ["a plan or table is missing"] }
    let scale = Self.largest(parts.samples.pull) * parts.samples.a.reduce(0, +)
    var faults = differs(
      "value", from: dot(parts.samples.pull, parts.samples.plan), scale: scale, by: 1e-6, rounded: square * parts.samples.a.reduce(0, +))
    for (name, key, side) in [("samples", "sampleEpsilon", parts.samples), ("features", "featureEpsilon", parts.features)] {
      faults += missed(side.plan, side.a, side.b)
      let epsilon = numericSetting(key) ?? 0
      // Samples answer the features before the last half step, up to the tolerance on the objective.
      if epsilon == 0 {
        faults += improvable(side.pull, side.plan, side.a, side.b).map { "\(name): \($0)" }
      } else if name == "features" {
        faults += unstationary(
          side.pull, of: side.plan, side.a, side.b, entropy: epsilon, prescribed: (true, true), from: vector("f_features"),
          vector("g_features"), name: name)
      }
    }
    return faults
  }

  var unbalancedCoOptimal: [String] {
    guard let parts = coOptimalParts, let epsilon = numericSetting("epsilon") else { return ["a plan, a table or ε is missing"] }
    var faults: [String] = []
    for (name, side, other) in [("samples", parts.samples, parts.features), ("features", parts.features, parts.samples)] {
      let gradient = relaxedGradient(
        side.pull, epsilon: epsilon, side.plan, side.a, side.b, other: other.plan, other.a, other.b)
      faults += unstationary(
        gradient, of: side.plan, side.a, side.b, entropy: epsilon * other.plan.elements.reduce(0, +), prescribed: prescribed,
        from: vector("f_\(name)"), vector("g_\(name)"), name: name, rounded: finitePrices * other.plan.elements.reduce(0, +))
    }
    return faults
  }

  /// Plans along the edges of a tree: each keeps what is prescribed at its ends, and edges that meet agree.
  var tree: [String] {
    let plans = (0..<10).compactMap { matrices["plan\($0)"] }
    let mass = plans.first.map { $0.elements.reduce(0, +) } ?? 0
    guard mass > 0 else { return ["it says converged without mass"] }
    var faults: [String] = []
    func agree(_ sums: [Double], _ weights: [Double], _ what: String) {
      let error = zip(sums, weights).map { abs($0 - $1) }.reduce(0, +) / mass
      if !(error < 1e-4) || sums.count != weights.count { faults.append("it says converged, but \(what) differ by \(error) of the mass") }
    }
    for (edge, plan) in plans.enumerated() {
      if solver == "tree-gw" {
        guard let first = vector("marginal\(edge)"), let second = vector("marginal\(edge + 1)") else { return ["a marginal is missing"] }
        agree(plan.rowSums, first, "rows of plan \(edge) and their node")
        agree(plan.columnSums, second, "columns of plan \(edge) and their node")
        if edge == 0, let a = problem.array("a0")?.elements { agree(first, a, "node 0 and its weights") }
        if let a = problem.array("a\(edge + 1)")?.elements { agree(second, a, "node \(edge + 1) and its weights") }
        if let d1 = space("D\(edge)", "X\(edge)"), let d2 = space("D\(edge + 1)", "X\(edge + 1)") {
          let distortion = gromovWassersteinByDefinition(d1, d2, plan)
          // Distances are lessened by their mean over all nodes.
          let largest = isSquared(byDefault: false) ? square : square.squareRoot()
          let scale = distortion + largest * largest * mass * mass
          faults += differs("distortion\(edge)", from: distortion, scale: scale, by: 1e-5)
        }
      } else {
        agree(plan.rowSums, vector("barycenter") ?? [], "rows of plan \(edge) and the barycenter")
        guard setting("rho") == nil, let images = problem.array("A"), let pixels = vector("pixels\(edge)") else { continue }
        let size = images.elements.count / images.shape[0]
        let image = images.elements[edge * size..<(edge + 1) * size]
        let total = image.reduce(0, +)
        agree(plan.columnSums, pixels.map { image[edge * size + Int($0)] / total }, "columns of plan \(edge) and the image")
      }
    }
    return faults
  }
}
