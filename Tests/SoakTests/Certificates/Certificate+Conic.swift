import Foundation
import LinearAlgebra
import OptimalTransport

extension Certificate {
  /// Ω(z), the kernel as the settings say.
  private func kernel(_ z: Double, isCosineByDefault: Bool) -> Double {
    let isCosine = setting("kernel").map { $0 == "cosine" } ?? isCosineByDefault
    return isCosine ? cos(min(z, .pi / 2)) : exp(-z * z / 2)
  }

  /// Rows of P0 and columns of P1 hold no more than there is.
  private func overfull(_ first: Matrix, _ second: Matrix, _ a: [Double], _ b: [Double], _ name: String) -> [String] {
    let excess = zip(first.rowSums, a).map { $0 - $1 }.reduce(0) { max($0, $1) } / a.reduce(0, +)
    let other = zip(second.columnSums, b).map { $0 - $1 }.reduce(0) { max($0, $1) } / b.reduce(0, +)
    return max(excess, other) <= 1e-9 ? [] : ["\(name) holds \(max(excess, other)) more than the mass there is"]
  }

  private func roots(_ first: Matrix, _ second: Matrix) -> Matrix {
    Matrix(rows: first.rows, columns: first.columns) { first[$0, $1].squareRoot() * second[$0, $1].squareRoot() }
  }

  /// Semi-couplings between two tables or networks: masses, the value by its definition, and that another round of sweeps gains next to nothing.
  var conicGromovWasserstein: [String] {
    let isNetwork = solver == "cgw"
    guard let p0 = matrices["P0"], let p1 = matrices["P1"], let q0 = isNetwork ? p0 : matrices["Q0"],
      let q1 = isNetwork ? p1 : matrices["Q1"], let delta = numericSetting("delta"), let x = table("X", "W1", "E1", p0.rows),
      let y = table("Y", "W2", "E2", p0.columns)
    else { return ["a semi-coupling or a table is missing"] }
    let (a, b) = (weights("a", p0.rows), weights("b", p0.columns))
    let (c, d) = isNetwork ? (a, b) : (weights("c", q0.rows), weights("d", q0.columns))
    let q = roots(q0, q1)
    var pull = Matrix(rows: p0.rows, columns: p0.columns)
    for i in 0..<p0.rows {
      for j in 0..<p0.columns {
        for k in 0..<q.rows {
          for l in 0..<q.columns { pull[i, j] += kernel(abs(x[i, k] - y[j, l]) / delta, isCosineByDefault: false) * q[k, l] }
        }
      }
    }
    let (first, second) = (a.reduce(0, +) * c.reduce(0, +), b.reduce(0, +) * d.reduce(0, +))
    let similarity = paired(pull.elements, roots(p0, p1).elements)
    let scale = delta * delta * (first + second)
    let value = delta * delta * (first + second - 2 * similarity)
    let tolerance = 1e-9 + 3 * (number("kernel_error") ?? 0)
    var faults = overfull(p0, p1, a, b, "the coupling of nodes") + overfull(q0, q1, c, d, "the coupling of columns")
    faults += differs("value", from: value, scale: scale, by: tolerance)
    if isNetwork, let lower = number("lower_value"), let upper = number("value"), lower > upper + tolerance * scale {
      faults.append("the lower value \(lower) lies above the upper \(upper)")
    }
    if !isNetwork {
      let better = swept(pull, p1, a, b)
      let gain = 2 * delta * delta * (paired(pull.elements, better.elements) - similarity)
      if gain > 1e-4 * value + tolerance * scale { faults.append("it says converged, but ten sweeps gain \(gain) of \(value)") }
    }
    return faults
  }

  private func table(_ values: String, _ network: String, _ edges: String, _ nodes: Int) -> Matrix? {
    if solver == "ccot" { return given(values) }
    if let network = given(network) { return network }
    guard let pairs = given(edges) else { return nil }
    var adjacency = Matrix(rows: nodes, columns: nodes)
    for row in 0..<pairs.rows {
      let (i, j) = (Int(pairs[row, 0]), Int(pairs[row, 1]))
      adjacency[i, j] = 1
      if setting("directed") != "true" { adjacency[j, i] = 1 }
    }
    return adjacency
  }

  /// √(P0 P1) after ten sweeps with the pull M held: P0 ∝ M² P1 in each row, P1 ∝ M² P0 in each column.
  private func swept(_ pull: Matrix, _ start: Matrix, _ a: [Double], _ b: [Double]) -> Matrix {
    let squares = pull.map { max($0, 0) * max($0, 0) }
    var (p0, p1) = (start, start)
    for _ in 0..<10 {
      for i in 0..<p0.rows {
        let sum = (0..<p0.columns).reduce(0) { $0 + squares[i, $1] * p1[i, $1] }
        for j in 0..<p0.columns { p0[i, j] = sum > 0 ? a[i] * (squares[i, j] * p1[i, j] / sum) : 0 }
      }
      for j in 0..<p0.columns {
        let sum = (0..<p0.rows).reduce(0) { $0 + squares[$1, j] * p0[$1, j] }
        for i in 0..<p0.rows { p1[i, j] = sum > 0 ? b[j] * (squares[i, j] * p0[i, j] / sum) : 0 }
      }
    }
    return roots(p0, p1)
  }

  /// Transport on the cone: masses, the value by its definition, and a bound from potentials f g ≥ Ω²/4 drawn from the semi-coupling itself.
  var coneTransport: [String] {
    guard let p0 = matrices["P0"], let p1 = matrices["P1"], let delta = numericSetting("delta"), let gap = number("gap") else {
      return ["the semi-coupling or the gap is missing"]
    }
    guard
      let distances = given("D") ?? given("X").flatMap({ x in given("Y").map { Self.distances(x, $0, isSquared: false) } })
    else { return ["the distances are missing"] }
    let (a, b) = (weights("a", p0.rows), weights("b", p0.columns))
    let omega = distances.map { max(0, kernel($0 / delta, isCosineByDefault: true)) }
    let root = roots(p0, p1)
    let mass = a.reduce(0, +) + b.reduce(0, +)
    let similarity = paired(omega.elements, root.elements)
    let (scale, value) = (delta * delta * mass, delta * delta * (mass - 2 * similarity))
    var faults = overfull(p0, p1, a, b, "the coupling")
    faults += differs("value", from: value, scale: scale, by: 1e-9)
    if gap > 2e-6 * scale { faults.append("it says converged with a gap of \(gap) at \(value)") }
    // Σ a f + Σ b g with f g ≥ Ω²/4 is no less than the largest similarity: f by what each row is worth, g as small as it may be.
    let f = a.indices.map { i in
      a[i] > 0 ? max(1e-12, (0..<b.count).reduce(0) { $0 + omega[i, $1] * (root[i, $1] / a[i]) } / 2) : .infinity
    }
    let g = b.indices.map { j in a.indices.reduce(0) { max($0, a[$1] > 0 ? omega[$1, j] * omega[$1, j] / 4 / f[$1] : 0) } }
    let bound = paired(f.map { $0.isFinite ? $0 : 0 }, a) + paired(g, b)
    if bound - similarity > 1e-2 * mass { faults.append("it says converged at the similarity \(similarity), but the bound is \(bound)") }
    return faults
  }
}
