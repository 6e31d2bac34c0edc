import LinearAlgebra
import OptimalTransport

@testable import SolverCatalogue

/// `ccot`.
enum ConicCoOptimalConformance: SolverConformance {
  typealias Solver = ConicCoOptimalSolver

  static let pot: [String] = []
  static let choices = [["X", "Y"]]

  static func faults(_ certificate: Certificate) -> [String] { certificate.conicCoOptimal }
}

/// `cgw`.
enum ConicGromovWassersteinConformance: SolverConformance {
  typealias Solver = ConicGromovWassersteinSolver

  static let pot: [String] = []
  static let choices = [["W1", "W2"], ["E1", "E2"]]

  static func faults(_ certificate: Certificate) -> [String] { certificate.conicGromovWasserstein }

  /// Edges by the nodes that they join, some of which are not there.
  static func values(of name: String, shape: [Int], _ draw: inout AdversarialDraw) -> NumericArray? {
    guard name.hasPrefix("E") else { return nil }
    let nodes = draw.size(name == "E1" ? "n" : "m", of: Self.self) + (draw.isWild ? 1 : 0)
    return NumericArray(
      shape: shape, elements: (0..<shape.reduce(1, *)).map { _ in Double(draw.integer(below: nodes)) })
  }
}

extension Certificate {
  /// Semi-couplings between two tables: masses, the value by its definition, and that another round of sweeps gains
  /// next to nothing.
  fileprivate var conicCoOptimal: [String] {
    guard let p = semiCoupling("P0", "P1"), let q = semiCoupling("Q0", "Q1"), let x = given("X"), let y = given("Y"),
      let delta = numericSetting("delta")
    else { return ["a semi-coupling, a table or δ is missing"] }
    let (a, b) = (weights("a", p.0.rows), weights("b", p.0.columns))
    let terms = conic(x, y, delta, nodes: (p, a, b), columns: (q, weights("c", q.0.rows), weights("d", q.0.columns)))
    let gain =
      2 * delta * delta * (paired(terms.pull.elements, swept(terms.pull, p.1, a, b).elements) - terms.similarity)
    return gain <= 1e-4 * terms.value + terms.rounding
      ? terms.faults : terms.faults + ["it says converged, but ten sweeps gain \(gain) of \(terms.value)"]
  }

  /// The same between two networks, of one semi-coupling; the relaxed problem's value lies below.
  fileprivate var conicGromovWasserstein: [String] {
    guard let p = semiCoupling("P0", "P1"), let x = network("W1", "E1", p.0.rows),
      let y = network("W2", "E2", p.0.columns),
      let delta = numericSetting("delta"), let lower = number("lower_value"), let upper = number("value")
    else { return ["a semi-coupling, a network, δ or a value is missing"] }
    let side = (p, weights("a", p.0.rows), weights("b", p.0.columns))
    let terms = conic(x, y, delta, nodes: side, columns: side)
    return lower <= upper + terms.rounding
      ? terms.faults : terms.faults + ["the lower value \(lower) lies above the upper \(upper)"]
  }

  private func semiCoupling(_ first: String, _ second: String) -> (Matrix, Matrix)? {
    matrices[first].flatMap { half in matrices[second].map { (half, $0) } }
  }

  private typealias Side = (coupling: (Matrix, Matrix), a: [Double], b: [Double])

  private struct ConicTerms {
    /// What a unit of the nodes' semi-coupling is worth.
    let pull: Matrix
    let similarity: Double
    let value: Double
    /// What values are right to.
    let rounding: Double
    let faults: [String]
  }

  private func conic(_ x: Matrix, _ y: Matrix, _ delta: Double, nodes: Side, columns: Side) -> ConicTerms {
    let q = roots(columns.coupling.0, columns.coupling.1)
    let p = roots(nodes.coupling.0, nodes.coupling.1)
    var pull = Matrix(rows: p.rows, columns: p.columns)
    for i in 0..<p.rows {
      for j in 0..<p.columns {
        for k in 0..<q.rows {
          for l in 0..<q.columns {
            pull[i, j] += kernel(abs(x[i, k] - y[j, l]) / delta, isCosineByDefault: false) * q[k, l]
          }
        }
      }
    }
    let (first, second) = (nodes.a.reduce(0, +) * columns.a.reduce(0, +), nodes.b.reduce(0, +) * columns.b.reduce(0, +))
    let similarity = paired(pull.elements, p.elements)
    let value = delta * delta * (first + second - 2 * similarity)
    let (scale, tolerance) = (delta * delta * (first + second), 1e-9 + 3 * (number("kernel_error") ?? 0))
    let faults =
      overfull(nodes.coupling.0, nodes.coupling.1, nodes.a, nodes.b, "the coupling of nodes")
      + overfull(columns.coupling.0, columns.coupling.1, columns.a, columns.b, "the coupling of columns")
      + differs("value", from: value, scale: scale, by: tolerance)
    return ConicTerms(pull: pull, similarity: similarity, value: value, rounding: tolerance * scale, faults: faults)
  }

  private func network(_ values: String, _ edges: String, _ nodes: Int) -> Matrix? {
    if let network = given(values) { return network }
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
}
